"""A tap gives messages to the writer, as long as the writer keeps up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.recording import tap as tap_module
from bench_app.recording.tap import BLOCK_HEAD, MESSAGE_COST, SOCKET_NAME, Tap, TapOrder, TapSlot, messages_of, to_block
from tests.listeners.core_bench import FOREIGN, PLANES, Clock, Sockets, body


def test_a_tap_sends_all_frames_with_its_number_and_the_time(tmp_path: Path) -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as writer:
        writer.bind(f"ipc://{tmp_path}/{SOCKET_NAME}")
        tap = Tap(TapOrder(str(tmp_path), 3, "h/sub-1", has_topic=True), "tcp://127.0.0.1:5555")
        tap.send([b"a", b"", b"c"], 12345)
        block = writer.recv()
        assert BLOCK_HEAD.unpack_from(block) == (3,)
        assert messages_of(block) == [(12345, [b"a", b"", b"c"])]
        assert list(tap.slots) == [1, 1, MESSAGE_COST + 2, 0, 0, 0]
        tap.close()
    description = json.loads((tmp_path / "tap-3.json").read_bytes())
    assert description["endpoint"] == "tcp://127.0.0.1:5555"
    assert description["order"]["source"] == "h/sub-1"


def test_a_block_has_its_messages_in_their_order() -> None:
    first = to_block(7, [b"topic", b"", b"body"], -5)
    second = to_block(7, [b""], 6)
    assert messages_of(first + second[BLOCK_HEAD.size :]) == [(-5, [b"topic", b"", b"body"]), (6, [b""])]


class Collected:
    """The messages of one listener on one plane, as the writer gets them, and the counters of its tap."""

    def __init__(self, folder: Path, plane: PlaneName, answers: bool) -> None:
        folder.mkdir()
        with zmq.Context() as context, context.socket(zmq.PULL) as writer:
            writer.rcvtimeo = 20_000
            writer.bind(f"ipc://{folder}/{SOCKET_NAME}")
            sockets = Sockets(context, plane)
            clock = Clock(1000)
            bench = sockets.bench(clock=clock, answers=answers)
            tap = Tap(TapOrder(str(folder), 5), "")
            bench.core.record(tap)
            bench.send(body(1), [b"header", body(2), b""], FOREIGN, b"")
            assert bench.receive(4) == 4
            bench.core.record(None)
            bench.send(body(5))
            bench.receive(1)
            self.numbers: set[int] = set()
            self.messages: list[tuple[int, list[bytes]]] = []
            while len(self.messages) < 4:
                block = writer.recv()
                self.numbers.add(*BLOCK_HEAD.unpack_from(block))
                self.messages += messages_of(block)
            self.slots = list(tap.slots)
            tap.close()
            sockets.close()


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("plane", PLANES)
def test_a_listener_gives_its_messages_to_the_tap(tmp_path: Path, plane: PlaneName, answers: bool) -> None:
    found = Collected(tmp_path / plane, plane, answers)
    assert found.numbers == {5}
    times = [at_ns for at_ns, _ in found.messages]
    assert times == sorted(times)
    assert [frames for _, frames in found.messages] == [[body(1)], [b"header", body(2), b""], [FOREIGN], [b""]]
    sizes = sum(len(frame) for _, frames in found.messages for frame in frames)
    assert found.slots[: TapSlot.TAKEN] == [4, 4, 4 * MESSAGE_COST + sizes]


def test_a_writer_that_is_too_slow_costs_messages_and_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap_module, "BUDGET_BYTES", 1000)
    monkeypatch.setattr(tap_module, "LINGER_MS", 0)
    tap = Tap(TapOrder(str(tmp_path), 1), "")
    for _ in range(10):
        tap.send([bytes(200)], 1)
    assert (tap.slots[TapSlot.OFFERED], tap.slots[TapSlot.SENT]) == (10, 3)
    tap.slots[TapSlot.TAKEN_BYTES] = tap.slots[TapSlot.SENT_BYTES]
    tap.send([bytes(200)], 1)
    assert (tap.slots[TapSlot.OFFERED], tap.slots[TapSlot.SENT]) == (11, 4)
    tap.close()


def test_a_tap_of_a_replacement_worker_goes_on_with_the_counters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap_module, "LINGER_MS", 0)
    order = TapOrder(str(tmp_path), 1)
    first = Tap(order, "")
    first.send([b"a"], 1)
    first.send([b"b"], 1)
    first.slots[TapSlot.TAKEN], first.slots[TapSlot.TAKEN_BYTES] = 1, MESSAGE_COST + 1
    first.close()
    second = Tap(order, "")
    assert list(second.slots) == [2, 1, MESSAGE_COST + 1, 1, MESSAGE_COST + 1, 0]
    second.close()
