"""The list of kept runs."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.panels.run_list import RunsPanel
from bench_ui.runs.export_kind import MENU_ORDER, ExportKind
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from bench_app.archive import KeyFigures, RunSummary
from tests.bench_ui.driving import (
    RUN_S,
    InWindow,
    click,
    open_preset,
    short_run,
    until_ended,
)
from tests.runs import preset, until


def test_del_and_ctrl_z_in_the_list_delete_runs_and_bring_them_back(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, short_run(500))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        window.bench.editor.edit([(("bench", "duration_s"), 3)], "duration")
        window.panel_layout.tabs.setCurrentWidget(window.panels.runs)
        window.activateWindow()
        view = window.panels.runs.view
        view.setFocus()
        view.selectRow(0)
        QTest.keyClick(view, Qt.Key.Key_Delete)
        await until(lambda: window.panels.runs.summaries == [])
        QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: len(window.panels.runs.summaries) == 1)
        assert window.bench.editor.document is not None and window.bench.editor.document.preset.bench.duration_s == 3
        QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert window.bench.editor.document.preset.bench.duration_s == RUN_S

    in_window(scenario)


def test_the_list_marks_the_baseline_with_the_same_star_as_the_numbers(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=0.5))
        click(window.panels.run_bar.start)
        await until_ended(window)
        await window.run_store.flush()
        run = window.panels.runs.summaries[0].id
        await window.run_actions.choose_baseline(run)
        model = window.panels.runs.view.model()
        assert model.index(0, 0).data() == BASELINE_MARK

    in_window(scenario)


def a_summary(run: int, **changes: Any) -> RunSummary:
    fields: dict[str, Any] = {
        "id": run,
        "name": f"run {run}",
        "preset": "mine",
        "title": "Mine",
        "started_at": "2026-11-25T22:54:03+01:00",
        "duration_s": 12.34,
        "verdict": "pass",
        "balanced": True,
        "interrupted": False,
        "offered": 12_345,
        "received": 12_000,
        "dropped": 345,
        "is_baseline": False,
        "complete": True,
    }
    return RunSummary(**{**fields, **changes})


def shown_rows(panel: RunsPanel) -> list[list[str]]:
    model = panel.view.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


@pytest.fixture
def panel(qtbot: QtBot) -> RunsPanel:
    panel = RunsPanel()
    for widget in (panel, panel.tools):
        qtbot.addWidget(widget)
    return panel


def buttons(panel: RunsPanel) -> dict[str, QToolButton]:
    return {button.text(): button for button in panel.tools.findChildren(QToolButton) if button.text()}


def test_a_line_has_the_figures_of_its_run_and_none_where_only_settings_were_kept(panel: RunsPanel) -> None:
    unfinished = a_summary(2, complete=False, verdict="interrupted")
    figures = KeyFigures(least_hwm=1000, most_hwm=5000, p50_us=412, p99_us=2500)
    full = a_summary(1, is_baseline=True, balanced=False, figures=figures, note="new switch", tags=("night", "tcp"))
    panel.show_runs([unfinished, full])
    started = "2026-11-25  22:54:03"
    nothing = [number_format.NOTHING] * 3
    assert shown_rows(panel) == [
        ["", started, "run 2", "mine", nothing[0], "interrupted", *nothing, nothing[0], *nothing, nothing[0], "", ""],
        [
            *(BASELINE_MARK, started, "run 1", "mine", "12.3 s", "pass", "12,345", "12,000", "345", "does NOT"),
            *("1,000 to 5,000", "1,000/s", "412 µs", "2.50 ms", "new switch", "night tcp"),
        ],
    ]
    assert (panel.name_of(1), panel.name_of(3)) == ("run 1", "")
    assert (panel.note_of(1), panel.note_of(3)) == ("new switch", "")
    assert (panel.tags_of(1), panel.tags_of(3)) == (("night", "tcp"), ())


def test_runs_are_sorted_by_their_numbers_and_actions_mean_the_selected_one(panel: RunsPanel) -> None:
    by_p99 = {1: 900.0, 2: 12_000.0, 3: None, 4: 2_000.0}
    panel.show_runs([a_summary(run, figures=KeyFigures(p99_us=p99)) for run, p99 in by_p99.items()])
    place = [column.name for column in panel.view.table.columns].index("p99")
    panel.view.sortByColumn(place, Qt.SortOrder.DescendingOrder)
    panel.view.selectAll()
    assert panel.selected() == [2, 4, 1, 3]
    panel.view.selectRow(1)
    opened: list[int] = []
    panel.open_wanted.connect(opened.append)
    menu = panel.view.rows_menu()
    next(action for action in menu.actions() if action.text() == "Open").trigger()
    assert opened == [4]
    panel.select(3)
    assert panel.selected() == [3]


def test_the_filter_of_runs_says_how_many_pass(panel: RunsPanel) -> None:
    panel.show_runs([a_summary(1, note="old switch"), a_summary(2), a_summary(3, note="Switch 2")])
    panel.filter_line.setText("switch")
    assert [row[2] for row in shown_rows(panel)] == ["run 1", "run 3"] and panel.filter_line.count == "2 of 3"
    panel.show_runs([a_summary(4, note="switch"), *panel.summaries])
    assert panel.filter_line.count == "3 of 4"
    panel.filter_line.clear()
    assert panel.filter_line.count == "" and len(shown_rows(panel)) == 4


def test_one_run_can_be_opened_and_several_only_deleted_and_compared(panel: RunsPanel) -> None:
    panel.show_runs([a_summary(2), a_summary(1)])
    assert not any(button.isEnabled() for name, button in buttons(panel).items() if name != "Undo delete")
    panel.select(1)
    disabled = {name for name, button in buttons(panel).items() if not button.isEnabled()}
    assert panel.selected() == [1] and disabled == {"Compare"}
    panel.view.selectAll()
    enabled = {name for name, button in buttons(panel).items() if button.isEnabled()}
    assert panel.selected() == [2, 1] and enabled == {"Compare", "Delete", "Undo delete"}


def test_a_selected_run_stays_selected_when_another_one_is_added(panel: RunsPanel) -> None:
    panel.show_runs([a_summary(1)])
    panel.select(1)
    panel.show_runs([a_summary(2), a_summary(1)])
    assert panel.selected() == [1]


def test_the_buttons_send_the_id_of_the_selected_run(panel: RunsPanel) -> None:
    sent: list[Any] = []
    panel.open_wanted.connect(lambda run: sent.append(("open", run)))
    panel.settings_wanted.connect(lambda run: sent.append(("settings", run)))
    panel.baseline_wanted.connect(lambda run: sent.append(("baseline", run)))
    panel.rename_wanted.connect(lambda run: sent.append(("rename", run)))
    panel.note_wanted.connect(lambda run: sent.append(("note", run)))
    panel.tags_wanted.connect(lambda run: sent.append(("tags", run)))
    panel.compare_wanted.connect(lambda runs: sent.append(("compare", runs)))
    panel.delete_wanted.connect(lambda runs: sent.append(("delete", runs)))
    panel.export_wanted.connect(lambda run, kind: sent.append((kind, run)))
    panel.show_runs([a_summary(2, is_baseline=True), a_summary(1)])
    panel.select(1)
    for name in ("Open", "Its preset", "Baseline", "Rename", "Note", "Tags", "Compare", "Delete"):
        buttons(panel)[name].click()
    for action in buttons(panel)["Export"].menu().actions():
        action.trigger()
    panel.select(2)
    buttons(panel)["Baseline"].click()
    assert sent == [
        ("open", 1),
        ("settings", 1),
        ("baseline", 1),
        ("rename", 1),
        ("note", 1),
        ("tags", 1),
        ("delete", [1]),
        *((kind, 1) for kind in MENU_ORDER),
        ("baseline", None),
    ]
    assert set(MENU_ORDER) == set(ExportKind)
    panel.view.selectAll()
    buttons(panel)["Compare"].click()
    assert sent[-1] == ("compare", [2, 1]), "the baseline comes first"


def test_the_menu_bar_exports_the_selected_run_or_the_newest(panel: RunsPanel) -> None:
    sent: list[Any] = []
    panel.export_wanted.connect(lambda run, kind: sent.append((kind, run)))
    panel.export(ExportKind.REPORT)
    assert sent == [] and panel.run_to_export is None
    panel.show_runs([a_summary(3, complete=False), a_summary(2), a_summary(1)])
    panel.export(ExportKind.REPORT)
    panel.select(1)
    panel.export(ExportKind.REPORT)
    assert sent == [(ExportKind.REPORT, 2), (ExportKind.REPORT, 1)]
    panel.select(3)
    assert panel.run_to_export is None, "a run under way has no result yet"


def test_undo_is_offered_while_there_is_something_to_bring_back(panel: RunsPanel) -> None:
    panel.tools.show()
    assert not buttons(panel)["Undo delete"].isVisible()
    panel.set_undo_offered(True)
    assert buttons(panel)["Undo delete"].isVisible()


def test_in_a_narrow_list_the_name_is_whole_and_further_columns_are_to_be_chosen(panel: RunsPanel) -> None:
    panel.resize(880, 200)
    panel.show()
    panel.show_runs([a_summary(1, name="multi-consumer-broadcast")])
    places = {column.name: place for place, column in enumerate(panel.view.table.columns)}
    optional = {"length", "offered", "received", "balance"}
    hidden = {name for name, place in places.items() if panel.view.isColumnHidden(place)}
    assert hidden == optional | {"tags", "p50", "rate"} and not panel.view.horizontalScrollBar().maximum()
    width = panel.view.columnWidth(places["name"])
    assert width > panel.fontMetrics().horizontalAdvance("silent-pub-loss-")
    panel.view.show_column(places["offered"], True)
    assert panel.view.columnWidth(places["offered"]) > 40
    panel.view.show_column(places["offered"], False)
    panel.resize(1280, 200)
    assert {name for name, place in places.items() if panel.view.isColumnHidden(place)} == optional
