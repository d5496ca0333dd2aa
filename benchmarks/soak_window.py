"""``make soak-window``: an hour of nine handlers in the window; its memory must stay flat. ``SOAK_S`` shortens it.

The time series of the plots grow until they are full, ten minutes after the start. The growth of the window's memory is
counted from then on.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from bench_ui.app import make_app
from bench_ui.loop import run
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QSettings

from bench_app.engine.sampler import SAMPLE_S
from bench_app.measure.time_series import CAPACITY
from bench_app.preset import documents
from benchmarks.presets import assert_balanced, one_handler
from benchmarks.soak import GROWTH_BAR, grown

SECONDS = float(os.environ.get("SOAK_S", "3600"))
FULL_S = CAPACITY * SAMPLE_S + 60
EVERY_S = 30.0
PATTERNS = ("PUSH", "PUB", "REQ")
RATE = 500


def nine_handlers() -> dict[str, Any]:
    """Three handlers of each pattern, each with one listener."""
    raw = one_handler({"socket_type": "PUSH"}, rate=RATE, duration_s=SECONDS)
    uri = raw["output"]["handlers"].pop("h")["uri"]
    raw["bench"]["handlers"] = {}
    raw["output"]["handlers"] = {
        f"{kind.lower()}-{number}": {"uri": uri, "config": {"socket_type": kind}}
        for kind in PATTERNS
        for number in range(3)
    }
    return raw


async def watch(window: MainWindow) -> list[int]:
    """Resident sizes of the window's process, from the time when the time series are full to the end of the run."""
    process, began, sizes = psutil.Process(), time.monotonic(), []
    while window.bench.run.running:
        await asyncio.sleep(min(EVERY_S, SECONDS / 10))
        elapsed_s, size = time.monotonic() - began, process.memory_info().rss
        print(
            f"{elapsed_s:6.0f} s  window: {size / 1e6:.1f} MB, {process.num_fds()} descriptors, "
            f"{process.num_threads()} threads",
            flush=True,
        )
        if elapsed_s > FULL_S:
            sizes.append(size)
    return sizes


async def main() -> int:
    """Run the preset in a window with its own folder; returns 0 if the memory stays flat."""
    folder = Path(tempfile.mkdtemp())
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(settings, folder / "runs.sqlite")
    window.show()
    window.bench.set_document(documents.parse(nine_handlers(), "soak"))
    window.bench.start()
    sizes = await watch(window)
    result = window.bench.run.result
    await window.shut_down()
    assert result is not None
    assert_balanced(result)
    if len(sizes) < 3:
        print(f"too short for a result: the time series of the plots grow for {FULL_S:.0f} s")
        return 0
    print(
        f"growth of the window after its time series were full: x{grown(sizes):.3f} (bar {GROWTH_BAR}); "
        f"{result.verdict}"
    )
    return 0 if grown(sizes) <= GROWTH_BAR else 1


if __name__ == "__main__":
    sys.exit(run(make_app(), main()))
