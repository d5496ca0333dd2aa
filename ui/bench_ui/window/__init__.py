"""The main window: its panels and their places, and the parts that fill the panels and do what the user asks for."""
