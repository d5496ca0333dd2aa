"""The question of a sweep."""

from __future__ import annotations

from bench_ui.lab.sweep_form import SweepForm
from pytestqt.qtbot import QtBot

from bench_app.sweeps.axes import Axis
from tests.bench_ui.lab.entries import HWM, SWEEP, document


def form_of(qtbot: QtBot) -> SweepForm:
    form = SweepForm()
    qtbot.addWidget(form)
    form.show_document(document())
    return form


def test_a_new_form_asks_a_question_that_can_be_started(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    assert form.fault == ""
    assert form.summary.text() == "4 cells × 1 = 4 runs, about 12 s"
    assert form.question.values("--vary") == [f"{HWM}=10,100,1000,10000"]


def test_a_question_of_before_comes_back(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    form.show_question(SWEEP)
    assert form.question == SWEEP
    assert form.summary.text() == "4 cells × 2 = 8 runs, about 10 s"


def test_what_is_wrong_is_said(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    form.rows[1].show_axis(Axis(HWM, [1]))
    assert form.fault == "a key stands there twice"
    form.show_document(None)
    assert form.fault


def test_too_many_cells_are_refused(qtbot: QtBot) -> None:
    form = form_of(qtbot)
    for row, path in zip(form.rows, (HWM, "bench.sources.events.load.rate", "bench.io_threads"), strict=True):
        row.show_axis(Axis(path, list(range(1, 31))))
    assert form.fault == "27,000 cells; at most 10,000 are possible"
