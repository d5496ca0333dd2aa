"""The engine of the ZMQ Test Bench: source -> sink -> handler queue -> socket ~~> listener -> ledger. No Qt in here."""

__version__ = "0.1.0"
