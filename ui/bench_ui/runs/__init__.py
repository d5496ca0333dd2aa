"""Kept runs: written to the archive and read from it; and measurements of capacity. No widgets."""
