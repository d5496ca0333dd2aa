"""The operating system: files written whole, asyncio tasks, scheduling, private folders."""
