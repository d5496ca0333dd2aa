"""Measurements to run by hand: ``make bench``, ``make soak``. Run nothing else on the machine meanwhile."""
