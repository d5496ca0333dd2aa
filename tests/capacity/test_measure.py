"""Capacity measured over real sockets, and compared with independent counts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import zmq

from bench_app.capacity.figures import ConnectionCapacity
from bench_app.capacity.fill import Limits
from bench_app.capacity.measure import measure
from bench_app.capacity.places import reopening_step
from bench_app.errors import InputError
from bench_app.preset import documents
from tests.runs import preset, run

LINUX = sys.platform.startswith("linux")
SMALL = {"send_buffer": 4096, "receive_buffer": 4096}
LARGE: dict[str, Any] = {"kind": "synthetic", "size": 10_240, "pool": 4, "load": {"shape": "constant", "rate": 300_000}}


def one(raw: dict[str, Any], limits: Limits | None = None) -> ConnectionCapacity:
    (connection,) = measure(documents.parse(raw, "test"), limits=limits).connections
    return connection


def of_marks(send: int, receive: int, uri: str = "zmq://tcp://127.0.0.1:*", **more: Any) -> ConnectionCapacity:
    """A PUSH with small buffers and large events, so that nearly all messages wait in the pipes."""
    config = {"socket_type": "PUSH", "high_water_mark": send}
    listeners = [{"name": "l", "high_water_mark": receive, **SMALL}]
    return one(preset(config, uri=uri, handler=SMALL, listeners=listeners, source=LARGE, **more))


def parts(found: ConnectionCapacity) -> dict[str, int]:
    return {place.place: place.messages for place in found.places}


def assert_sound(found: ConnectionCapacity) -> None:
    assert found.verdict == "measured"
    assert found.received == found.messages == sum(parts(found).values())


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
@pytest.mark.parametrize("transport", ["tcp", "ipc", "inproc"])
@pytest.mark.parametrize("stamp", ["field", "frame", "off"])
def test_every_accepted_message_comes_out_and_the_places_add_up(socket_type: str, transport: str, stamp: str) -> None:
    uri = {"tcp": "tcp://*:5555", "ipc": "ipc:///tmp/no-listener.ipc", "inproc": "inproc://capacity"}[transport]
    config = {"socket_type": socket_type, "topic": "t", "high_water_mark": 20}
    listeners = [{"name": "l", "high_water_mark": 30}]
    raw = preset(config, uri=f"zmq://{uri}", handler={"stamp": stamp}, listeners=listeners, source=LARGE)
    found = one(raw)
    assert_sound(found)
    assert found.transport == transport
    if transport == "inproc":
        assert found.messages == 50
    else:
        assert found.messages is not None and found.messages >= 50 - reopening_step(20)
        assert parts(found)["receive_pipe"] == 30
    assert not Path("/tmp/no-listener.ipc").exists()


@pytest.mark.skipif(not LINUX, reason="only Linux reports the bytes in its buffers")
def test_over_tcp_every_place_is_measured() -> None:
    found = one(preset({"socket_type": "PUSH", "high_water_mark": 100}, listeners=[{"name": "l"}], rate=100_000))
    assert_sound(found)
    assert list(parts(found)) == ["send_pipe", "send_buffer", "receive_buffer", "decoder", "receive_pipe"]
    assert parts(found)["receive_pipe"] == 1000
    # The sender counts its pipe as full until half of it is read, and the encoder holds at most 8 KiB.
    assert 100 - reopening_step(100) < parts(found)["send_pipe"] <= 100 + 8192 // 512 + 1
    for place in found.places:
        if place.bytes:
            assert abs(place.messages * found.message_bytes - place.bytes) <= found.message_bytes
    assert {place.basis for place in found.places} == {"measured", "by_mark"}


def test_capacity_grows_with_each_of_the_two_marks() -> None:
    least = of_marks(10, 10).messages
    assert least is not None and 20 - reopening_step(10) <= least <= 30
    assert (of_marks(110, 10).messages or 0) >= least + 100 - reopening_step(110)
    assert (of_marks(10, 110).messages or 0) >= least + 95


def test_the_capacity_varies_in_steps_of_half_the_senders_mark() -> None:
    found = of_marks(40, 25)
    assert found.step == 20
    assert found.messages is not None and (found.messages - 40) % found.step == 0


def test_a_pub_is_full_when_it_would_drop_the_first_message() -> None:
    config = {"socket_type": "PUB", "topic": "t", "high_water_mark": 12}
    raw = preset(config, rate=100_000, uri="zmq://inproc://hole", listeners=[{"name": "l", "high_water_mark": 7}])
    assert one(raw).messages == _before_the_first_hole(12, 7) == 19


def _before_the_first_hole(send: int, receive: int) -> int:
    """How many messages of a plain PUB arrive before one is missing."""
    with zmq.Context() as context, context.socket(zmq.XPUB) as publisher, context.socket(zmq.SUB) as subscriber:
        publisher.sndhwm, subscriber.rcvhwm = send, receive
        publisher.bind("inproc://plain")
        subscriber.connect("inproc://plain")
        subscriber.subscribe(b"")
        assert publisher.recv() == b"\x01"
        for number in range(200):
            publisher.send(b"%d" % number)
        arrived = 0
        while subscriber.poll(0):
            assert int(subscriber.recv()) == arrived
            arrived += 1
        return arrived


def test_the_capacity_of_a_req_is_one_by_design() -> None:
    found = one(preset({"socket_type": "REQ"}))
    assert (found.verdict, found.messages, found.received) == ("by_design", 1, 0)


@pytest.mark.parametrize(
    ("config", "handler", "listener", "reason"),
    [
        ({"high_water_mark": 0}, {}, {}, "the handler's high_water_mark is 0"),
        ({}, {}, {"high_water_mark": 0}, "the listener's high_water_mark is 0"),
        ({"socket_type": "PUSH"}, {"conflate": True}, {}, "conflate keeps one message"),
        ({"socket_type": "PUB", "topic": "a"}, {}, {"topics": ["b"]}, "does not subscribe"),
    ],
)
def test_a_connection_without_a_limit_is_reported_and_not_filled(
    config: dict[str, Any], handler: dict[str, Any], listener: dict[str, Any], reason: str
) -> None:
    found = one(preset(config, handler=handler, listeners=[{"name": "l", **listener}]))
    assert (found.verdict, found.messages, found.places) == ("unlimited", None, [])
    assert reason in found.reason


def test_a_limit_ends_filling_and_is_in_the_verdict() -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 1_000_000}
    found = one(preset(config, rate=100_000), Limits(messages=3000))
    assert (found.verdict, found.messages, found.received) == ("at_least", 3000, 3000)
    assert sum(parts(found).values()) == 3000
    assert one(preset(config, rate=100_000), Limits(bytes=50_000)).messages == 96


def test_filling_keeps_the_presets_rate_for_the_paced_time_only() -> None:
    raw = preset({"socket_type": "PUSH"}, listeners=[{"name": "l"}], rate=50)
    found = one(raw, Limits(paced_s=0.5, messages=300))
    assert found.messages == 300
    assert "the first 25 filled at the preset's 50/s, the rest as fast as possible" in found.notes[-1]
    assert one(raw, Limits(messages=10)).notes == ["filled at the preset's 50/s"]


def test_a_run_with_a_stalled_listener_accepts_as_many() -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 10, "send_timeout": 0, "linger": 0}
    listeners = [{"name": "l", "high_water_mark": 10, "stall": [0, 3600], **SMALL}]
    load = {**LARGE, "load": {"shape": "constant", "rate": 1000}}
    raw = preset(config, handler=SMALL, listeners=listeners, source=load)
    assert one(raw).messages == run(raw).handler().accepted


@pytest.mark.parametrize(("mode", "mark"), [("bind", 1000), ("connect", 5)])
def test_with_a_mark_that_is_set_too_late_libzmqs_default_holds(mode: str, mark: int) -> None:
    bench = {"high_water_mark_set": "after", "mode": mode}
    config = {"socket_type": "PUSH", "high_water_mark": 5}
    found = one(preset(config, rate=100_000, uri="zmq://inproc://late", handler=bench, listeners=[{"name": "l"}]))
    assert (found.send_high_water_mark, found.messages) == (mark, mark + 1000)
    assert any("too late" in note for note in found.notes) is (mode == "bind")


@pytest.mark.parametrize("mode", ["bind", "connect"])
@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
def test_it_does_not_matter_which_end_binds(socket_type: str, mode: str) -> None:
    config = {"socket_type": socket_type, "high_water_mark": 8}
    listeners = [{"name": "l", "high_water_mark": 8, **SMALL}]
    uri = "zmq://tcp://127.0.0.1:5555"
    raw = preset(config, handler={"mode": mode, **SMALL}, uri=uri, listeners=listeners, source=LARGE)
    assert_sound(one(raw))


def test_listeners_with_equal_sockets_share_a_measurement() -> None:
    listeners = [
        {"name": "a", "delay_ms": 5},
        {"name": "b", "stall": [0, 1]},
        {"name": "c", "high_water_mark": 7},
    ]
    raw = preset({"socket_type": "PUSH", "high_water_mark": 5}, listeners=listeners, source=LARGE)
    connections = measure(documents.parse(raw, "test")).connections
    assert [connection.listeners for connection in connections] == [["a", "b"], ["c"]]
    # A PUSH sends to its peers in turn, so each connection gets a third of the events.
    assert {connection.rate for connection in connections} == {100_000}


def test_a_consumer_of_the_user_is_assumed_to_have_defaults_and_gets_no_message() -> None:
    raw = preset({"socket_type": "PUSH", "high_water_mark": 5}, uri="zmq://tcp://nosuch.invalid:5555", source=LARGE)
    raw["bench"]["handlers"]["h"] = {"paired": False}
    found = one(raw)
    assert_sound(found)
    assert (found.listeners, found.receive_high_water_mark) == ([], 1000)
    assert "the consumer is not the bench's" in found.notes[0]


def test_a_replay_is_read_again_from_its_start(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps({"n": number, "text": "x" * 100 * number}) + "\n" for number in range(1, 8)))
    source = {"kind": "replay", "path": str(file), "load": {"shape": "recorded"}, "time_field": "n"}
    config = {"socket_type": "PUSH", "high_water_mark": 50}
    found = one(preset(config, uri=f"zmq://ipc://{tmp_path}/r", listeners=[{"name": "l"}], source=source))
    assert_sound(found)
    assert found.messages is not None and found.messages > 1000
    assert (found.rate, found.fills_in_s) == (None, None)


def test_heartbeats_do_not_end_the_measurement() -> None:
    bench = {"heartbeat_interval": 20, "heartbeat_timeout": 40}
    raw = preset({"socket_type": "PUSH", "high_water_mark": 5}, handler=bench, listeners=[{"name": "l"}], source=LARGE)
    assert_sound(one(raw))


def test_a_message_that_is_too_large_for_the_listener_makes_the_figure_unsound() -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 5, "reconnect_interval": 0}
    listeners = [{"name": "strict", "max_message_size": 10_000}]
    result = measure(
        documents.parse(preset(config, listeners=listeners, source=LARGE), "test"), limits=Limits(seconds=1)
    )
    assert not result.is_valid
    assert result.connections[0].received == 0


def test_a_handler_is_chosen_by_name_enabled_or_not() -> None:
    raw = preset({"socket_type": "REQ"})
    raw["output"]["handlers"]["off"] = {"uri": "zmq://inproc://off", "enabled": False, "config": {"socket_type": "REQ"}}
    document = documents.parse(raw, "test")
    assert [found.handler for found in measure(document).connections] == ["h"]
    assert [found.handler for found in measure(document, "off").connections] == ["off"]
    with pytest.raises(InputError, match="no handler “nix”: it has h, off"):
        measure(document, "nix")
