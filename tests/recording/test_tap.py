"""A tap gives messages to the writer, as long as the writer keeps up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zmq

from bench_app.recording import tap as tap_module
from bench_app.recording.tap import HEADER, MESSAGE_COST, SOCKET_NAME, Tap, TapOrder, TapSlot


def test_a_tap_sends_all_frames_with_its_number_and_the_time(tmp_path: Path) -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as writer:
        writer.bind(f"ipc://{tmp_path}/{SOCKET_NAME}")
        tap = Tap(TapOrder(str(tmp_path), 3, "h/sub-1", has_topic=True), "tcp://127.0.0.1:5555")
        tap.send([b"a", b"", b"c"], 12345)
        assert writer.recv_multipart() == [HEADER.pack(3, 12345), b"a", b"", b"c"]
        assert list(tap.slots) == [1, 1, MESSAGE_COST + 2, 0, 0, 0]
        tap.close()
    description = json.loads((tmp_path / "tap-3.json").read_bytes())
    assert description["endpoint"] == "tcp://127.0.0.1:5555"
    assert description["order"]["source"] == "h/sub-1"


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
