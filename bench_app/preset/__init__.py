"""Presets: reading and saving files, validation, checks across several keys, defaults, notes, JSON Schema."""
