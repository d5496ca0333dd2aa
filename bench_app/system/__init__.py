"""The operating system: atomic file writes, asyncio tasks, scheduling, private folders."""
