"""The connections of a preset that are measured, and their figures that need no socket."""

from __future__ import annotations

from typing import Any

import pytest

from bench_app.capacity.connections import LIBZMQ_MARK, Connection, connections_of
from bench_app.errors import InputError
from bench_app.preset import documents
from tests.runs import preset

TWO = [{"name": "a"}, {"name": "b"}]


def of(raw: dict[str, Any], handler: str | None = None) -> list[Connection]:
    return connections_of(documents.parse(raw, "test"), handler)


def only(raw: dict[str, Any]) -> Connection:
    (connection,) = of(raw)
    return connection


def test_the_named_handler_or_every_enabled_handler_is_measured() -> None:
    raw = preset({"socket_type": "REQ"})
    raw["output"]["handlers"]["off"] = {"uri": "zmq://inproc://off", "enabled": False, "config": {"socket_type": "REQ"}}
    assert [one.known.handler for one in of(raw)] == ["h"]
    assert [one.known.handler for one in of(raw, "off")] == ["off"]
    with pytest.raises(InputError, match="no handler “nix”: it has h, off"):
        of(raw, "nix")
    raw["output"]["handlers"]["h"]["enabled"] = False
    with pytest.raises(InputError, match="no enabled handler; --handler NAME"):
        of(raw)


def test_listeners_with_the_same_socket_settings_are_one_connection() -> None:
    listeners = [{"name": "a", "delay_ms": 5}, {"name": "b", "stall": [0, 1]}, {"name": "c", "high_water_mark": 7}]
    found = of(preset({"socket_type": "PUSH"}, listeners=listeners))
    assert [(one.known.listeners, one.listener.high_water_mark) for one in found] == [(["a", "b"], 1000), (["c"], 7)]


@pytest.mark.parametrize(("socket_type", "rate"), [("PUB", 600), ("PUSH", 300)])
def test_listeners_of_a_push_share_the_rate(socket_type: str, rate: float) -> None:
    assert only(preset({"socket_type": socket_type}, listeners=TWO, rate=600)).known.rate == rate


def test_a_load_without_a_rate_gives_no_rate() -> None:
    source = {"kind": "synthetic", "load": {"shape": "max"}}
    assert only(preset({"socket_type": "PUSH"}, listeners=TWO, source=source)).known.rate is None


@pytest.mark.parametrize(
    ("config", "handler", "listener", "reason"),
    [
        ({"high_water_mark": 0}, {}, {}, "the handler's high_water_mark is 0"),
        ({}, {}, {"high_water_mark": 0}, "the listener's high_water_mark is 0"),
        ({"socket_type": "PUSH"}, {"conflate": True}, {}, "conflate keeps one message"),
        ({"socket_type": "PUB", "topic": "a"}, {}, {"topics": ["b"]}, "does not subscribe"),
    ],
)
def test_a_connection_without_a_limit_is_not_measured(
    config: dict[str, Any], handler: dict[str, Any], listener: dict[str, Any], reason: str
) -> None:
    found = only(preset(config, handler=handler, listeners=[{"name": "l", **listener}]))
    assert not found.is_measurable
    assert (found.known.verdict, found.known.messages, found.known.step) == ("unlimited", None, 0)
    assert reason in found.known.reason


@pytest.mark.parametrize("topics", [[], [""], ["a"], ["x", "a/b"]])
def test_a_subscription_to_a_prefix_of_the_topic_is_measured(topics: list[str]) -> None:
    config = {"socket_type": "PUB", "topic": "a/b"}
    assert only(preset(config, listeners=[{"name": "l", "topics": topics}])).is_measurable


def test_the_capacity_of_a_req_is_one_by_design() -> None:
    found = only(preset({"socket_type": "REQ"}))
    assert not found.is_measurable
    assert (found.known.verdict, found.known.messages, found.known.received) == ("by_design", 1, 0)
    assert [place.messages for place in found.known.places] == [1]


@pytest.mark.parametrize(("mode", "mark"), [("bind", LIBZMQ_MARK), ("connect", 5)])
def test_a_mark_that_is_set_after_the_bind_has_no_effect(mode: str, mark: int) -> None:
    bench = {"high_water_mark_set": "after", "mode": mode}
    config = {"socket_type": "PUSH", "high_water_mark": 5}
    known = only(preset(config, handler=bench, listeners=[{"name": "l"}])).known
    assert known.send_high_water_mark == mark
    assert any("too late" in note for note in known.notes) is (mode == "bind")


@pytest.mark.parametrize(("no_drop", "drops"), [(False, True), (True, False)])
def test_a_pub_drops_unless_no_drop_is_set(no_drop: bool, drops: bool) -> None:
    known = only(preset({"socket_type": "PUB"}, handler={"no_drop": no_drop}, listeners=[{"name": "l"}])).known
    assert known.drops is drops
    assert any("XPUB_NODROP" in note for note in known.notes) is drops


def test_notes_name_the_differences_from_a_run() -> None:
    bench = {"paired": False, "heartbeat_interval": 20, "heartbeat_timeout": 40}
    known = only(preset({"socket_type": "PUSH"}, uri="zmq://tcp://127.0.0.1:5555", handler=bench)).known
    assert known.listeners == []
    assert known.receive_high_water_mark == LIBZMQ_MARK
    assert [note.split(":")[0] for note in known.notes] == [
        "the consumer is not the bench's",
        "measured without heartbeats, which would disconnect a stalled consumer",
    ]
