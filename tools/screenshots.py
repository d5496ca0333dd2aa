"""``make screenshots``: pictures of the window in its main states, light and dark, in several sizes.

All are written to ``build/pictures``, to be looked at. Those that ``docs/pictures`` has already are renewed there.
``ARGS``: the sizes, for example ``3840x2160``; without one, 1280x720 and 1920x1080.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bench_ui.app import make_app
from bench_ui.loop import run
from bench_ui.widgets.theme import DARK, LIGHT, Theme
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from bench_app.engine.session import Phase
from bench_app.preset import documents
from bench_app.sweeps.axes import Axis

ROOT = Path(__file__).parent.parent
ALL_PICTURES, DOCS_PICTURES = ROOT / "build" / "pictures", ROOT / "docs" / "pictures"
SIZES = ("1280x720", "1920x1080")
ORDINARY_LAG_MS = 40.0
LAG_LIMIT_S = 10.0
RUN_S = 300
"""No run ends while its pictures are taken."""
REFRESHED_S = 0.6
"""By then the status bar shows the lag of now."""


async def shoot(window: MainWindow, name: str) -> None:
    """Take the picture as the window is now."""
    await wait_for_ordinary_lag(window)
    shade = "dark" if window.color_scheme.theme.dark else "light"
    image = window.grab().toImage()
    # On another thread: the plots have a gap where the window stood still.
    await asyncio.to_thread(save, image, f"window-{name}-{shade}-{window.width()}.png")


def save(image: QImage, name: str) -> None:
    """Write a picture as small as it can be; this takes a second."""
    path = ALL_PICTURES / name
    if not image.save(str(path), "PNG", 0):
        raise SystemExit(f"{path} could not be written")
    if (DOCS_PICTURES / name).exists():
        shutil.copyfile(path, DOCS_PICTURES / name)


async def wait_for_ordinary_lag(window: MainWindow) -> None:
    """Wait until the status bar no longer shows the lag of the last picture and of the change of size."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(REFRESHED_S)
    end_s = loop.time() + LAG_LIMIT_S
    while window.bench.run.loop_lag.lag_now_ms > ORDINARY_LAG_MS and loop.time() < end_s:
        await asyncio.sleep(0.1)
    await asyncio.sleep(REFRESHED_S)


async def play(window: MainWindow, preset: str, seconds: float) -> None:
    """Run a preset for a while."""
    document = documents.load(preset)
    window.bench.set_document(documents.replace_all(document, [(("bench", "duration_s"), RUN_S)]))
    window.bench.start()
    while window.bench.run.phase is not Phase.RUNNING:
        if window.bench.run.result is not None:
            raise SystemExit(f"{preset} did not run: {'; '.join(window.bench.run.result.reasons)}")
        await asyncio.sleep(0.05)
    await asyncio.sleep(seconds)


async def finish(window: MainWindow) -> None:
    """Stop the run and wait until the run store has it."""
    window.bench.run.stop()
    while window.bench.run.running or window.bench.run.result is None:
        await asyncio.sleep(0.05)
    await window.run_store.flush()


async def sweep(window: MainWindow) -> None:
    """Sweep the high-water mark and the rate in the lab, to its end."""
    window.bench.set_document(documents.load("silent-pub-loss"))
    lab, ended = window.laboratory, asyncio.Event()
    lab.show("sweep")
    assert lab.page is not None
    lab.runner.ended.connect(lambda *_: ended.set())
    tab = lab.page.sweep
    tab.form.rows[0].show_axis(Axis("output.handlers.zmq-publisher.config.high_water_mark", [10, 100, 1000, 10_000]))
    tab.form.rows[1].show_axis(Axis("bench.sources.events.load.rate", [500, 1000, 2000, 5000, 10_000]))
    tab.form.seconds.setValue(1.0)
    tab.controls.start.click()
    await ended.wait()
    tab.choose(7)


async def main() -> int:
    """Take all pictures, each size and theme in a window of its own: a change of theme holds a window for seconds."""
    ALL_PICTURES.mkdir(parents=True, exist_ok=True)
    for size in sys.argv[1:] or SIZES:
        width, height = map(int, size.split("x"))
        for theme in (LIGHT, DARK):
            await take_all((width, height), theme)
    return 0


async def take_all(size: tuple[int, int], theme: Theme) -> None:
    """Take the pictures of all states in one size and theme."""
    folder = Path(tempfile.mkdtemp())
    window = MainWindow(QSettings(str(folder / "w.ini"), QSettings.Format.IniFormat), folder / "runs.sqlite")
    window.color_scheme.set_theme(theme)
    window.resize(*size)
    window.show()
    await shoot(window, "gallery")
    window.bench.set_document(documents.load("multi-pattern"))
    await shoot(window, "empty")
    await play(window, "multi-pattern", 12)
    window.bench.editor.edit([(("bench", "listeners", "zmq-publisher", 0, "delay_ms"), 0.5)], "delay")
    await asyncio.sleep(4)
    await shoot(window, "running")
    window.presentation.toggle()
    # The screen of the offscreen platform is small, so set the size of a projector's picture instead.
    window.showNormal()
    window.resize(*size)
    await shoot(window, "presentation")
    window.presentation.toggle()
    window.resize(*size)
    await finish(window)
    await play(window, "silent-pub-loss", 8)
    window.panel_layout.tabs.setCurrentWidget(window.panels.ledger)
    await shoot(window, "losses")
    await finish(window)
    run_id = window.panels.runs.summaries[0].id
    await window.run_actions.choose_baseline(run_id)
    document = window.bench.editor.document
    assert document is not None
    await play(window, "silent-pub-loss", 3)
    window.bench.editor.edit([(("bench", "listeners", "zmq-publisher", 1, "delay_ms"), 0.02)], "delay")
    await asyncio.sleep(5)
    window.panel_layout.tabs.setCurrentWidget(window.panels.runs)
    await shoot(window, "compared")
    await finish(window)
    await sweep(window)
    await shoot(window, "lab")
    window.panel_layout.tabs.setCurrentWidget(window.panels.messages)
    # Without a user, nothing could answer the question about unsaved changes.
    window.bench.editor.undo_stack.setClean()
    window.close()
    await window.closed.wait()


if __name__ == "__main__":
    application: QApplication = make_app()
    raise SystemExit(run(application, main()))
