"""The open document: its edits with undo, and its run. No widgets."""
