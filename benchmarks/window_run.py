"""Measures the window during a run: frames, lag, processor time; part of ``make bench``."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bench_ui.app import make_app
from bench_ui.loop import run
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QSettings

from bench_app.engine.result import GuiFigures, RunResult
from bench_app.engine.session import Phase
from bench_app.preset import documents
from benchmarks.presets import one_handler

SETTLING_S = 2.0


@dataclass(frozen=True)
class Measured:
    """Figures of a run in the window.

    Attributes:
        gui: frames and lag of the window.
        cpu: the share of one core that the window's process used.
        result: the result of the run.
    """

    gui: GuiFigures
    cpu: float
    result: RunResult


def flood() -> dict[str, Any]:
    """100,000 small events a second through one PUSH."""
    config = {"socket_type": "PUSH", "queue_size": 100_000, "high_water_mark": 100_000}
    load = {"shape": "constant", "rate": 100_000}
    source = {"kind": "synthetic", "event": "minimal", "size": 128, "load": load}
    return one_handler(config, source=source, duration_s=12)


def crowd() -> dict[str, Any]:
    """50 handlers at 200 events a second each."""
    raw = one_handler({"socket_type": "PUSH"}, rate=200, duration_s=12)
    one = raw["output"]["handlers"]["h"]
    raw["output"]["handlers"] = {f"h{number}": one for number in range(50)}
    raw["bench"]["handlers"] = {}
    return raw


def many() -> dict[str, Any]:
    """60 handlers that offer 3,000 events a second together."""
    raw = crowd()
    one = raw["output"]["handlers"]["h0"]
    raw["output"]["handlers"] = {f"h{number}": one for number in range(60)}
    raw["bench"]["sources"]["events"]["load"]["rate"] = 50
    return raw


def measure(raw: dict[str, Any]) -> Measured:
    """Run a preset in an offscreen window of 1280x720 with all panels visible."""
    measured: list[Measured] = []

    def is_running(window: MainWindow) -> bool:
        return window.bench.run.phase is Phase.RUNNING

    async def main() -> int:
        with tempfile.TemporaryDirectory() as folder:
            settings = QSettings(str(Path(folder) / "window.ini"), QSettings.Format.IniFormat)
            window = MainWindow(settings, Path(folder) / "runs.sqlite")
            window.show()
            window.bench.set_document(documents.parse(raw, "bench"))
            window.bench.start()
            while not is_running(window):
                await asyncio.sleep(0.05)
            await asyncio.sleep(SETTLING_S)
            window.bench.run.loop_lag.reset()
            cpu_s, began_s = time.process_time(), time.monotonic()
            while is_running(window):
                await asyncio.sleep(0.05)
            gui = window.bench.run.loop_lag.figures()
            cpu = (time.process_time() - cpu_s) / (time.monotonic() - began_s)
            while window.bench.run.result is None:
                await asyncio.sleep(0.05)
            measured.append(Measured(gui, cpu, window.bench.run.result))
            window.close()
            await window.closed.wait()
        return 0

    run(make_app(), main())
    return measured[0]
