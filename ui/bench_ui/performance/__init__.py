"""How well the window keeps up: loop lag and processor time."""
