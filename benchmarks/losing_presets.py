"""Presets that lose events, one for each rule of the adviser that no losing preset that ships needs.

Small buffers of the sockets keep the runs short: the connection is full sooner.
"""

from __future__ import annotations

from typing import Any

from bench_app.advice.advice import Rule
from bench_app.preset import documents
from bench_app.preset.documents import Document

_BUFFERS = {"send_buffer": 16384}
_WORKER = {"high_water_mark": 10, "receive_buffer": 16384}


def losing_documents() -> dict[str, tuple[Rule, Document]]:
    """Each preset by its name, with the rule that is to explain its loss."""
    return {name: (rule, documents.parse(raw, name)) for name, (rule, raw) in _LOSING.items()}


def _preset(
    config: dict[str, Any],
    load: dict[str, Any],
    listeners: list[dict[str, Any]],
    *,
    duration_s: float = 5,
    uri: str = "zmq://tcp://127.0.0.1:*",
    handler: dict[str, Any] | None = None,
    timeline: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    source = {"kind": "synthetic", "event": "detection", "size": 1024, "load": load}
    raw: dict[str, Any] = {
        "output": {"handlers": {"h": {"uri": uri, "sink": "events", "enabled": True, "config": config}}},
        "bench": {
            "version": 1,
            "duration_s": duration_s,
            "sources": {"events": source},
            "handlers": {"h": handler or {}},
            "listeners": {"h": listeners},
        },
    }
    if timeline:
        raw["bench"]["timeline"] = timeline
    return raw


def _constant(rate: float) -> dict[str, Any]:
    return {"shape": "constant", "rate": rate}


_PUSH = {"socket_type": "PUSH", "high_water_mark": 10}
_REQ = {"socket_type": "REQ", "request_timeout": 50}
_STALLED = [{"name": "worker", "stall": [1, 3], **_WORKER}]

_LOSING: dict[str, tuple[Rule, dict[str, Any]]] = {
    "few-workers": (
        Rule.TOO_FEW_WORKERS,
        _preset(
            {**_PUSH, "queue_size": 100},
            _constant(500),
            [{"name": f"worker-{number}", "delay_ms": 8, **_WORKER} for number in (1, 2)],
            handler=_BUFFERS,
        ),
    ),
    "queue-overflow": (
        Rule.QUEUE_OVERFLOW,
        _preset({**_PUSH, "queue_size": 200, "send_timeout": -1}, _constant(1000), _STALLED, handler=_BUFFERS),
    ),
    "send-timeout": (
        Rule.SEND_TIMEOUT,
        _preset({**_PUSH, "queue_size": 5000, "send_timeout": 50}, _constant(1000), _STALLED, handler=_BUFFERS),
    ),
    "burst": (
        Rule.BURST,
        _preset(
            {"socket_type": "PUB", "topic": "t", "high_water_mark": 10},
            {"shape": "burst", "rate": 100_000, "events": 3000, "every_s": 2.5},
            [{"name": "viewer", "delay_ms": 0.2, **_WORKER}],
            handler=_BUFFERS,
        ),
    ),
    "slow-service": (
        Rule.REQUEST_TIMEOUT,
        _preset({**_REQ, "retries": 1}, _constant(5), [{"name": "service", "delay_ms": 60}]),
    ),
    "stalled-service": (
        Rule.REQUEST_TIMEOUT,
        _preset({**_REQ, "retries": 3}, _constant(20), [{"name": "service", "stall": [1, 3]}]),
    ),
    "lost-replies": (
        Rule.REQUEST_TIMEOUT,
        _preset({**_REQ, "retries": 1}, _constant(20), [{"name": "service", "drop_replies": 0.4}]),
    ),
    "gave-up": (
        Rule.RECONNECT,
        _preset(
            {"socket_type": "PUSH", "reconnect_interval": 10, "max_reconnect_attempts": 2},
            _constant(100),
            [{"name": "worker"}],
            uri="zmq://tcp://127.0.0.1:5979",
            timeline=[{"at_s": 1, "act": "kill", "unit": "h/worker"}],
        ),
    ),
    "dead-worker": (
        Rule.DEAD_WORKER,
        _preset(
            {"socket_type": "PUSH"},
            _constant(500),
            [{"name": "fast"}, {"name": "doomed", "delay_ms": 20}],
            timeline=[{"at_s": 3, "act": "kill", "unit": "h/doomed"}],
        ),
    ),
}
