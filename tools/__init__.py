"""Programs for those who work on the bench: pictures of the window."""
