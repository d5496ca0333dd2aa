"""A tap gives messages to the spool, as long as the disk keeps up."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.recording import tap as tap_module
from bench_app.recording.spool import SpoolReader, SpoolWriter, TapSlot
from bench_app.recording.tap import Tap, TapOrder
from tests.listeners.core_bench import FOREIGN, PLANES, Clock, Sockets, body


def messages_in(tap: Tap, order: TapOrder) -> list[tuple[int, list[bytes]]]:
    """The messages in the spool, after the tap was closed but for its counters."""
    reader = SpoolReader(order.path, tap.slots)
    found: list[tuple[int, list[bytes]]] = []
    while reader.next_ns() is not None:
        found += reader.take()
    reader.close()
    return found


def closed(tap: Tap, monkeypatch: pytest.MonkeyPatch) -> None:
    """Close a tap, and let its counters be read."""
    monkeypatch.setattr(tap, "_counters", Kept())
    tap.close()


class Kept:
    def close(self) -> None:
        """Keep the counters."""


def test_a_tap_spools_all_frames_with_the_time_and_says_where_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = TapOrder(str(tmp_path), 3, "h/sub-1", has_topic=True)
    tap = Tap(order, "tcp://127.0.0.1:5555")
    tap.send([b"a", b"", b"c"], 12345)
    tap.send([b""], 12346)
    closed(tap, monkeypatch)
    assert messages_in(tap, order) == [(12345, [b"a", b"", b"c"]), (12346, [b""])]
    assert [tap.slots[slot] for slot in (TapSlot.OFFERED, TapSlot.SKIPPED, TapSlot.SPOOLED)] == [2, 0, 2]
    assert tap.slots[TapSlot.QUEUED_BYTES] == tap.slots[TapSlot.SPOOLED_BYTES] == 8 * 6 + 2
    description = json.loads((tmp_path / "tap-3.json").read_bytes())
    assert description["endpoint"] == "tcp://127.0.0.1:5555"
    assert description["order"]["source"] == "h/sub-1"


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("plane", PLANES)
def test_a_listener_gives_its_messages_to_the_tap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plane: PlaneName, answers: bool
) -> None:
    order = TapOrder(str(tmp_path), 5)
    large = body(6) + bytes(3_000_000)
    with zmq.Context() as context:
        sockets = Sockets(context, plane)
        bench = sockets.bench(clock=Clock(1000), answers=answers)
        tap = Tap(order, "")
        bench.core.record(tap)
        bench.send(body(1), [b"header", body(2), b""], FOREIGN, b"", large)
        assert bench.receive(5) == 5
        bench.core.record(None)
        bench.send(body(7))
        bench.receive(1)
        closed(tap, monkeypatch)
        sockets.close()
    found = messages_in(tap, order)
    times = [at_ns for at_ns, _ in found]
    assert times == sorted(times)
    assert [frames for _, frames in found] == [[body(1)], [b"header", body(2), b""], [FOREIGN], [b""], [large]]
    assert [tap.slots[slot] for slot in (TapSlot.OFFERED, TapSlot.SKIPPED, TapSlot.SPOOLED)] == [5, 0, 5]
    assert tap.slots[TapSlot.QUEUED_BYTES] == tap.slots[TapSlot.SPOOLED_BYTES]


@pytest.mark.parametrize("plane", PLANES)
def test_many_blocks_keep_their_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plane: PlaneName) -> None:
    """More blocks than are kept for the next ones, of ordinary and of other sizes."""
    order = TapOrder(str(tmp_path), 6)
    messages = [body(number) + bytes([number]) * (4_000_000 if number % 16 == 9 else 400_000) for number in range(48)]
    with zmq.Context() as context:
        sockets = Sockets(context, plane)
        bench = sockets.bench(clock=Clock(1000))
        tap = Tap(order, "")
        bench.core.record(tap)
        for message in messages:
            bench.send(message)
            assert bench.receive(1) == 1
        bench.core.record(None)
        closed(tap, monkeypatch)
        sockets.close()
    assert [frames for _, frames in messages_in(tap, order)] == [[message] for message in messages]


@pytest.mark.parametrize("plane", PLANES)
def test_a_disk_that_is_too_slow_costs_messages_and_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plane: PlaneName
) -> None:
    order = TapOrder(str(tmp_path), 1)
    for module in ("bench_app.recording.tap", "bench_app.listeners.compiled_loop"):
        monkeypatch.setattr(f"{module}.BUDGET_BYTES", 1000)
    # As if the disk still had all that was given before.
    monkeypatch.setattr(SpoolWriter, "write", lambda self, block, count: None)
    with zmq.Context() as context:
        sockets = Sockets(context, plane)
        bench = sockets.bench(clock=Clock(1000))
        tap = Tap(order, "")
        tap.slots[TapSlot.QUEUED_BYTES] += 400
        bench.core.record(tap)
        for _ in range(10):
            bench.send(bytes(200))
        assert bench.receive(10) == 10
        bench.core.record(None)
        closed(tap, monkeypatch)
        sockets.close()
    assert tap.slots[TapSlot.OFFERED] == 10
    assert tap.slots[TapSlot.SKIPPED] == 10 - 3


def test_a_tap_of_a_replacement_worker_goes_on_with_the_counters_and_a_new_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = TapOrder(str(tmp_path), 1)
    first = Tap(order, "")
    first.send([b"a"], 1)
    first.close()
    second = Tap(order, "")
    second.slots[TapSlot.QUEUED_BYTES] += 1000
    second.send([b"b"], 2)
    second.close()
    third = Tap(order, "")
    assert third.slots[TapSlot.QUEUED_BYTES] == third.slots[TapSlot.SPOOLED_BYTES]
    assert (third.slots[TapSlot.SPOOLED], third.slots[TapSlot.SEGMENT]) == (2, 2)
    closed(third, monkeypatch)
    assert messages_in(third, order) == [(1, [b"a"]), (2, [b"b"])]


def test_a_disk_that_hangs_does_not_hold_the_listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    monkeypatch.setattr(SpoolWriter, "write", lambda self, block, count: free.wait())
    monkeypatch.setattr(tap_module, "CLOSE_S", 0.01)
    tap = Tap(TapOrder(str(tmp_path), 1), "")
    tap.send([b"a"], 1)
    tap.close()
    assert (tap.slots[TapSlot.OFFERED], tap.slots[TapSlot.SPOOLED]) == (1, 0)
    free.set()
    monkeypatch.setattr(tap_module, "CLOSE_S", 20)
    tap.close()
