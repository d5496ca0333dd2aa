"""Cursors on the time axis: which moments are compared, and what the table says about the curves."""

from __future__ import annotations

import pyqtgraph as pg
from bench_ui.plots.cursors import Cursors, Row, _blocks, difference
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import LIGHT
from pytestqt.qtbot import QtBot

ROWS = [Row("p99", "p99", "1.00 ms → 3.00 ms", "+2.00 ms")]


def test_the_table_compares_both_cursors_or_a_cursor_and_the_pointer(qapp: object) -> None:
    cursors = Cursors()
    assert cursors.compared is None and cursors.title == ""
    cursors.show((), 3.0, ())
    assert cursors.compared is None
    cursors.show((9.5,), None, ())
    assert cursors.compared is None
    cursors.show((9.5,), 12.0, ())
    assert cursors.compared == (9.5, 12.0)
    assert cursors.title == "A 00:09.5   pointer 00:12.0   Δ +2.50 s"
    cursors.show((9.5, 4.0), 12.0, ())
    assert cursors.compared == (9.5, 4.0) and cursors.title == "A 00:09.5   B 00:04.0   Δ -5.50 s"


def test_a_difference_is_the_second_value_less_the_first() -> None:
    formats = {"p50": number_format.duration_ns, "p99": number_format.duration_ns, "rate": number_format.rate}
    first = {"p50": 4e5, "p99": 1e6, "rate": 5000.0}
    second = {"p50": 3e5, "p99": 3e6, "rate": 5000.001}
    assert difference(first, second, formats) == {
        "p50": ("400 µs → 300 µs", "−100 µs"),
        "p99": ("1.00 ms → 3.00 ms", "+2.00 ms"),
        "rate": ("5,000/s → 5,000/s", "0.0/s"),
    }


def test_a_curve_without_a_value_at_both_moments_has_no_difference() -> None:
    formats = {"p50": number_format.duration_ns}
    assert difference({"p50": float("nan")}, {"p50": 1e6}, formats) == {}
    assert difference({}, {"p50": 1e6}, formats) == {}


def test_cursors_and_table_are_painted_where_there_is_room(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    cursors = Cursors()
    view.addItem(cursors, ignoreBounds=True)
    view.resize(400, 200)
    view.setXRange(0, 10, padding=0)
    view.show()
    cursors.set_theme(LIGHT)
    pictures = [view.grab().toImage()]
    for moments, pointer_s, rows in (
        ((2.0,), None, []),
        ((2.0,), 5.0, []),
        ((2.0, 8.0), 5.0, []),
        ((2.0, 8.0), 5.0, ROWS),
    ):
        cursors.show(moments, pointer_s, rows)
        pictures.append(view.grab().toImage())
    cursors.has_table = False
    cursors.set_large(True)
    pictures.append(view.grab().toImage())
    assert all(one != other for place, one in enumerate(pictures) for other in pictures[:place])


def test_in_a_low_plot_the_rows_are_beside_each_other() -> None:
    rows = [*ROWS, *ROWS, *ROWS]
    assert [list(block) for block in _blocks(rows, len(rows))] == [rows]
    assert [len(block) for block in _blocks(rows[:3], 2)] == [2, 1]
    assert [list(block) for block in _blocks(rows, -1)] == [[row] for row in rows]
    assert _blocks([], 2) == []
