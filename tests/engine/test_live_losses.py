"""Losses of a PUB that are known during the run: what a connection cannot hold is lost."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.live_losses import LIBZMQ_MARK, LiveLosses, marks_of, most_in_kernel
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.overfull import Marks, Overfull, most_held
from bench_app.system import socket_buffers
from tests.engine.units import a_roster, handler_report, listener_report
from tests.runs import preset

MESSAGE_BYTES = 300
KERNEL_BYTES = 60_000


class Rig:
    """A handler with one listener, and their reports. Each report is a millisecond later than the one before."""

    def __init__(self, folder: Path, raw: dict[str, Any] | None = None) -> None:
        raw = raw or preset({"socket_type": "PUB", "topic": "t", "high_water_mark": 100}, listeners=[LISTENER])
        roster = a_roster(folder, raw)
        self.handler: HandlerState = roster.handlers["h"]
        self.listener: ListenerState
        (self.listener,) = roster.listeners_of(self.handler)
        self.now_ns = 0
        self.readings = 0
        self.losses = LiveLosses(lambda: self.now_ns, self._held)

    def _held(self, handler: HandlerState, listener: ListenerState) -> int:
        self.readings += 1
        return KERNEL_BYTES

    def sent(self, accepted: int, joined: int = 0) -> None:
        self.now_ns += 1_000_000
        before_ns = self.handler.last_report_ns
        counts = {"offered": accepted, "accepted": accepted, "bytes": accepted * MESSAGE_BYTES}
        report = handler_report(self.handler, self.now_ns, joins={"0": 0}, rejoins={"0": joined}, **counts)
        self.handler.take(report)
        self.losses.note_handler(self.handler, [self.listener], before_ns)

    def received(self, count: int) -> None:
        self.now_ns += 1_000_000
        counts = {"received": count, "first": min(1, count), "highest": count}
        self.listener.take(listener_report(self.listener, self.now_ns, **counts))
        self.losses.note_listener(self.handler, self.listener)


LISTENER = {"name": "a", "topics": [""], "high_water_mark": 50}
FITS = most_held(Marks(100, 50), KERNEL_BYTES, MESSAGE_BYTES)


def test_what_does_not_fit_is_lost_at_once_and_the_rest_is_in_flight(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.sent(15_000)
    rig.received(0)
    rig.received(0)
    assert rig.listener.overfull == Overfull(15_000 - FITS, FITS)
    live = ledger_of(rig.handler, [rig.listener], final=False)
    assert (live.lost, live.in_flight) == (15_000 - FITS, FITS)
    assert live.listeners["a"].overfull == live.lost
    final = ledger_of(rig.handler, [rig.listener], final=True)
    assert (final.lost, final.listeners["a"].overfull) == (15_000, 0)


def test_the_buffers_are_not_read_while_everything_may_be_in_the_pipes(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.sent(150)
    for _ in range(5):
        rig.received(0)
    assert (rig.readings, rig.listener.overfull) == (0, None)


def test_what_the_buffers_can_hold_is_not_lost(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.sent(FITS)
    for _ in range(5):
        rig.received(0)
    assert rig.readings > 0
    assert rig.listener.overfull is None


def test_messages_received_since_the_reading_were_on_the_way(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.sent(15_000)
    rig.received(0)
    rig.received(15_000 - FITS)
    assert rig.listener.overfull is None


def test_a_gap_shows_the_loss_that_was_known_and_does_not_add_to_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.sent(15_000)
    rig.received(0)
    rig.received(0)
    rig.now_ns += 1_000_000
    rig.listener.take(listener_report(rig.listener, rig.now_ns, received=FITS, first=1, highest=15_000))
    live = ledger_of(rig.handler, [rig.listener], final=False)
    assert (live.lost, live.listeners["a"].overfull) == (15_000 - FITS, 0)


def test_messages_before_the_listener_joined_are_not_lost(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.sent(15_000, joined=14_990)
    rig.received(0)
    rig.received(0)
    assert rig.listener.overfull is None


def test_after_a_reconnect_only_later_messages_count(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.sent(1_000)
    rig.received(1_000)
    rig.sent(1_000)
    rig.sent(5_000, joined=5_000)
    rig.received(1_000)
    rig.received(1_000)
    assert rig.listener.overfull is None
    rig.sent(5_000 + FITS + 7, joined=5_000)
    rig.received(1_000)
    rig.received(1_000)
    assert rig.listener.overfull == Overfull(7, FITS)


@pytest.mark.parametrize(
    ("config", "listener", "bench", "marks"),
    [
        ({}, {}, {}, Marks(100, 50)),
        ({"high_water_mark": 0}, {}, {}, None),
        ({}, {"high_water_mark": 0}, {}, None),
        ({}, {}, {"high_water_mark_set": "after"}, Marks(LIBZMQ_MARK, 50)),
    ],
)
def test_the_marks_of_a_connection(
    config: dict[str, Any], listener: dict[str, Any], bench: dict[str, Any], marks: Marks | None, tmp_path: Path
) -> None:
    config = {"socket_type": "PUB", "topic": "t", "high_water_mark": 100, **config}
    rig = Rig(tmp_path, preset(config, listeners=[{**LISTENER, **listener}], handler=bench))
    assert marks_of(rig.handler, rig.listener) == marks


def test_a_connection_that_keeps_only_the_newest_message_has_no_known_limit(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    spec = msgspec.structs.replace(rig.listener.plan.spec, conflate=True)
    rig.listener.plan = dataclasses.replace(rig.listener.plan, spec=spec)
    assert marks_of(rig.handler, rig.listener) is None


def test_a_connection_through_a_proxy_has_no_known_limit(tmp_path: Path) -> None:
    listener = {**LISTENER, "endpoint": "connect:tcp://127.0.0.1:6001"}
    config = {"socket_type": "PUB", "topic": "t", "high_water_mark": 100}
    rig = Rig(tmp_path, preset(config, listeners=[listener], handler={"paired": False, "mode": "bind"}))
    rig.sent(15_000)
    rig.received(0)
    rig.received(0)
    assert (rig.readings, rig.listener.overfull) == (0, None)


def test_the_listeners_of_a_push_have_no_bound(tmp_path: Path) -> None:
    rig = Rig(tmp_path, preset({"socket_type": "PUSH"}, listeners=[{"name": "a"}]))
    rig.sent(15_000)
    rig.received(0)
    rig.received(0)
    assert rig.listener.overfull is None


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("zmq://inproc://x", 0),
        ("zmq://ipc:///tmp/x.sock", socket_buffers.ipc_limit_bytes(0)),
        ("zmq://tcp://127.0.0.1:6000", socket_buffers.tcp_limit_bytes(0, 0)),
    ],
)
def test_a_connection_that_the_system_does_not_report_has_the_limit_of_its_buffers(
    uri: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_buffers, "tcp_bytes_held", lambda port: None)
    rig = Rig(tmp_path, preset({"socket_type": "PUB", "topic": "t"}, uri=uri, listeners=[LISTENER]))
    rig.handler.endpoint = uri.removeprefix("zmq://")
    assert most_in_kernel(rig.handler, rig.listener) == expected


def test_the_contents_of_the_buffers_are_read_at_the_port_that_is_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports: list[int] = []
    monkeypatch.setattr(socket_buffers, "tcp_bytes_held", lambda port: ports.append(port) or 1234)
    rig = Rig(tmp_path)
    rig.handler.endpoint, rig.listener.endpoint = "tcp://127.0.0.1:6000", "tcp://127.0.0.1:6001"
    assert most_in_kernel(rig.handler, rig.listener) == 1234
    assert ports == [6000 if rig.handler.plan.bind else 6001]
