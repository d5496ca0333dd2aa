"""tracks -> curves -> plots. Drawn on a clock; each plot is one small widget with one ``update``."""
