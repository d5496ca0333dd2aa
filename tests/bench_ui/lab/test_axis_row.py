"""One key of a sweep and its values."""

from __future__ import annotations

import pytest
from bench_ui.lab.axis_row import AxisRow
from bench_ui.lab.value_range import RangeKind
from bench_ui.lab.varied_keys import varied_keys
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bench_app.errors import InputError
from bench_app.sweeps.axes import Axis
from tests.bench_ui.lab.entries import HWM, RATE, document


@pytest.fixture
def row(qtbot: QtBot) -> AxisRow:
    found = AxisRow(1, is_optional=True)
    qtbot.addWidget(found)
    found.show_keys(varied_keys(document()), HWM)
    return found


def test_a_key_comes_with_values_around_its_own(row: AxisRow) -> None:
    assert row.axis == Axis(HWM, [10, 100, 1000, 10000])
    assert row.hint.text() == "4 values, in messages; now 1,000"


def test_a_range_is_shown_as_its_values(row: AxisRow) -> None:
    row.kind.setCurrentIndex(row.kind.findData(RangeKind.LOG))
    row.first.setValue(10)
    row.last.setValue(1000)
    row.count.setValue(3)
    assert row.axis == Axis(HWM, [10, 100, 1000])
    assert row.hint.text() == "10, 100, 1,000 messages"


def test_what_is_wrong_stands_below_the_values(row: AxisRow) -> None:
    row.listed.setText("1, 1")
    assert "twice" in row.hint.text()
    with pytest.raises(InputError):
        assert row.axis


def test_the_choice_stays_when_the_document_changes(row: AxisRow) -> None:
    row.show_axis(Axis(RATE, [5, 6]))
    row.show_keys(varied_keys(document()), HWM)
    assert row.axis == Axis(RATE, [5, 6])
    row.show_none()
    assert row.axis is None


def test_values_of_a_choice_have_no_range(row: AxisRow) -> None:
    row.show_axis(Axis("plane", ["python"]))
    assert not row.kind.isEnabled() and row.axis == Axis("plane", ["python"])


@pytest.mark.parametrize("kind", RangeKind)
def test_the_key_has_the_whole_line(row: AxisRow, kind: RangeKind) -> None:
    row.resize(296, row.sizeHint().height())
    row.show()
    row.kind.setCurrentIndex(row.kind.findData(kind))
    QApplication.processEvents()
    assert row.keys.width() == row.width()
    longest = max(key.title for key in varied_keys(document()) if "high-water" in key.title)
    assert row.keys.lineEdit() is not None and row.keys.fontMetrics().horizontalAdvance(longest) < row.keys.width() - 30
    for box in (row.first, row.last, row.count):
        assert not box.isVisible() or box.fontMetrics().horizontalAdvance("10000") < box.width() - 16
