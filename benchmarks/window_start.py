"""How fast the window comes up: beside a bare window of PySide6 and pyqtgraph, and to the first curve of a run.

``python -m benchmarks.window_start`` prints the figures; part of ``make bench``. Both windows are started in turns, as
processes of their own, and their medians are compared. Time counts from the start of the process to the first picture.
The plots of the bench's window come after its first picture; the time until they are there is printed, too.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
RATIO_BAR = 1.5
CURVE_BAR_S = 1.5
PRESET = "multi-pattern"
STARTED = "WINDOW_STARTED_NS"
"""The environment variable with the time at which a window's process was started."""
POLL_S = 0.01
LOOK_S = 1.0
"""A user looks at the preset for this long before *Start*. Meanwhile the window starts the processes of the run."""
POINTS = 2
"""A curve is drawn from two points on, and it moves with the next one."""


def since_start_s() -> float:
    """Seconds since this process was started; ``perf_counter_ns`` is the same in all processes of a machine."""
    return (time.perf_counter_ns() - int(os.environ[STARTED])) / 1e9


def report(**figures: float) -> None:
    """Print the figures for the process that waits for them."""
    print(json.dumps({"cpu_s": time.process_time(), **figures}), flush=True)


def bare() -> None:
    """A window with one plot."""
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication, QMainWindow

    app = QApplication([])
    app.setStyle("Fusion")
    window = QMainWindow()
    plot = pg.PlotWidget()
    plot.plot([1, 2, 3])
    window.setCentralWidget(plot)
    window.resize(1280, 720)
    window.show()
    app.processEvents()
    report(window_s=since_start_s())


def ours(starts_run: bool) -> None:
    """The bench's window with a preset, and its first curve after Start."""
    from bench_app.cli import open_command

    # As the command does it: the engine before Qt, and without the collector.
    gc.disable()
    open_command.load_window()
    from bench_ui import app as app_module
    from PySide6.QtCore import QEvent, QObject, QSettings, QTimer

    made = app_module.MainWindow

    class FirstPicture(QObject):
        """Calls back after the first picture of the window."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, self, shown.set)
            return False

    shown = asyncio.Event()

    async def watch(window: app_module.MainWindow) -> None:
        await shown.wait()
        window_s, cpu_s = since_start_s(), time.process_time()
        while not window.panels.board.has_plots:
            await asyncio.sleep(POLL_S)
        plots_s, curve_s = since_start_s(), 0.0
        if starts_run:
            await asyncio.sleep(LOOK_S)
            began = time.perf_counter()
            window.bench.start()
            data = window.panels.board.throughput.data
            while len(data.get("received", ((), ()))[0]) <= POINTS:
                await asyncio.sleep(POLL_S)
            curve_s = time.perf_counter() - began
        report(window_s=window_s, cpu_s=cpu_s, plots_s=plots_s, curve_s=curve_s)
        window.bench.editor.undo_stack.setClean()
        window.close()

    def make_window() -> app_module.MainWindow:
        folder = Path(tempfile.mkdtemp())
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        window = made(settings, folder / "runs.sqlite")
        picture = FirstPicture(window)
        window.installEventFilter(picture)
        window.bench.start_task(watch(window), "watch")
        return window

    app_module.make_window = make_window
    app_module.open_window(PRESET, False, None, None, None)


def measured(which: str) -> dict[str, float]:
    """The figures of one process."""
    platform = os.environ.get("QT_QPA_PLATFORM", "offscreen")
    environment = {**os.environ, STARTED: str(time.perf_counter_ns()), "QT_QPA_PLATFORM": platform}
    # As for a user: Python keeps what it has compiled. Without that, the bench's own modules are compiled each time.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", __spec__.name, which]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    figures: dict[str, float] = json.loads(output.splitlines()[-1])
    return figures


def compare(rounds: int = ROUNDS) -> bool:
    """Whether the window comes up soon enough beside a bare one, and the first curve soon enough after Start."""
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "window": [], "run": []}
    for which in runs:
        # The first start compiles modules and reads files that no other process has read.
        measured(which)
    for _ in range(rounds):
        for which, found in runs.items():
            found.append(measured(which))

    def median(which: str, name: str) -> float:
        return statistics.median(one[name] for one in runs[which])

    ratio = median("window", "window_s") / median("bare", "window_s")
    cpu_ratio = median("window", "cpu_s") / median("bare", "cpu_s")
    curve_s = median("run", "curve_s")
    print(
        f"start to window: {median('window', 'window_s'):.2f} s, bare PySide6 and pyqtgraph "
        f"{median('bare', 'window_s'):.2f} s: ratio {ratio:.2f} (bar {RATIO_BAR}); processor time "
        f"{median('window', 'cpu_s'):.2f} s and {median('bare', 'cpu_s'):.2f} s: ratio {cpu_ratio:.2f}; "
        f"with plots {median('window', 'plots_s'):.2f} s"
    )
    print(f"Start to the first moving curve, {LOOK_S:.0f} s after the plots: {curve_s:.2f} s (bar {CURVE_BAR_S} s)")
    return ratio <= RATIO_BAR and curve_s <= CURVE_BAR_S


def main() -> None:
    """Measure, or be one of the windows that are measured."""
    match sys.argv[1:]:
        case ["bare"]:
            bare()
        case ["window"]:
            ours(starts_run=False)
        case ["run"]:
            ours(starts_run=True)
        case []:
            sys.exit(0 if compare() else 1)
        case [rounds]:
            sys.exit(0 if compare(int(rounds)) else 1)


if __name__ == "__main__":
    main()
