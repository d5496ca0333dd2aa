"""Limits that the session and its workers share."""

from __future__ import annotations

BEAT_NS = 5_000_000
"""The time between two beats of a worker: how late each comes shows whether its process ran."""
LINGER_LIMIT_MS = 10_000
"""How long a handler with an endless linger (-1) waits for its listeners at the end, so that every run ends."""
LINGER_LIMIT_S = LINGER_LIMIT_MS / 1000
