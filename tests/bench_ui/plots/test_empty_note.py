"""Empty plots say why they are empty."""

from __future__ import annotations

import pyqtgraph as pg
from bench_ui.plots.empty_note import (
    NO_LISTENER,
    NO_REQUEST,
    NO_RUN,
    NOT_SELECTED,
    NOTHING_MEASURED,
    NOTHING_RECEIVED,
    EmptyNote,
    why_no_figures,
    why_no_latency,
)
from bench_ui.scope import Scope
from pytestqt.qtbot import QtBot

from tests.bench_ui.plots.series import handler_series, listener_series, pub_and_req, unit

PUB, REQ = Scope(("pub",)), Scope(("req",))


def test_a_plot_without_figures_says_whether_there_is_a_run() -> None:
    assert why_no_figures({}, PUB) == NO_RUN
    assert why_no_figures(pub_and_req(), Scope(("gone",))) == NOT_SELECTED
    assert why_no_figures(pub_and_req(), PUB) == ""


def test_a_latency_says_what_is_missing() -> None:
    gap = float("nan")
    unheard = {unit("pub"): handler_series(lateness_p50=gap, round_trip_p50=gap)}
    silent = unheard | {unit("pub/a"): listener_series(service_p50=gap)}
    assert why_no_latency({}, PUB, "service") == NO_RUN
    assert why_no_latency(unheard, PUB, "service") == NO_LISTENER
    assert why_no_latency(silent, PUB, "service") == NOTHING_RECEIVED
    assert why_no_latency(silent, PUB, "round_trip") == NO_REQUEST
    assert why_no_latency(silent, PUB, "lateness") == NOTHING_MEASURED
    assert why_no_latency(pub_and_req(), PUB, "service") == ""


def test_the_text_is_in_the_picture_until_there_are_curves(qtbot: QtBot) -> None:
    view = pg.PlotWidget()
    qtbot.addWidget(view)
    view.resize(400, 200)
    note = EmptyNote("")
    note.color = pg.mkColor("#ff0000")
    view.addItem(note, ignoreBounds=True)
    view.show()
    without = view.grab().toImage()
    note.show_text(NO_RUN)
    assert view.grab().toImage() != without
    note.show_text("")
    assert view.grab().toImage() == without
