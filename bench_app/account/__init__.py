"""What the user's own consumer received, after a run: its file -> **account** -> completed ledger."""
