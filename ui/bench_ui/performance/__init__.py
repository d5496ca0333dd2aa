"""How well the window keeps up: the lag of its event loop, its frames, its processor time."""
