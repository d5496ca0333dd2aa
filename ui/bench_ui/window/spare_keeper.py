"""Starts the processes of the next run while the window is idle: open document -> **spare keeper** -> spare workers.

So a run that the user starts begins sooner. Only the command keeps spare workers, once its window is shown.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from bench_app.engine.plan import make_plan
from bench_app.system.processors import usable_processors
from bench_ui.workbench import Workbench

BETWEEN_MS = 50
"""The time between two starts: each holds the loop for some milliseconds."""
MOST = 16
"""A run of more processes starts the others itself. Each holds some 20 MB."""


class SpareKeeper(QObject):
    """Keeps as many spare workers as the open document needs, while no run and no work of the lab is under way."""

    def __init__(self, bench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent or bench)
        self._bench = bench
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(BETWEEN_MS)
        self._timer.timeout.connect(self._start_one)
        bench.editor.document_changed.connect(self._timer.start)
        bench.run.phase_changed.connect(self._timer.start)
        bench.run_refusal_changed.connect(self._timer.start)
        self._timer.start()

    def _start_one(self) -> None:
        document, run = self._bench.editor.document, self._bench.run
        if document is None or run.running or self._bench.run_refusal:
            return
        wanted = len(make_plan(document.preset, usable_processors()).workers)
        if len(run.spares) < min(MOST, wanted) and run.spares.start_one():
            self._timer.start()
