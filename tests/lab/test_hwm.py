"""Recommended marks: the sum, the settings, the proof, and what cannot be helped."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.engine.result import RunResult
from bench_app.errors import InputError
from bench_app.lab.burst import Burst
from bench_app.lab.hwm import (
    EARLIEST,
    FORMAT,
    MARGIN,
    HalfProof,
    Proof,
    handler_of,
    mark_for,
    proof_values,
    prove,
    result_of,
    situation_of,
    too_slow,
)
from bench_app.lab.laboratory import Values
from bench_app.lab.trial import with_settings
from bench_app.preset import documents
from bench_app.preset.documents import Document
from tests.cli.results import handler, listener, result
from tests.lab.workers import worker
from tests.runs import preset

PUB = {"socket_type": "PUB", "topic": "t"}


def document(config: dict[str, Any] | None = None, **changes: Any) -> Document:
    return documents.parse(preset(PUB if config is None else config, **changes), "test")


class Pipes:
    """Runs over a pipe with the marks of both ends, of whose last messages a part is not reported as read."""

    def __init__(self, source: Document, verdict: str = "pass") -> None:
        self.source, self.verdict, self.notes = source, verdict, 0

    def run(self, values: Values) -> RunResult:
        tried = with_settings(self.source, values)
        raw = tried.raw
        mark = raw["output"]["handlers"]["h"]["config"]["high_water_mark"]
        (one,) = raw["bench"]["listeners"]["h"]
        rate = raw["bench"]["sources"]["events"]["load"]["rate"]
        holds = mark + one["high_water_mark"]
        begin, end = one["stall"]
        unreported = int(rate * begin) % max(1, (holds + 1) // 2)
        lost = max(0, int(rate * (end - begin)) - (holds - unreported))
        figures = msgspec.structs.replace(handler({"l": listener(lost=lost)}), offered=int(rate))
        return msgspec.structs.replace(
            result(), handlers={"h": figures}, verdict=self.verdict, reasons=["busy"] * (self.verdict == "invalid")
        )

    def note(self, text: str) -> None:
        self.notes += 1


@settings(max_examples=6)
@given(st.floats(100, 20_000), st.floats(0.1, 3))
def test_the_mark_never_loses_and_half_of_it_always_does(rate: float, stall_s: float) -> None:
    source = document(rate=rate, listeners=[{"stall": [1, 1 + stall_s]}], duration_s=10)
    situation = situation_of(source, "h")
    mark = mark_for(situation)
    proof = prove(source, Pipes(source), situation, mark, 20)
    assert proof is not None
    assert (proof.runs, proof.lost, proof.half.runs) == (20, 0, 20)
    if rate * stall_s > 600:
        assert proof.half.lost == 20


def test_half_of_a_mark_with_its_margin_holds_too_little_at_the_moments_of_the_proof() -> None:
    assert (1 + MARGIN) * (1 - EARLIEST / 2) < 1


def test_a_preset_without_a_stall_gets_one() -> None:
    situation = situation_of(document(rate=1000), "h")
    assert (situation.stall_s, situation.source) == (0.3, "assumed")
    assert 300 <= situation.backlog.peak <= 303
    assert situation_of(document(rate=1000), "h", stall_s=2.0).backlog.peak >= 2000
    assert situation_of(document(rate=1000), "h", stall_s=0.0).backlog.peak <= 3


def test_a_burst_needs_no_stall() -> None:
    load = {"shape": "burst", "rate": 100_000, "events": 500, "every_s": 1}
    source = document(
        source={"kind": "synthetic", "event": "detection", "load": load}, listeners=[{"delay_ms": 1}], duration_s=3
    )
    situation = situation_of(source, "h")
    assert situation.stall_s == 0
    assert 490 <= situation.backlog.peak <= 500
    changed = with_settings(source, proof_values(source, situation, 500, half=True, phase=0.5))
    assert changed.preset.bench.listeners["h"][0].stall is None
    assert changed.preset.bench.listeners["h"][0].high_water_mark == 250


def test_consumers_that_are_too_slow_cannot_be_helped() -> None:
    source = document(rate=1000, listeners=[{"delay_ms": 2}])
    situation = situation_of(source, "h")
    assert "No high-water mark helps" in too_slow(situation)
    found = result_of(source, situation, Burst(None, 0, "x"), None, 0, 500.0, None)
    assert found.recommended == {}
    assert found.memory_bytes == 0


def test_workers_of_a_push_share_the_backlog_and_its_queue_waits() -> None:
    source = document({"socket_type": "PUSH"}, rate=2000, listeners=[{"name": "a"}, {"name": "b"}])
    situation = situation_of(source, "h")
    assert situation.connections == 2
    mark = mark_for(situation)
    assert 315 <= mark <= 320
    found = result_of(source, situation, Burst(5, 2), 1000, 5, 500.0, Proof(20, 0, HalfProof(20, 20)))
    assert found.recommended == {
        "output.handlers.h.config.high_water_mark": mark,
        "bench.listeners.h[0].high_water_mark": mark,
        "bench.listeners.h[1].high_water_mark": mark,
        "output.handlers.h.config.queue_size": 10,
        "output.handlers.h.config.send_timeout": 550,
    }
    assert found.memory_bytes == 2 * mark * 500 * 2
    assert found.oldest_s == pytest.approx(2 * mark * 2 / 2000, abs=0.001)
    assert with_settings(source, found.recommended).preset.bench.listeners["h"][1].high_water_mark == mark


def test_a_preset_without_listeners_of_its_own_can_take_the_settings() -> None:
    source = document(rate=1000)
    situation = situation_of(source, "h")
    found = result_of(source, situation, Burst(5, 2), 1000, 5, 500.0, None)
    changed = with_settings(source, found.recommended)
    assert changed.preset.bench.listeners["h"][0].high_water_mark == mark_for(situation)
    plain = msgspec.to_builtins(found)
    assert plain["format"] == FORMAT
    assert {"recommended", "reason", "burst", "capacity", "memory_bytes", "proof"} <= set(plain)
    assert found.reason.count(". ") == 1
    assert f"{100 * MARGIN:.0f} % more" in found.reason


def test_runs_of_which_too_many_are_invalid_prove_nothing() -> None:
    source = document(rate=1000, listeners=[{"stall": [1, 2]}], duration_s=5)
    situation = situation_of(source, "h")
    assert prove(source, Pipes(source, "invalid"), situation, 100, 20) is None


def test_a_loss_on_a_busy_machine_is_tried_again() -> None:
    class Busy(Pipes):
        def run(self, values: Values) -> RunResult:
            found = super().run(values)
            self.runs = getattr(self, "runs", 0) + 1
            if self.runs % 2 == 0:
                return found
            figures = msgspec.structs.replace(handler({"l": listener(lost=40)}), offered=1000)
            workers = {"worker-1": worker(wait_s=0.9)}
            return msgspec.structs.replace(found, handlers={"h": figures}, workers=workers)

    source = document(rate=1000, listeners=[{"stall": [1, 1.5]}], duration_s=5)
    situation = situation_of(source, "h")
    proof = prove(source, Busy(source), situation, mark_for(situation), 3)
    assert proof is not None
    assert proof.lost == 0


def test_the_proof_runs_without_a_kernel_and_with_the_wanted_handler_alone() -> None:
    raw = preset(PUB, rate=1000, listeners=[{"endpoint": "tcp://127.0.0.1:*"}])
    raw["output"]["handlers"]["other"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "REQ"}}
    source = documents.parse(raw, "test")
    changed = with_settings(source, proof_values(source, situation_of(source, "h"), 100, half=False, phase=0.5))
    assert changed.preset.output.handlers["h"].uri == "zmq://inproc://hwm-h"
    assert not changed.preset.output.handlers["other"].enabled
    assert changed.preset.bench.listeners["h"][0].endpoint is None


def test_the_handler_is_chosen_or_refused() -> None:
    source = document()
    assert handler_of(source, None) == handler_of(source, "h") == "h"
    with pytest.raises(InputError, match="no handler “x”"):
        handler_of(source, "x")
    with pytest.raises(InputError, match="needs no mark"):
        handler_of(document({"socket_type": "REQ"}), None)
    endless = document(source={"kind": "synthetic", "event": "detection", "load": {"shape": "max"}})
    with pytest.raises(InputError, match="no rate of its own"):
        situation_of(endless, "h")
