"""The window in tests: offscreen, with its own folder, on the real loop, with real workers."""

from __future__ import annotations

import fcntl
import gc
import os
import tempfile
from collections.abc import Callable, Coroutine, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bench_ui import app as ui_app
from bench_ui.loop import run
from bench_ui.performance.garbage_timer import collector_off
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

Scenario = Callable[[MainWindow], Coroutine[Any, Any, None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A window that hangs waits in Qt, where no signal reaches Python: only another thread can end it."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(120, method="thread"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Keep the collector off in a test, as the window does: it may delete a widget that Qt is about to use."""
    with collector_off():
        result = yield
    gc.collect(1)
    return result


@pytest.fixture
def well_known_ports() -> Iterator[None]:
    """For a test that uses the ports of presets and of new handlers: no other such test runs at the same time."""
    with Path(tempfile.gettempdir(), "zmq-bench-test-ports").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def in_window(qapp: QApplication, tmp_path: Path, single_worker: None) -> Iterator[Callable[[Scenario], None]]:
    """Runs a scenario with an open window, and closes it afterwards as a user would."""
    ui_app.make_app()

    def play(scenario: Scenario) -> None:
        async def main() -> int:
            settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
            window = MainWindow(settings, tmp_path / "runs.sqlite")
            window.resize(1280, 720)
            window.show()
            try:
                await scenario(window)
            finally:
                window.bench.editor.undo_stack.setClean()
                window.close()
                await window.closed.wait()
                window.deleteLater()
            return 0

        assert run(qapp, main()) == 0

    yield play


@pytest.fixture(autouse=True)
def kept_widgets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the widgets of a test until they are closed.

    pytest-qt has weak references only, and paints after the test: a collection would take away what is being painted.
    """
    kept: list[QWidget] = []
    add = QtBot.addWidget

    def add_widget(bot: QtBot, widget: QWidget, **options: Any) -> None:
        kept.append(widget)
        add(bot, widget, **options)

    monkeypatch.setattr(QtBot, "addWidget", add_widget)
    yield
    kept.clear()
