"""Socket keys that contradict other keys are faults at the path of the key."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.errors import PresetError
from bench_app.preset import documents
from tests.runs import preset

INPROC = "zmq://inproc://pair"


def faults(
    kind: str,
    handler: dict[str, Any] | None = None,
    listener: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
    uri: str = "zmq://tcp://127.0.0.1:*",
) -> dict[str, str]:
    """The expected value of each faulty path."""
    listeners = None if listener is None else [listener]
    raw = preset({"socket_type": kind, **(config or {})}, handler=handler, listeners=listeners, uri=uri)
    try:
        documents.parse(raw, "test")
    except PresetError as error:
        return {fault.path: fault.expected for fault in error.faults}
    return {}


@pytest.mark.parametrize(
    ("kind", "handler", "key", "expected"),
    [
        ("PUSH", {"heartbeat_timeout": 5}, "heartbeat_timeout", "0 without a heartbeat_interval"),
        ("REQ", {"max_message_size": 0}, "max_message_size", "above 0, or -1"),
        ("PUSH", {"tcp_keepalive_idle": 5}, "tcp_keepalive_idle", '0 unless "tcp_keepalive" is "on"'),
        ("PUSH", {"tcp_keepalive_interval": 5, "tcp_keepalive": "off"}, "tcp_keepalive_interval", "0 unless"),
        ("PUSH", {"reconnect_interval_max": 5000}, "reconnect_interval_max", "above reconnect_interval, which is 5000"),
        ("PUSH", {"no_drop": True}, "no_drop", "false for a PUSH"),
        ("REQ", {"no_drop": True}, "no_drop", "false for a REQ"),
        ("PUB", {"conflate": True}, "conflate", "false for a PUB"),
        ("REQ", {"conflate": True}, "conflate", "false for a REQ"),
        ("PUSH", {"conflate": True, "stamp": "frame"}, "conflate", "one frame of a message"),
        ("PUB", {"max_message_size": 5}, "max_message_size", "-1 for a PUB"),
        ("PUSH", {"max_message_size": 5}, "max_message_size", "-1 for a PUSH"),
    ],
)
def test_keys_of_a_handler_that_are_refused(kind: str, handler: dict[str, Any], key: str, expected: str) -> None:
    found = faults(kind, handler)
    assert expected in found[f"bench.handlers.h.{key}"]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("kind", "handler"),
    [
        ("PUSH", {"heartbeat_interval": 5, "heartbeat_timeout": 5}),
        ("PUSH", {"reconnect_interval_max": 5001}),
        ("PUSH", {"conflate": True}),
        ("PUSH", {"immediate": True, "send_buffer": 1, "receive_buffer": 1, "ipv6": "on"}),
        ("PUSH", {"tcp_keepalive": "on", "tcp_keepalive_idle": 5, "tcp_keepalive_interval": 1}),
        ("PUB", {"no_drop": True}),
        ("REQ", {"max_message_size": 5}),
        ("PUSH", {"ipv6": "off"}),
    ],
)
def test_keys_of_a_handler_that_are_accepted(kind: str, handler: dict[str, Any]) -> None:
    assert faults(kind, handler) == {}


@pytest.mark.parametrize(
    ("kind", "handler", "listener", "expected"),
    [
        ("PUB", {"start_gate": False}, {}, '"framing": "joined"'),
        ("PUB", {"framing": "joined", "start_gate": False}, {"topics": ["a", "b"]}, "more than one topic"),
        ("PUB", {"framing": "joined"}, {}, '"start_gate" is false'),
        ("PUB", {"framing": "joined", "start_gate": False, "stamp": "frame"}, {}, "one frame of a message"),
        ("PUSH", {"stamp": "frame"}, {}, "one frame of a message"),
        ("REQ", {}, {}, "false for a REP"),
    ],
)
def test_a_listener_that_cannot_conflate(
    kind: str, handler: dict[str, Any], listener: dict[str, Any], expected: str
) -> None:
    found = faults(kind, handler, {"conflate": True, **listener})
    assert expected in found.pop("bench.listeners.h[0].conflate")
    assert found == {}


@pytest.mark.parametrize(
    ("kind", "handler", "listener"),
    [
        ("PUB", {"framing": "joined", "start_gate": False}, {}),
        ("PUB", {"framing": "joined", "start_gate": False}, {"topics": ["a"]}),
        ("PUSH", {}, {}),
    ],
)
def test_a_listener_that_can_conflate(kind: str, handler: dict[str, Any], listener: dict[str, Any]) -> None:
    assert faults(kind, handler, {"conflate": True, **listener}) == {}


@pytest.mark.parametrize("mode", ["bind", "connect"])
def test_on_inproc_the_side_that_connects_conflates(mode: str) -> None:
    mine = faults("PUSH", {"conflate": True, "mode": mode}, uri=INPROC)
    others = faults("PUSH", {"mode": mode}, {"conflate": True}, uri=INPROC)
    assert list(mine) == (["bench.handlers.h.conflate"] if mode == "bind" else [])
    assert list(others) == (["bench.listeners.h[0].conflate"] if mode == "connect" else [])


def test_other_keys_of_a_listener_that_are_refused() -> None:
    listener = {"heartbeat_timeout": 1, "max_message_size": 0, "tcp_keepalive_idle": 1, "ipv6": "off"}
    found = faults("PUSH", {}, {**listener, "endpoint": "bind:tcp://[::1]:*"})
    assert list(found) == [f"bench.listeners.h[0].{key}" for key in listener]


def test_backoff_without_reconnecting_is_refused() -> None:
    found = faults("PUSH", {"reconnect_interval_max": 10}, config={"reconnect_interval": -1})
    assert found == {"bench.handlers.h.reconnect_interval_max": "0 where reconnect_interval switches reconnecting off"}


def test_ipv6_cannot_be_off_for_an_ipv6_address() -> None:
    uri = "zmq://tcp://[::1]:5999"
    assert list(faults("PUSH", {"ipv6": "off", "paired": False}, uri=uri)) == ["bench.handlers.h.ipv6"]
    # A paired handler uses 127.0.0.1 instead of its own address.
    assert faults("PUSH", {"ipv6": "off"}, uri=uri) == {}


def test_a_faulty_key_is_not_compared_with_others() -> None:
    assert list(faults("PUSH", {"no_drop": "yes"})) == ["bench.handlers.h.no_drop"]
    assert list(faults("PUCH", {"no_drop": True})) == ["output.handlers.h.config.socket_type"]
    broken = {"heartbeat_timeout": 5, "delay_ms": -1}
    assert list(faults("PUSH", {}, broken)) == ["bench.listeners.h[0].delay_ms"]
