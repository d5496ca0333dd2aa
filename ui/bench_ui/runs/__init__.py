"""Kept runs: written to the archive, read from it and listed; and measurements of capacity."""
