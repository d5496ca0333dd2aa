"""How long the window draws a sweep of 1,000 cells: ``python -m benchmarks.lab_grid``.

Fills the grid of the lab with runs as a journal has them, and measures the longest time for which the window would
stand still: to read entries, and to draw the map. A frame has 16 ms. The times are processor times of the window's
thread, so that what else the machine does does not count.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
from bench_ui.app import make_app
from bench_ui.lab.journal_reader import JournalEntry, JournalReader
from bench_ui.lab.lab_runner import BUSY_S
from bench_ui.lab.question import Question
from bench_ui.lab.sweep_tab import SweepTab
from bench_ui.lab.work_folder import LabWork, WorkFolder
from PySide6.QtCore import QTimer

from bench_app.lab.journal import Journal
from bench_app.lab.trial import run_trial
from bench_app.preset import documents
from bench_app.preset.documents import Document

ROWS, COLUMNS = 25, 40
FRAME_MS = 16.0
HWM, RATE = "output.handlers.zmq-publisher.config.high_water_mark", "bench.sources.events.load.rate"


def journal_of(document: Document, folder: Path) -> LabWork:
    """A work with a run in each of 1,000 cells: one real result with other counts."""
    marks = [10 + 10 * row for row in range(ROWS)]
    rates = [100 + 100 * column for column in range(COLUMNS)]
    options = [f"{path}={','.join(map(str, values))}" for path, values in ((HWM, marks), (RATE, rates))]
    work = WorkFolder(folder).prepare(document, Question("sweep", ["--vary", options[0], "--vary", options[1]]))
    real = run_trial(document, {"bench.duration_s": 0.2}).result
    journal = Journal(work.journal, "sweep", {})
    for mark in marks:
        for rate in rates:
            handler = msgspec.structs.replace(real.handlers["zmq-publisher"], send_timeout=max(0, rate - mark))
            result = msgspec.structs.replace(real, verdict="pass", handlers={"zmq-publisher": handler})
            journal.keep(f"{HWM}={mark}, {RATE}={rate}", msgspec.json.encode(result))
    journal.close()
    return work


def main() -> int:
    """Measure, print, and fail if a part takes longer than a frame."""
    app = make_app()
    document = documents.load("basic-publisher")
    work = journal_of(document, Path(tempfile.mkdtemp()))
    tab = SweepTab()
    timer = tab.findChild(QTimer)
    assert timer is not None
    tab.show_document(document)
    tab.resize(1280, 660)
    tab.show()
    tab.begin(work, is_running=True)
    tab.draw()
    app.processEvents()
    reader = JournalReader(work.journal)
    reads: list[float] = []
    draws: list[float] = []
    entries: list[float] = []

    def take(entry: JournalEntry) -> None:
        began_s = time.thread_time()
        tab.take(entry)
        entries.append(1000 * (time.thread_time() - began_s))

    is_more = True
    while is_more:
        began_s = time.thread_time()
        is_more = reader.read(BUSY_S, take)
        reads.append(1000 * (time.thread_time() - began_s))
        began_s = time.thread_time()
        # In the window a timer draws, at most ten times a second.
        timer.stop()
        tab.draw()
        app.processEvents()
        draws.append(1000 * (time.thread_time() - began_s))
    print(f"{len(entries):,} runs of 1,000 cells")
    is_slow = False
    for name, times in (("an entry", entries), ("a poll of the journal", reads), ("a picture", draws)):
        middle, longest = statistics.median(times), max(times)
        is_slow |= middle > FRAME_MS
        print(f"{name}: {middle:.1f} ms, longest {longest:.1f} ms")
    return int(is_slow)


if __name__ == "__main__":
    sys.exit(main())
