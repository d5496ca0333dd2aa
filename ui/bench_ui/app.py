"""Opens the window and runs it to its end; what the command line asks of it."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QApplication

from bench_app.engine.result import RunResult, to_json
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.system import scheduling_groups
from bench_app.system.files import write_out
from bench_ui.loop import run
from bench_ui.window.main_window import MainWindow

NAME = "zmq-bench"


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for. ``preset`` None: the gallery."""

    preset: str | None = None
    start: bool = False
    screenshot: Path | None = None
    after_s: float | None = None
    json_file: Path | None = None


def open_window(
    preset: str | None, start: bool, screenshot: Path | None, after_s: float | None, json_file: Path | None
) -> int:
    """Open the window; returns an exit code when it is closed. Raises InputError for a preset that cannot be used."""
    document = None if preset is None else documents.load(preset)
    scheduling_groups.leave_session_of_others()
    app = make_app()
    wishes = Wishes(preset, start, screenshot, after_s, json_file)
    return run(app, _main(wishes, document))


def make_app() -> QApplication:
    """The one application object, named so that settings and runs have their place."""
    app = QApplication.instance() or QApplication([NAME])
    assert isinstance(app, QApplication)
    app.setApplicationName(NAME)
    app.setApplicationDisplayName("ZMQ Test Bench")
    app.setQuitOnLastWindowClosed(False)
    app.setStyle("Fusion")
    pg.setConfigOptions(antialias=False)
    return app


def make_window() -> MainWindow:
    """The window, with the user's settings and runs."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    return MainWindow(settings, folder / "runs.sqlite")


async def _main(wishes: Wishes, document: Document | None) -> int:
    window = make_window()
    failures: list[str] = []
    if wishes.json_file is not None:
        file = wishes.json_file
        window.bench.run_ended.connect(lambda _, finished: _write_result(finished.result, file, failures, window))
    _close_on_signals(window)
    window.show()
    window.load_runs()
    # All that is there by now stays; looking through it again and again would hold the loop for a tenth of a second.
    gc.collect()
    gc.freeze()
    if document is not None:
        window.bench.set_document(document)
    if wishes.start:
        window.bench.start()
    if wishes.screenshot is not None or wishes.after_s is not None:
        await asyncio.sleep(wishes.after_s if wishes.after_s is not None else 2.0)
        if wishes.screenshot is not None and not window.grab().save(str(wishes.screenshot)):
            failures.append(f"the picture could not be written to {wishes.screenshot}")
        await window.shut_down()
    else:
        await window.closed.wait()
    for failure in failures:
        print(f"zmq-bench: {failure}", file=sys.stderr)
    window.deleteLater()
    return 3 if failures else 0


def _write_result(result: RunResult, file: Path, failures: list[str], window: MainWindow) -> None:
    try:
        if str(file) == "-":
            sys.stdout.write(to_json(result).decode())
            sys.stdout.flush()
        else:
            write_out(file, to_json(result))
    except OSError as error:
        sentence = f"the result could not be written to {file}: {error.strerror or error}"
        failures.append(sentence)
        window.user_messages.show(sentence)


def _close_on_signals(window: MainWindow) -> None:
    """Ctrl+C in the terminal it was started from closes the window as its cross does."""

    def close(*_: Any) -> None:
        window.bench.undo_stack.setClean()
        window.close()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), close)
