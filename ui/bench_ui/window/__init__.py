"""The main window, the open document and its run, edits, and the refresh of what is drawn."""
