"""Messages as they were received, kept in files: listener -> tap -> **writer process** -> recording -> replay."""
