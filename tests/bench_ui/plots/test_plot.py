"""The parts that every plot has: heading, legend, view, choices, themes and sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from bench_ui.plots.axes import ClockAxis, CountAxis
from bench_ui.plots.curve_item import THICK, THIN
from bench_ui.plots.plot import Plot
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import DARK
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.bench_ui.plots.plots import STYLES, shown_plot


def test_a_plot_has_a_heading_and_a_curve_and_baseline_per_style(qtbot: QtBot) -> None:
    plot = shown_plot(qtbot)
    assert plot.heading.text() == "Rates" and plot.heading.toolTip() == "How many events."
    assert set(plot.curves) == set(plot.baseline) == set(plot.legend.entries) == set(STYLES)
    assert plot.view.accessibleName() == "Rates"


def test_a_plot_in_one_line_has_its_legend_beside_the_heading(qtbot: QtBot) -> None:
    axes = {"bottom": ClockAxis("bottom"), "left": CountAxis("left")}
    plot = Plot("Rates", "How many events.", STYLES, axes, number_format.count, in_one_line=True)
    qtbot.addWidget(plot)
    plot.resize(500, 200)
    plot.show()
    entry = plot.legend.entries["offered"]
    assert entry.geometry().left() > plot.heading.geometry().right()
    assert abs(entry.geometry().center().y() - plot.heading.geometry().center().y()) < 4


def test_switching_a_curve_off_hides_its_baseline_too(qtbot: QtBot) -> None:
    plot = shown_plot(qtbot)
    with qtbot.waitSignal(plot.choice_changed):
        plot.legend.entries["lost"].click()
    assert not plot.curves["lost"].isVisible() and not plot.baseline["lost"].isVisible()
    assert plot.curves["offered"].isVisible()


def test_a_choice_calls_back_and_is_announced(qtbot: QtBot) -> None:
    plot = shown_plot(qtbot)
    chosen: list[str] = []
    combo = plot.add_choice({"messages": "messages/s", "bytes": "MB/s"}, "unit", chosen.append)
    assert combo.accessibleName() == "Rates: unit"
    with qtbot.waitSignal(plot.choice_changed):
        combo.setCurrentIndex(1)
    assert chosen == ["bytes"]


def test_in_a_narrow_plot_a_choice_gives_way_before_the_remark_is_cut(qtbot: QtBot) -> None:
    plot = shown_plot(qtbot)
    remark = plot.add_remark("Where the curves are from.", "highest of 1,000 listeners")
    choice = plot.add_choice({"service": "service: send → received", "round": "round: send → reply"}, "which", print)
    for width in (*range(900, 300, -30), 500, 900):
        plot.resize(width, 200)
        for _ in range(4):
            QApplication.processEvents()
        assert remark.shown_text == remark.text(), width
        assert choice.is_short == (width < 400)
        assert choice.width() >= choice.sizeHint().width() and choice.geometry().right() <= width
    plot.resize(350, 200)
    qtbot.waitUntil(lambda: choice.is_short)
    remark.setText("")
    qtbot.waitUntil(lambda: not choice.is_short)


def test_another_theme_colours_curves_and_legend(qtbot: QtBot) -> None:
    plot = shown_plot(qtbot)
    with qtbot.waitSignal(plot.theme_changed):
        plot.set_theme(DARK)
    assert plot.curves["lost"].opts["pen"].color() == DARK.color("lost")
    assert plot.baseline["lost"].opts["pen"].color() == DARK.faded("lost")
    assert plot.legend.entries["lost"].color == DARK.color("lost")


def test_a_large_plot_has_thick_curves_and_a_large_heading(qtbot: QtBot) -> None:
    plot = shown_plot(qtbot)
    plot.set_large(True)
    assert plot.curves["lost"].width == THICK
    large = plot.heading.font().pointSizeF()
    plot.set_large(False)
    assert plot.curves["lost"].width == THIN
    assert plot.heading.font().pointSizeF() < large
    assert plot.view.getAxis("left").style["tickFont"] is None


def test_in_a_large_window_the_lines_of_a_large_plot_grow_with_its_letters(qtbot: QtBot) -> None:
    plot = shown_plot(qtbot)
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * 3.6)
    plot.setFont(font)
    plot.set_large(True)
    assert plot.curves["lost"].width == round(3.6 * THICK) == 14 and plot.baseline["lost"].width == 7
    assert plot.grid.pen.width() == plot.line_width == 4
    plot.set_theme(DARK)
    assert plot.grid.pen.width() == 4
    plot.set_large(False)
    assert plot.grid.pen.width() == 1 and plot.baseline["lost"].width == THIN


def test_only_curves_with_data_are_written(qtbot: QtBot, tmp_path: Path) -> None:
    plot = shown_plot(qtbot)
    plot.csv()(tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text() == "at_s\n"
    plot.data["lost"] = (np.array([0.5000001]), np.array([3.0]))
    plot.baseline_data["lost"] = (np.array([0.7]), np.array([4.0]))
    plot.csv()(tmp_path / "lost.csv")
    assert (tmp_path / "lost.csv").read_text() == "at_s,lost_ns,baseline_lost_ns\n0.5,3,\n0.7,,4\n"


def test_a_menu_that_closes_counts_as_the_pointer_leaving(qtbot: QtBot) -> None:
    menu: QMenu = shown_plot(qtbot).menu()
    plot = menu.parentWidget()
    with qtbot.waitSignal(plot.pointer_left):
        menu.aboutToHide.emit()
