"""What comes from outside the bench: JSON is read within limits, and text is made harmless before it is shown."""
