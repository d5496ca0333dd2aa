"""The events tab: newest last, filtered, errors coloured."""

from __future__ import annotations

import pytest
from bench_ui.panels.events import EVENTS_SHOWN, EventsPanel
from bench_ui.widgets.theme import LIGHT
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bench_app.engine.events import EventKind, RunEvent


@pytest.fixture
def panel(qtbot: QtBot) -> EventsPanel:
    found = EventsPanel()
    qtbot.addWidget(found)
    found.resize(500, 120)
    found.show()
    return found


def test_an_event_has_a_row_with_time_unit_and_message(panel: EventsPanel) -> None:
    panel.add(RunEvent(12.34, "h/l", "connected"))
    model = panel.view.model()
    assert [model.index(0, column).data() for column in range(model.columnCount())] == ["00:12.3", "h/l", "connected"]


def test_a_slider_that_is_dragged_has_one_row(panel: EventsPanel) -> None:
    panel.add(RunEvent(1.0, "change", "h: linger 1 -> 2", kind=EventKind.CHANGE))
    panel.add(RunEvent(1.1, "h", "reconnected"))
    panel.add(RunEvent(1.0, "change", "h: linger 1 -> 9", kind=EventKind.FURTHER_CHANGE))
    assert panel.messages == ["h: linger 1 -> 9", "reconnected"]
    panel.clear()
    panel.add(RunEvent(1.0, "change", "h: linger 1 -> 9", kind=EventKind.FURTHER_CHANGE))
    assert panel.messages == ["h: linger 1 -> 9"]


def test_errors_are_coloured(panel: EventsPanel) -> None:
    panel.show_all([RunEvent(1.0, "h", "started"), RunEvent(2.0, "h", "cannot bind", is_error=True)])
    model, role = panel.view.model(), Qt.ItemDataRole.ForegroundRole
    assert model.index(0, 2).data(role) is None
    assert model.index(1, 2).data(role) == LIGHT.color("lost")


def test_the_filter_looks_at_every_column(panel: EventsPanel) -> None:
    panel.show_all([RunEvent(1.0, "pub", "started"), RunEvent(2.0, "req", "Started again"), RunEvent(3.0, "req", "x")])
    panel.filter_line.setText("STARTED")
    assert panel.messages == ["started", "Started again"]
    panel.filter_line.setText("req")
    assert panel.messages == ["Started again", "x"]
    panel.filter_line.clear()
    assert len(panel.messages) == 3


def test_the_list_follows_the_newest_event_unless_the_user_scrolled_up(panel: EventsPanel) -> None:
    for number in range(100):
        panel.add(RunEvent(float(number), "h", f"event {number}"))
    bar = panel.view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(3)
    panel.add(RunEvent(100.0, "h", "one more"))
    assert bar.value() == 3


def test_the_number_of_events_is_bounded(panel: EventsPanel) -> None:
    for number in range(EVENTS_SHOWN + 1):
        panel.add(RunEvent(0.0, "h", str(number)))
    assert len(panel.messages) <= EVENTS_SHOWN
    assert panel.messages[-1] == str(EVENTS_SHOWN)
    panel.clear()
    assert panel.messages == []
