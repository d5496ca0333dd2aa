"""Listeners: socket ~~> **listener** -> ledger. This is the registry of their kinds."""

from __future__ import annotations

from bench_app.listeners.kind import ListenerKind
from bench_app.listeners.pull import PULL
from bench_app.listeners.rep import REP
from bench_app.listeners.sub import SUB

LISTENER_KINDS: dict[str, ListenerKind] = {kind.listener_type: kind for kind in (SUB, PULL, REP)}

__all__ = ["LISTENER_KINDS", "ListenerKind"]
