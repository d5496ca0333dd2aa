"""Many handlers in groups, with counts and sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bench_ui.panels.handler_groups import GROUPED_FROM, group_row
from bench_ui.panels.handler_rows import Row
from bench_ui.panels.handlers import HandlersPanel
from pytestqt.qtbot import QtBot

from bench_app.engine.unit_key import UnitKey
from bench_app.transport.connection import ConnectionState, ConnectionStatus
from tests.bench_ui.panels.documents import document_of
from tests.bench_ui.panels.views import live_handler

STATE = ConnectionState


def handler(name: str, state: ConnectionState, **changes: Any) -> Row:
    return replace(Row(name, "", "PUB", name, "*:5555", state.value, state), **changes)


def test_a_group_counts_states_and_adds_rates_up() -> None:
    rows = [
        handler("a", STATE.CONNECTED),
        handler("b", STATE.CONNECTED),
        handler("c", STATE.RETRYING),
        handler("d", STATE.FAILED),
        handler("e", STATE.IDLE, enabled=False),
    ]
    row = group_row("PUB", rows, {"a": 1000.0, "b": 500.0})
    assert (row.badge, row.name, row.rate) == ("PUB", "5 handlers", "1,500/s")
    assert row.endpoint == "1 failed, 1 retrying, 2 connected, 1 disabled"
    assert row.state is STATE.FAILED, "the light is that of the worst state"
    assert row.tooltip.count("1 failed") == 1


def test_without_a_run_or_with_disabled_handlers_alone_a_group_has_no_sum() -> None:
    assert group_row("PUB", [handler("a", STATE.IDLE)], {}).rate == ""
    assert not group_row("PUB", [handler("a", STATE.IDLE, enabled=False)], {}).enabled


@pytest.fixture
def panel(qtbot: QtBot) -> HandlersPanel:
    found = HandlersPanel()
    qtbot.addWidget(found)
    found.resize(300, 300)
    found.show()
    return found


def many(count: int) -> dict[str, dict[str, Any]]:
    return {f"h{n}": {"config": {"socket_type": "REQ" if n % 2 else "PUSH"}} for n in range(count)}


def test_few_handlers_have_no_groups_and_many_have(panel: HandlersPanel) -> None:
    panel.show_document(document_of(**many(GROUPED_FROM - 1)))
    assert panel.tree.topLevelItemCount() == GROUPED_FROM - 1
    panel.show_document(document_of(**many(GROUPED_FROM)))
    assert panel.tree.topLevelItemCount() == 2
    push = panel.tree.topLevelItem(0)
    assert push.childCount() == GROUPED_FROM // 2 and push.isExpanded() and not push.child(0).isExpanded()
    assert len(panel.rows) == 2 * GROUPED_FROM
    panel.show_document(document_of(**many(2)))
    assert panel.tree.topLevelItemCount() == 2 and panel.tree.topLevelItem(0).isExpanded()


def test_a_selected_group_stands_for_its_handlers(panel: HandlersPanel) -> None:
    panel.show_document(document_of(**many(GROUPED_FROM)))
    panel.tree.topLevelItem(1).setSelected(True)
    chosen = [handler for handler, listener in panel.selected() if not listener]
    assert chosen == [name for name in many(GROUPED_FROM) if int(name[1:]) % 2]
    assert panel.scope.handlers == tuple(chosen)


def test_a_search_hides_groups_without_a_result(panel: HandlersPanel) -> None:
    panel.show_document(document_of(**many(GROUPED_FROM)))
    panel.filter_line.setText("req")
    assert [panel.tree.topLevelItem(place).isHidden() for place in range(2)] == [True, False]
    assert panel.filter_line.count == f"{GROUPED_FROM // 2} of {GROUPED_FROM}"


def test_groups_follow_a_run(panel: HandlersPanel) -> None:
    panel.show_document(document_of(**many(GROUPED_FROM)))
    failed = ConnectionStatus(STATE.FAILED, "failed", "in use")
    view = live_handler("PUSH")
    views = [
        replace(view, key=UnitKey("h0")),
        replace(view, key=UnitKey("h2"), status=failed),
    ]
    panel.refresh(views, set())
    shown: Row = panel.tree.topLevelItem(0).data(0, 0x100)
    assert shown.rate == "200/s" and shown.status.startswith("1 failed, 1 bound")
