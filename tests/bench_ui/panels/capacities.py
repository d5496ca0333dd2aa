"""Capacities of connections with known numbers."""

from __future__ import annotations

from typing import Any

from bench_app.capacity.figures import ConnectionCapacity
from bench_app.capacity.places import Place


def connection(places: list[Place], **changes: Any) -> ConnectionCapacity:
    fields: dict[str, Any] = {
        "handler": "h",
        "listeners": ["l"],
        "socket_type": "PUB",
        "transport": "tcp",
        "verdict": "measured",
        "messages": sum(place.messages for place in places),
        "received": 0,
        "message_bytes": 512.0,
        "queue_size": 1000,
        "send_timeout": 100,
        "send_high_water_mark": 100_000_000,
        "receive_high_water_mark": 1000,
        "places": places,
        "rate": None,
        "fills_in_s": None,
        "step": 1,
        "drops": True,
        "notes": [],
    }
    return ConnectionCapacity(**{**fields, **changes})
