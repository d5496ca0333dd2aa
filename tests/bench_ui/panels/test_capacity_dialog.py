"""The window measures a capacity: the button, the picture with its numbers, and what ends a measurement early."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from bench_ui.panels.capacity_dialog import CapacityDialog
from bench_ui.panels.capacity_picture import CapacityPicture
from bench_ui.runs.capacity_runner import REPLACED, RUN_STARTED
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar

from bench_app.preset import documents
from tests.runs import preset, until

InWindow = Callable[[Any], None]


def small(**more: Any) -> dict[str, Any]:
    config = {"socket_type": "PUSH", "high_water_mark": 5}
    return preset(config, uri="zmq://inproc://w", listeners=[{"name": "l", "high_water_mark": 7}], **more)


def endless() -> dict[str, Any]:
    """Nothing ends this before its time limit."""
    return preset({"socket_type": "PUSH", "high_water_mark": 1_000_000}, rate=10, duration_s=0.3)


def take(window: MainWindow, raw: dict[str, Any]) -> None:
    window.bench.set_document(documents.parse(raw, "test"))
    window.panels.handlers.select("h")


def dialogs_of(window: MainWindow) -> list[CapacityDialog]:
    return window.findChildren(CapacityDialog)


def text_of(dialog: CapacityDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def measuring_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "bench_app.capacity.measure_process" in command_of(child)]


def command_of(process: psutil.Process) -> str:
    """The command line of a process; "" if the process ends meanwhile."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def press(window: MainWindow) -> None:
    button = window.panels.inspector.handler_pages["PUSH"].capacity
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_button_measures_and_the_picture_has_the_numbers(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, small())
        press(window)
        (dialog,) = dialogs_of(window)
        assert dialog.isVisible() and not dialog.isModal()
        assert dialog.findChild(QProgressBar).isVisible()
        await until(lambda: not window.capacity.busy)
        assert not dialog.findChild(QProgressBar).isVisible()
        picture = dialog.findChild(CapacityPicture)
        assert "queue: 1,000" in picture.accessibleDescription()
        assert "one pipe: 12" in picture.accessibleDescription()
        assert (
            "A stalled consumer fills the connection after 12 messages: at the preset's 2,000/s, after 6 ms."
            in text_of(dialog)
        )
        assert not measuring_processes()

    in_window(scenario)


def test_the_edited_document_is_measured_saved_or_not(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, small())
        window.bench.editor.edit([(("output", "handlers", "h", "config", "high_water_mark"), 50)], "more")
        press(window)
        await until(lambda: not window.capacity.busy)
        assert "fills the connection after 57 messages" in text_of(dialogs_of(window)[0])

    in_window(scenario)


def test_a_failure_is_shown_in_the_dialog(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        file = tmp_path / "events.jsonl"
        file.write_text("no event\n")
        take(window, small(source={"kind": "replay", "path": str(file), "load": {"shape": "constant", "rate": 10}}))
        press(window)
        await until(lambda: not window.capacity.busy)
        assert "events.jsonl" in text_of(dialogs_of(window)[0])
        assert not dialogs_of(window)[0].findChild(CapacityPicture)

    in_window(scenario)


def test_a_run_that_starts_ends_the_measurement(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, endless())
        press(window)
        await until(lambda: bool(measuring_processes()))
        window.bench.start()
        assert RUN_STARTED in text_of(dialogs_of(window)[0])
        button = window.panels.inspector.handler_pages["PUSH"].capacity
        assert not button.isEnabled() and "Not while a run goes on" in button.toolTip()
        window.unit_actions.measure_capacity("h")
        assert len(dialogs_of(window)) == 1
        await until(lambda: not measuring_processes())
        await until(lambda: not window.bench.run.running)
        assert button.isEnabled()

    in_window(scenario)


def test_closing_the_dialog_stops_the_measurement(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, endless())
        press(window)
        await until(lambda: bool(measuring_processes()))
        dialogs_of(window)[0].close()
        assert not window.capacity.busy
        await until(lambda: not measuring_processes())

    in_window(scenario)


def test_another_measurement_replaces_the_first(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, endless())
        press(window)
        take(window, small())
        press(window)
        first, second = dialogs_of(window)
        assert REPLACED in text_of(first)
        await until(lambda: not window.capacity.busy)
        assert "fills the connection after 12 messages" in text_of(second)
        assert "fills the connection after" not in text_of(first)

    in_window(scenario)


def test_closing_the_window_leaves_no_process(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, endless())
        press(window)
        await until(lambda: bool(measuring_processes()))

    in_window(scenario)
    assert not measuring_processes()
