"""Opens the window for the command line, and runs it until it is closed."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from bench_app.archive.run_file import is_run_file
from bench_app.engine.result import RunResult, to_json
from bench_app.engine.timeline import KEY_AFTER_S
from bench_app.preset import documents
from bench_app.preset.demos import Showing, load_demo
from bench_app.preset.documents import Document
from bench_app.system import scheduling_groups
from bench_app.system.files import write_out
from bench_app.untrusted.visible_text import harmless_json, visible_lines
from bench_ui.loop import DisplayLostError, run
from bench_ui.performance.garbage_timer import GarbageTimer
from bench_ui.presentation.frames import SIZE, FrameRecorder
from bench_ui.window.main_window import RUNS_FILE, MainWindow

NAME = "zmq-bench"
ICON = Path(__file__).with_name("zmq-bench.svg")
FIRST_PICTURE_S = 0.02
"""Work that can wait begins so long after the window was shown: later than the system's order to paint it."""
_EXIT_FAILED = 3
"""The exit code of the command line for what failed around a run."""
SCREENSHOT_AFTER_S = 2.0
"""A screenshot is taken after this time, unless the command line gives another one."""


@dataclass(frozen=True)
class WindowOptions:
    """The options of ``zmq-bench gui``.

    Attributes:
        document: the preset to open; None shows the gallery.
        run_file: the run of another bench to keep and show.
        start: run the preset at once.
        screenshot: write a picture of the window to this file, then close the window.
        after_s: close the window after this time.
        json_file: write the result of each run to this file; ``-`` is the standard output.
        showing: present the document as a demo, in this way.
    """

    document: Document | None = None
    run_file: Path | None = None
    start: bool = False
    screenshot: Path | None = None
    after_s: float | None = None
    json_file: Path | None = None
    showing: Showing | None = None


