"""The compiled data plane: the loops of handlers and listeners without Python. The Python loops do the same, slower."""
