"""Finished runs in the window: stored, listed, compared, opened, deleted; and capacity runs."""
