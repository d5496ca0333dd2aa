"""The left column of a tab."""

from __future__ import annotations

from bench_ui.lab.lab_columns import COLUMN_WIDTH, left_column
from bench_ui.lab.sweep_form import SweepForm
from pytestqt.qtbot import QtBot

from tests.bench_ui.lab.entries import document


def test_a_form_fits_into_the_column(qtbot: QtBot) -> None:
    form = SweepForm()
    form.show_document(document())
    column = left_column(form)
    qtbot.addWidget(column)
    assert column.width() == COLUMN_WIDTH
    assert form.minimumSizeHint().width() <= COLUMN_WIDTH - 16, "nothing is cut at the right"
