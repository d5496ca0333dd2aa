"""What a recommendation knows while it is measured."""

from __future__ import annotations

import msgspec
from bench_ui.lab.hwm_progress import HwmProgress, result_lines
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.lanes import PointState
from bench_ui.lab.question import Question

from bench_app.lab.burst import burst_values
from bench_app.lab.hwm import HalfProof, HwmResult, Proof, proof_values, situation_of
from bench_app.lab.laboratory import _key_of
from tests.bench_ui.lab.entries import INVALID, document, run

MARK = 32


def burst(events: int, lost: int) -> JournalEntry:
    return JournalEntry(_key_of(burst_values(document(), "h", events, 1000.0)), msgspec.json.encode(run(lost=lost)), 0)


def proof(half: bool, lost: int, valid: bool = True) -> JournalEntry:
    values = proof_values(document(), situation_of(document(), "h", 0.3), MARK, half, 0.5)
    return JournalEntry(_key_of(values), msgspec.json.encode(run(lost=lost) if valid else INVALID), 0)


def test_bursts_close_in_and_the_proof_fills() -> None:
    progress = HwmProgress(Question("hwm", ["--proof", "2"]))
    for entry in (burst(100, 0), burst(200, 50), burst(150, 0)):
        assert progress.add(entry)
    (lane,) = progress.burst_chart.lanes
    assert (lane.low, lane.high) == (150, 200) and len(lane.points) == 3
    for entry in (proof(False, 0), proof(True, 7), proof(False, 0, valid=False)):
        assert progress.add(entry)
    whole, half = progress.proof_chart.lanes
    assert whole.title == "The recommended mark, 32" and half.title == "Half of it, 16"
    assert [point.state for point in whole.points] == [PointState.GOOD, PointState.NOT_COUNTED]
    assert half.text == "1 of 1 runs lost something"
    assert progress.texts[0] == "burst of 100: nothing lost" and progress.texts[4] == "high-water mark 16: 7 lost"
    assert 0 < progress.share < 1 and progress.runs_left == 1


def test_the_recommendation_has_reason_price_and_proof() -> None:
    found = HwmResult(
        preset="p",
        handler="h",
        recommended={"output.handlers.h.config.high_water_mark": MARK},
        reason="Because.",
        backlog=30,
        stall_s=0.3,
        burst=20,
        capacity=25,
        step=1,
        memory_bytes=64_000,
        oldest_s=0.64,
        proof=Proof(20, 0, HalfProof(20, 20)),
        notes=["a note"],
    )
    assert result_lines(found) == [
        "Because.",
        "It costs 64.0 kB when all is full, and then the oldest message is 640 ms old.",
        "Proof: 0 of 20 runs lost something; with half of the marks, 20 of 20.",
        "Note: a note",
    ]
