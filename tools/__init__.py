"""Programs for developers of the bench: pictures for README and docs."""