def open_window(
    preset: str | None,
    start: bool,
    screenshot: Path | None,
    after_s: float | None,
    json_file: Path | None,
    showing: Showing | None = None,
) -> int:
    """Open the window; returns an exit code when it is closed. Raises InputError for a preset that cannot be used.

    ``preset``: a preset, or the file of a kept run. ``showing``: present the preset as a demo, in this way.
    """
    load = documents.load if showing is None else load_demo
    run_file = Path(preset) if preset is not None and is_run_file(Path(preset)) else None
    document = None if preset is None or run_file is not None else load(preset)
    # Nothing of what is made until the window is shown is garbage, so looking for it would only delay the window.
    gc.disable()
    scheduling_groups.leave_shared_session()
    app = make_app()
    options = WindowOptions(document, run_file, start, screenshot, after_s, json_file, showing)
    try:
        return run(app, _main(options))
    except DisplayLostError as lost:
        kept = "A run under way was ended and kept." if lost.is_cleaned_up else "A run under way may not be kept."
        print(f"zmq-bench: The display is gone, and with it the window. {kept}", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        # Without its display Qt can neither close its loop nor its threads.
        os._exit(_EXIT_FAILED)


def make_app() -> QApplication:
    """Return the one application object. Its name is also the name of the folder with settings and kept runs."""
    _find_home()
    app = QApplication.instance() or QApplication([NAME])
    assert isinstance(app, QApplication)
    app.setApplicationName(NAME)
    app.setApplicationDisplayName("ZMQ Test Bench")
    # A desktop finds the name and the icon in zmq-bench.desktop, which the wheel installs.
    app.setDesktopFileName(NAME)
    app.setWindowIcon(QIcon(str(ICON)))
    app.setQuitOnLastWindowClosed(False)
    app.setStyle("Fusion")
    return app


def _find_home() -> None:
    """Set HOME if it is not set. Qt would otherwise keep settings and runs in the root folder of the disk."""
    if sys.platform == "win32" or os.environ.get("HOME"):
        return
    os.environ.pop("HOME", None)
    try:
        os.environ["HOME"] = str(Path.home())
    except RuntimeError:
        # This user has no home folder at all, as some users in containers.
        os.environ["HOME"] = tempfile.gettempdir()


def make_window() -> MainWindow:
    """Make the window with the settings and kept runs of the user."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    return MainWindow(settings, folder / RUNS_FILE)


async def _main(options: WindowOptions) -> int:
    window = make_window()
    try:
        return await _show(window, options)
    except asyncio.CancelledError:
        # The display is gone: nobody sees the window any more, but its run can be kept.
        await window.shut_down()
        raise


async def _show(window: MainWindow, options: WindowOptions) -> int:
    # Everything that takes long and that the user does not see first is made after the first picture.
    window.panels.board.hold()
    window.panels.inspector.hold()
    failures: list[str] = []
    if options.json_file is not None:
        file = options.json_file
        window.bench.run.ended.connect(lambda _, finished: _write_result(finished.result, file, failures, window))
    _close_on_signals(window)
    if options.document is not None:
        # Before the window is shown: it would first show the gallery, and make all its cards.
        window.bench.set_document(options.document)
    window.show()
    if options.showing is not None:
        window.bench.run.speed = options.showing.speed
        if options.showing.frames is not None:
            window.bench.run.key_after_s = KEY_AFTER_S
        window.presentation.toggle()
    if options.start:
        window.bench.start()
    await asyncio.sleep(FIRST_PICTURE_S)
    for part in (window.panels.board, window.panels.inspector):
        part.release()
        # Show each part before the next one is made.
        await asyncio.sleep(FIRST_PICTURE_S)
    window.load_runs()
    if options.run_file is not None:
        window.run_actions.take_in(options.run_file)
    # The objects that exist now stay to the end. Freeze them: a collection that visits them pauses the loop for 0.1 s.
    gc.collect()
    gc.freeze()
    garbage = GarbageTimer(window)
    # The first run starts sooner.
    window.bench.run.template.start()
    if options.showing is not None and options.showing.frames is not None:
        failures += await _record_frames(window, options.showing.frames)
        await window.shut_down()
    elif options.screenshot is not None or options.after_s is not None:
        await _close_later(window, options, failures)
    else:
        await window.closed.wait()
    for failure in failures:
        print(f"zmq-bench: {visible_lines(failure)}", file=sys.stderr)
    garbage.end()
    window.deleteLater()
    return _EXIT_FAILED if failures else 0


async def _record_frames(window: MainWindow, folder: Path) -> list[str]:
    """Take a picture of each step of the demo under way, until its run has ended. Returns messages about failures."""
    document = window.bench.editor.document
    assert document is not None
    run = window.bench.run
    frames = FrameRecorder(window, folder, document.name)
    # The screen of the offscreen platform is small, so set the size of a projector's picture instead.
    window.showNormal()
    window.resize(*SIZE)
    ended = asyncio.Event()
    window.presentation.step_coming.connect(frames.note)
    run.ended.connect(lambda *_: ended.set())
    run.failed.connect(lambda _: ended.set())
    await ended.wait()
    await frames.finish()
    return frames.failures


async def _close_later(window: MainWindow, options: WindowOptions, failures: list[str]) -> None:
    await asyncio.sleep(options.after_s if options.after_s is not None else SCREENSHOT_AFTER_S)
    if options.screenshot is not None:
        picture = window.grab().toImage()
        # On another thread, because the picture takes a second to compress.
        if not await asyncio.to_thread(picture.save, str(options.screenshot)):
            failures.append(f"the picture could not be written to {options.screenshot}")
    await window.shut_down()


def _write_result(result: RunResult, file: Path, failures: list[str], window: MainWindow) -> None:
    try:
        if str(file) == "-":
            sys.stdout.buffer.write(harmless_json(to_json(result)))
            sys.stdout.flush()
        else:
            write_out(file, to_json(result))
    except OSError as error:
        failure = f"the result could not be written to {file}: {error.strerror or error}"
        failures.append(failure)
        window.user_messages.show(failure)


def _close_on_signals(window: MainWindow) -> None:
    """Let Ctrl+C in the terminal close the window, without a question about unsaved changes."""

    def close(*_: Any) -> None:
        window.bench.editor.undo_stack.setClean()
        window.close()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), close)
