"""The search above the inspector."""

from __future__ import annotations

import pytest
from bench_ui.panels.inspector import Inspector
from bench_ui.panels.inspector.settings_panel import SettingsPanel
from bench_ui.scope import Scope
from pytestqt.qtbot import QtBot

from tests.bench_ui.panels.documents import document_of
from tests.bench_ui.panels.inspector.editing import EditedDocument

DOCUMENT = document_of(push={"config": {"socket_type": "PUSH", "linger": 7}}, req={"config": {"socket_type": "REQ"}})


@pytest.fixture
def panel(qtbot: QtBot) -> SettingsPanel:
    inspector = Inspector(EditedDocument(DOCUMENT).edit)
    found = SettingsPanel(inspector)
    qtbot.addWidget(found)
    inspector.show_document(DOCUMENT, Scope(("push",)))
    found.resize(300, 600)
    found.show()
    return found


def tabs(panel: SettingsPanel) -> list[str]:
    return [panel.inspector.tabText(place) for place in range(4)]


def test_a_search_counts_in_all_tabs_and_turns_to_one_with_a_result(panel: SettingsPanel) -> None:
    panel.inspector.setCurrentIndex(3)
    panel.filter_line.setText("linger")
    assert tabs(panel)[0] == "Handler 1" and tabs(panel)[3] == "Run"
    assert panel.inspector.currentIndex() == 0
    assert panel.filter_line.count.startswith("1 of ")
    panel.filter_line.clear()
    assert tabs(panel) == ["Handler", "Source", "Listener", "Run"] and panel.filter_line.count == ""


def test_a_search_goes_on_in_another_handler(panel: SettingsPanel) -> None:
    panel.filter_line.setText("request timeout")
    assert "Handler" in tabs(panel)
    panel.inspector.show_document(DOCUMENT, Scope(("req",)))
    assert tabs(panel)[0] != "Handler"


def test_the_switch_shows_only_what_differs_from_the_default(panel: SettingsPanel) -> None:
    config = panel.inspector.handler_pages["PUSH"].config
    assert config.widget("high_water_mark").isVisible()
    panel.only_changed.click()
    assert config.widget("linger").isVisible() and not config.widget("high_water_mark").isVisible()
    panel.only_changed.click()
    assert config.widget("high_water_mark").isVisible()


def test_a_folded_group_is_folded_on_every_page(panel: SettingsPanel) -> None:
    inspector = panel.inspector
    changes: list[bool] = []
    inspector.folded_changed.connect(lambda: changes.append(True))
    group = next(one for one in inspector.handler_pages["PUSH"].groups if one.title == "Connection")
    group.fold.click()
    assert changes and inspector.folded == {"Connection"}
    inspector.show_document(DOCUMENT, Scope(("req",)))
    pages = (inspector.handler_pages["REQ"], inspector.listener_pages["PUSH"], inspector.listener_pages["REQ"])
    for page in pages:
        assert [one.title for one in page.groups if one.is_folded] == ["Connection"]
    inspector.folded = set()
    inspector.show_folded()
    assert not group.is_folded
