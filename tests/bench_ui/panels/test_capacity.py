"""The window measures a capacity: the button, the picture with its numbers, and what ends a measurement early."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from bench_ui.panels.capacity import CapacityDialog, CapacityPicture, boxes_of
from bench_ui.runs.capacity_runner import REPLACED, RUN_STARTED
from bench_ui.widgets.theme import DARK, LIGHT
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar

from bench_app.capacity.figures import ConnectionCapacity
from bench_app.capacity.places import Place
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


def words(dialog: CapacityDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def measuring_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "bench_app.capacity.measure_process" in command_of(child)]


def command_of(process: psutil.Process) -> str:
    """Nothing where the process ends while it is looked at."""
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
        assert "A consumer that stalls is felt after 12 messages: at the preset's 2,000/s, after 6 ms." in words(dialog)
        assert not measuring_processes()

    in_window(scenario)


def test_what_is_measured_is_what_the_forms_say_saved_or_not(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, small())
        window.bench.edit([(("output", "handlers", "h", "config", "high_water_mark"), 50)], "more")
        press(window)
        await until(lambda: not window.capacity.busy)
        assert "felt after 57 messages" in words(dialogs_of(window)[0])

    in_window(scenario)


def test_a_failure_is_told_in_the_dialog(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        file = tmp_path / "events.jsonl"
        file.write_text("no event\n")
        take(window, small(source={"kind": "replay", "path": str(file), "load": {"shape": "constant", "rate": 10}}))
        press(window)
        await until(lambda: not window.capacity.busy)
        assert "events.jsonl" in words(dialogs_of(window)[0])
        assert not dialogs_of(window)[0].findChild(CapacityPicture)

    in_window(scenario)


def test_a_run_that_starts_ends_the_measurement(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, endless())
        press(window)
        await until(lambda: bool(measuring_processes()))
        window.bench.start()
        assert RUN_STARTED in words(dialogs_of(window)[0])
        button = window.panels.inspector.handler_pages["PUSH"].capacity
        assert not button.isEnabled() and "Not while a run goes on" in button.toolTip()
        window.unit_actions.measure_capacity("h")
        assert len(dialogs_of(window)) == 1
        await until(lambda: not measuring_processes())
        await until(lambda: not window.bench.running)
        assert button.isEnabled()

    in_window(scenario)


def test_closing_the_dialog_gives_the_measurement_up(in_window: InWindow) -> None:
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
        assert REPLACED in words(first)
        await until(lambda: not window.capacity.busy)
        assert "felt after 12 messages" in words(second)
        assert "felt after" not in words(first)

    in_window(scenario)


def test_closing_the_window_leaves_no_process(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        take(window, endless())
        press(window)
        await until(lambda: bool(measuring_processes()))

    in_window(scenario)
    assert not measuring_processes()


def connection(places: list[Place], **changes: Any) -> ConnectionCapacity:
    fields: dict[str, Any] = {
        "handler": "h",
        "listeners": ["l"],
        "socket_type": "PUB",
        "transport": "tcp",
        "verdict": "measured",
        "messages": sum(place.messages for place in places),
        "received": 0,
        "message_bytes": 512.0,
        "queue_size": 1000,
        "send_timeout": 100,
        "send_high_water_mark": 100_000_000,
        "receive_high_water_mark": 1000,
        "places": places,
        "rate": None,
        "fills_in_s": None,
        "step": 1,
        "drops": True,
        "notes": [],
    }
    return ConnectionCapacity(**{**fields, **changes})


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_place_is_painted_in_its_share(qapp: Any, theme: Any) -> None:
    names: list[Any] = ["send_pipe", "send_buffer", "receive_buffer", "decoder", "receive_pipe"]
    places = [Place(place=name, holds=name, messages=1000, basis="measured", bytes=512_000) for name in names]
    found = connection(places)
    assert [round(box.share, 2) for box in boxes_of(found)] == [0, 0.2, 0.2, 0.2, 0.2, 0.2, 0]
    picture = CapacityPicture(found, theme)
    picture.resize(picture.sizeHint())
    image = picture.grab().toImage()
    painted = {image.pixelColor(x, 142).name() for x in range(0, picture.width(), 2)}
    assert {theme.color(name).name() for name in ("accepted", "offered", "received")} <= painted


def test_one_request_and_nothing_measured_can_be_painted(qapp: Any) -> None:
    one = Place(place="between", holds="the request", messages=1, basis="inferred")
    request = connection([one], verdict="by_design", socket_type="REQ")
    assert [box.title for box in boxes_of(request)] == ["queue", "one request", "reads nothing"]
    assert not CapacityPicture(request, LIGHT).grab().isNull()
