"""The buttons of the presentation: faults for each listener, and letters that grow."""

from __future__ import annotations

from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.presentation.controls import StoryControls
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from bench_app.preset import documents
from tests.runs import preset


def faults(controls: StoryControls) -> list[QPushButton]:
    """The buttons after those of the story."""
    row = controls.layout()
    assert row is not None
    items = [row.itemAt(place) for place in range(row.count())]
    buttons = [item.widget() for item in items if item is not None]
    return [button for button in buttons if isinstance(button, QPushButton)][3:]


def texts(controls: StoryControls) -> list[str]:
    return [button.text() for button in faults(controls)]


def test_each_listener_can_be_paused_and_killed(qtbot: QtBot) -> None:
    controls = StoryControls()
    qtbot.addWidget(controls)
    document = documents.parse(preset({"socket_type": "PUB"}, listeners=[{"name": "a"}, {"name": "b"}]), "test")
    controls.show_document(document)
    assert texts(controls) == ["Pause a", "Kill a", "Pause b", "Kill b"]
    controls.show_paused({("h", "a")}, running=True)
    assert texts(controls) == ["Resume a", "Kill a", "Pause b", "Kill b"]
    requests: list[UnitRequest] = []
    controls.action_wanted.connect(requests.append)
    for button in faults(controls):
        if button.text() in ("Resume a", "Kill b"):
            button.click()
    assert requests == [UnitRequest(UnitAction.RESUME, "h", "a"), UnitRequest(UnitAction.KILL, "h", "b")]


def test_faults_need_a_run(qtbot: QtBot) -> None:
    controls = StoryControls()
    qtbot.addWidget(controls)
    controls.show_document(documents.parse(preset({"socket_type": "PUSH"}), "test"))
    controls.show_paused(set(), running=False)
    enabled = {button.text(): button.isEnabled() for button in controls.findChildren(QPushButton)}
    assert not enabled["Kill pull-1"] and enabled["Next \u25b6"]


def test_the_buttons_grow_with_the_window(qtbot: QtBot) -> None:
    controls = StoryControls()
    qtbot.addWidget(controls)
    controls.fit(720)
    small = controls.next.height()
    controls.fit(2160)
    assert controls.next.height() > 2.5 * small


def test_no_text_is_cut_where_the_window_is_narrow(qtbot: QtBot) -> None:
    controls = StoryControls()
    qtbot.addWidget(controls)
    listeners = [{"name": name} for name in ("dashboard", "archive-of-the-day", "third-worker")]
    controls.fit(720)
    controls.resize(1264, controls.height())
    controls.show()
    controls.show_document(documents.parse(preset({"socket_type": "PUB"}, listeners=listeners), "test"))
    buttons = controls.findChildren(QPushButton)
    qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() for one in buttons if one.isVisible()))
    assert controls.width() == 1264
    controls.resize(3840, controls.height())
    qtbot.waitUntil(lambda: "padding: 0 18px" in controls.next.styleSheet())
