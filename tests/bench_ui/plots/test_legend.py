"""The legend: names, values, and switching curves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench_ui.plots.legend import CurveStyle, Legend, LegendEntry
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

STYLES = {
    "p50": CurveStyle("p50", "p50", "Half of the messages took no longer."),
    "p99": CurveStyle("p99", "p99", "99 % of the messages took no longer."),
}


@pytest.fixture
def legend(qtbot: QtBot) -> Iterator[Legend]:
    card = QWidget()
    qtbot.addWidget(card)
    found = Legend(STYLES, number_format.duration_ns, card)
    card.setLayout(found.layout)
    card.show()
    yield found


def test_an_entry_has_the_value_and_the_baselines_value(legend: Legend) -> None:
    legend.show_values({"p50": 1_000.0}, {"p50": 2_000.0, "p99": float("nan")})
    entry = legend.entries["p50"]
    assert (entry.value, entry.baseline) == ("1.00 µs", "2.00 µs")
    assert entry.accessibleDescription() == "1.00 µs; baseline 2.00 µs"
    assert (legend.entries["p99"].value, legend.entries["p99"].baseline) == ("", "")


def test_a_value_does_not_change_the_size(legend: Legend) -> None:
    entry = legend.entries["p50"]
    before = entry.sizeHint()
    legend.show_values({"p50": 1e9}, {})
    assert entry.sizeHint() == before
    legend.set_comparing(True)
    assert entry.sizeHint().height() > before.height()
    legend.set_comparing(False)
    assert entry.sizeHint() == before


def test_a_click_and_space_switch_the_curve(legend: Legend, qtbot: QtBot) -> None:
    with qtbot.waitSignal(legend.toggled) as off:
        qtbot.mouseClick(legend.entries["p99"], Qt.MouseButton.LeftButton)
    assert off.args == ["p99", False] and not legend.is_on("p99") and legend.is_on("p50")
    with qtbot.waitSignal(legend.toggled) as on:
        qtbot.keyClick(legend.entries["p99"], Qt.Key.Key_Space)
    assert on.args == ["p99", True] and legend.is_on("p99")


def on(legend: Legend) -> list[str]:
    return [name for name in STYLES if legend.is_on(name)]


def test_a_click_with_ctrl_shows_one_curve_alone_and_again_all(legend: Legend, qtbot: QtBot) -> None:
    ctrl, left = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton
    qtbot.mouseClick(legend.entries["p99"], left, ctrl)
    assert on(legend) == ["p99"]
    qtbot.mouseClick(legend.entries["p50"], left, ctrl)
    assert on(legend) == ["p50"]
    qtbot.mouseClick(legend.entries["p50"], left, ctrl)
    assert on(legend) == ["p50", "p99"]


def test_the_menu_of_an_entry_shows_one_curve_or_all(legend: Legend) -> None:
    only, every = legend.entries["p99"].menu().actions()
    assert only.text() == "Show only p99"
    only.trigger()
    assert on(legend) == ["p99"]
    every.trigger()
    assert on(legend) == ["p50", "p99"]


def test_an_entry_explains_itself(legend: Legend) -> None:
    legend.describe("Latency", "Beside the name: the newest value.")
    entry = legend.entries["p99"]
    assert entry.accessibleName() == "Latency: p99"
    assert entry.toolTip().startswith("99 % of the messages") and "newest value" in entry.toolTip()


def test_entries_have_the_colours_of_their_curves(legend: Legend) -> None:
    for theme in (LIGHT, DARK):
        legend.set_theme(theme)
        assert legend.entries["p99"].color == theme.color("p99")
        assert legend.entries["p99"].off_color == theme.color("muted")


def test_a_narrow_entry_keeps_its_name_in_smaller_letters_and_then_without_the_value(qtbot: QtBot) -> None:
    entry = LegendEntry("a rather long name", "00.0 ms")
    qtbot.addWidget(entry)
    entry.show_value("12.5 ms")
    entry.resize(entry.sizeHint())
    wide = entry.grab().toImage()
    entry.resize(int(0.85 * entry.sizeHint().width()), entry.height())
    assert entry.shown_text == "a rather long name 12.5 ms" and entry.grab().toImage() != wide
    for width in range(60, 0, -7):
        entry.resize(width, entry.height())
        assert entry.shown_text == "a rather long name", "a value without a name explains nothing"
    assert entry.minimumSizeHint().width() < entry.sizeHint().width()


def test_a_percentage_has_its_own_format(qtbot: QtBot) -> None:
    styles = {**STYLES, "steal": CurveStyle("steal", "lost", "A part of the time.", is_percent=True)}
    card = QWidget()
    qtbot.addWidget(card)
    found = Legend(styles, number_format.duration_ns, card)
    card.setLayout(found.layout)
    found.show_values({"p50": 2_000.0, "steal": 12.5}, {"steal": 3.0})
    assert found.entries["p50"].value == "2.00 µs"
    assert (found.entries["steal"].value, found.entries["steal"].baseline) == ("12 %", "3.0 %")


def test_a_narrow_entry_with_a_short_label_always_shows_a_name(qtbot: QtBot) -> None:
    entry = LegendEntry("pressure", "100 %", "PSI")
    qtbot.addWidget(entry)
    entry.show_value("100 %")
    entry.resize(entry.sizeHint())
    assert entry.shown_text == "pressure 100 %"
    entry.resize(entry.minimumSizeHint())
    assert entry.shown_text == "PSI 100 %"
