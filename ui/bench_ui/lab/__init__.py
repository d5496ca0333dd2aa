"""The tuning lab in the window: question -> command with a journal -> picture that fills while the trials run."""
