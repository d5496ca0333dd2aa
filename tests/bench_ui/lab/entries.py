"""Works of the lab in tests: a preset, a sweep of two keys, and journals with chosen results."""

from __future__ import annotations

from pathlib import Path

import msgspec
from bench_ui.lab.journal_reader import JournalEntry, JournalReader
from bench_ui.lab.question import Question
from bench_ui.lab.sweep_grid import SweepGrid
from bench_ui.lab.work_folder import LabWork, WorkFolder

from bench_app.engine.result import RunResult
from bench_app.lab.journal import Journal
from bench_app.preset.documents import Document, parse
from tests.comparison.results import handler, listener, result
from tests.runs import preset

HWM = "output.handlers.h.config.high_water_mark"
RATE = "bench.sources.events.load.rate"
SWEEP = Question(
    "sweep", ["--vary", f"{HWM}=10,1000", "--vary", f"{RATE}=100,200", "--repeat", "2", "--duration", "0.3"]
)
P50 = "latency.service.p50_ms"


def document() -> Document:
    """A PUB ``h`` with the mark 1000, at 100 events a second."""
    return parse(preset({"socket_type": "PUB", "topic": "t", "high_water_mark": 1000}, rate=100), "test")


def run(p50_ms: float = 1.0, lost: int = 0) -> RunResult:
    """A run that counts."""
    return result(h=handler(sub=listener(1000 * p50_ms, lost)))


INVALID = result("invalid", ("the machine was busy",))


def key(mark: int, rate: int) -> str:
    """The key of a cell's runs in the journal."""
    return f"{HWM}={mark}, {RATE}={rate}"


def grid() -> SweepGrid:
    """An empty grid of the sweep."""
    return SweepGrid.of(SWEEP)


def filled() -> SweepGrid:
    """A grid with a latency of 1, 2, 3 ms in three cells, and a fourth whose runs are invalid."""
    found = grid()
    cells = [(10, 100), (10, 200), (1000, 100), (1000, 200)]
    for number, (mark, rate) in enumerate(cells):
        found.add(key(mark, rate), INVALID if number == 3 else run(number + 1.0), number)
    return found


def work_of(folder: Path, question: Question = SWEEP, results: dict[str, RunResult] | None = None) -> LabWork:
    """A work with these results in its journal."""
    work = WorkFolder(folder).prepare(document(), question)
    journal = Journal(work.journal, question.command, {})
    for name, one in (results or {}).items():
        journal.keep(name, msgspec.json.encode(one))
    journal.close()
    return work


def entries(work: LabWork) -> list[JournalEntry]:
    """All entries of a work's journal."""
    found: list[JournalEntry] = []
    assert not JournalReader(work.journal).read(60.0, found.append)
    return found
