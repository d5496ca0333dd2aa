"""Listeners: socket ~~> **listener** -> ledger. :mod:`bench_app.handlers` is the registry of both ends."""
