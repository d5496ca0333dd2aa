"""The open document: its edits, saving and undo. No widgets, and no run."""
