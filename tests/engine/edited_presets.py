"""A preset and edits of it, for the changes between them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from bench_app.engine.changes import (
    Changes,
    changes_between,
)
from bench_app.model import (
    HandlerBench,
    HandlerConfig,
    ListenerSpec,
    Preset,
)
from bench_app.model.key_info import Change
from bench_app.model.keys import keys_of, keys_that, walk_specs
from bench_app.preset import documents
from tests.runs import preset

CONNECTION_KEYS = (
    "reconnect_interval_max",
    "heartbeat_interval",
    "heartbeat_timeout",
    "immediate",
    "conflate",
    "no_drop",
    "max_message_size",
    "send_buffer",
    "receive_buffer",
    "ipv6",
    "tcp_keepalive",
    "tcp_keepalive_idle",
    "tcp_keepalive_interval",
)
LISTENER_CONNECTION_KEYS = tuple(key for key in CONNECTION_KEYS if key not in ("immediate", "no_drop"))
RECREATING = keys_that(Change.RECREATES_SOCKET, HandlerConfig, HandlerBench)
LISTENER_RECREATING = keys_that(Change.RECREATES_SOCKET, ListenerSpec)
KEYS = {
    f"{struct.cls.__name__}.{key.name}": (struct.cls, key)
    for _, struct in walk_specs(Preset)
    for key in keys_of(struct.cls)
    if key.info.change is not Change.PER_KEY
}

Raw = dict[str, Any]
Edit = Callable[[Raw], object]

LIVE_CONFIG = {
    "topic": "u",
    "high_water_mark": 5,
    "linger": 6,
    "send_timeout": 7,
    "reconnect_interval": 8,
    "max_reconnect_attempts": 9,
    "queue_size": 11,
    "request_timeout": 12,
    "retries": 13,
}
LIVE_LISTENER: Raw = {
    "high_water_mark": 5,
    "delay_ms": 6.0,
    "delay_jitter_ms": 7.0,
    "drop_replies": 0.5,
    "error_replies": 0.25,
    "reply": {"ok": False},
    "stall": [1.0, 2.0],
}

CONNECTION: Raw = {
    "reconnect_interval_max": 60_000,
    "heartbeat_interval": 100,
    "max_message_size": 1_000_000,
    "send_buffer": 8192,
    "receive_buffer": 8192,
    "ipv6": "on",
    "tcp_keepalive": "on",
}
"""Keys that both sides have, that go together with all else of the preset here."""


def raw_preset() -> Raw:
    """A REQ handler, so that everything about listeners has a meaning, with one listener that has a name."""
    return preset({"socket_type": "REQ"}, listeners=[{"name": "one", "topics": [""]}])


def parsed(raw: Raw) -> Preset:
    return documents.parse(raw, "test").preset


def between(edit: Edit, raw: Raw | None = None) -> Changes:
    before = raw or raw_preset()
    after = copy.deepcopy(before)
    edit(after)
    return changes_between(parsed(before), parsed(after))


def config(raw: Raw, handler: str = "h") -> Raw:
    found: Raw = raw["output"]["handlers"][handler]["config"]
    return found


def listener(raw: Raw, place: int = 0) -> Raw:
    found: Raw = raw["bench"]["listeners"]["h"][place]
    return found


def set_load(raw: Raw, **load: Any) -> None:
    raw["bench"]["sources"]["events"]["load"] = load


def add_handler(raw: Raw, name: str, sink: str = "events", **more: Any) -> Raw:
    raw["output"]["handlers"][name] = {
        "uri": "zmq://tcp://127.0.0.1:*",
        "sink": sink,
        "config": {"socket_type": "PUSH"},
        **more,
    }
    return raw


def assert_only_waiting(changes: Changes, *messages: str) -> None:
    assert (changes.handlers, changes.listeners, changes.messages) == ([], [], [])
    assert changes.waiting == list(messages)


def assert_only_restarts(changes: Changes, name: str, reason: str) -> None:
    assert (changes.handlers, changes.listeners, changes.waiting) == ([], [], [])
    assert (changes.leaving, changes.joining, changes.restarted) == ([], [], [name])
    assert changes.messages == [f"{name} restarts with new counts: {reason}"]
