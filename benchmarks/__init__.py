"""Measurements run by hand: ``make bench``, ``make soak``. They need the machine to themselves."""
