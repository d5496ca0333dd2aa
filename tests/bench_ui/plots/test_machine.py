"""The machine lane: stalls on a fixed log axis, parts of the time in percent, and which worker was late."""

from __future__ import annotations

import math

import pytest
from bench_ui.plots.machine import HEIGHT, HIGHEST, LOWEST, NOT_MEASURED, MachineLane
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.scope import Scope
from bench_ui.widgets.theme import DARK, LIGHT
from pytestqt.qtbot import QtBot

from bench_app.engine.machine_samples import machine_series
from bench_app.engine.sampler import HANDLER_COLUMNS
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.time_series import TimeSeries
from tests.bench_ui.plots.series import pub_and_req, unit

PUB = Scope(("pub",))


@pytest.fixture
def lane(qtbot: QtBot) -> MachineLane:
    found = MachineLane(TimeWindow())
    qtbot.addWidget(found)
    found.set_theme(LIGHT)
    found.resize(500, 90)
    return found


def stalled(*stalls_ms: float, worker: int = 3, units: int = 1) -> dict[object, TimeSeries]:
    """The series of handlers that live in one worker with these stalls."""
    found = {}
    for number in range(units):
        series = TimeSeries(HANDLER_COLUMNS, ())
        for row, stall_ms in enumerate(stalls_ms):
            values = dict.fromkeys(HANDLER_COLUMNS, 0.0)
            values |= {"at_s": row * 0.2, "stall_ns": stall_ms * NS_PER_MS, "worker": worker}
            series.append([values[name] for name in HANDLER_COLUMNS])
        found[unit("pub" if not number else f"pub-{number}")] = series
    return found


def machine(*rows: tuple[float, float, float], window_ms: float = math.nan) -> TimeSeries:
    series = machine_series()
    for row, figures in enumerate(rows):
        series.append((row * 0.2, *figures, window_ms * NS_PER_MS))
    return series


def drawn(lane: MachineLane, curve: str) -> list[float]:
    _, y = lane.curves[curve].getData()
    return [] if y is None else list(y)


def test_stalls_are_clipped_to_the_axis_and_the_legend_has_the_value(lane: MachineLane) -> None:
    lane.update_from(stalled(0.1, 10, 5000), PUB)
    lane.timeline.show_values()
    assert drawn(lane, "stall") == [LOWEST, 7.0, HIGHEST]
    assert lane.legend.entries["stall"].value == "5.0 s"
    assert lane.view.viewRange()[1] == pytest.approx([LOWEST, HIGHEST], abs=0.1)


def test_large_text_makes_the_lane_higher_so_that_its_labels_do_not_overlap(lane: MachineLane) -> None:
    font = lane.font()
    font.setPointSizeF(20.0)
    lane.setFont(font)
    decade = (lane.view.height() - 10) / (HIGHEST - LOWEST)
    assert lane.view.height() > HEIGHT and decade >= lane.fontMetrics().ascent() * 0.8


def test_parts_of_the_time_go_from_the_bottom_to_the_top(lane: MachineLane) -> None:
    lane.machine = machine((0, 0, 0), (50, 100, 0))
    lane.update_from(stalled(1, 1), PUB)
    lane.timeline.show_values()
    assert drawn(lane, "pressure") == [LOWEST, (LOWEST + HIGHEST) / 2]
    assert drawn(lane, "steal")[-1] == HIGHEST
    assert lane.legend.entries["pressure"].value == "50 %"


def test_steal_and_throttling_are_in_the_legend_only_where_there_was_any(lane: MachineLane) -> None:
    def shown() -> list[str]:
        return [name for name, entry in lane.legend.entries.items() if not entry.isHidden()]

    assert shown() == ["stall", "pressure"]
    lane.machine = machine((5, 0.2, 0), (5, 0, 3))
    lane.update_from(stalled(1, 1), PUB)
    assert shown() == ["stall", "throttled", "pressure"]
    assert not drawn(lane, "steal"), "a clock tick of the hypervisor is no line along the bottom"


def test_the_window_is_in_the_lane_only_where_it_was_late(lane: MachineLane) -> None:
    lane.machine = machine((5, 0, 0), (5, 0, 0), window_ms=20)
    lane.update_from(stalled(1, 1), PUB)
    assert lane.legend.entries["window"].isHidden() and not drawn(lane, "window")
    lane.machine = machine((5, 0, 0), (5, 0, 0), window_ms=100)
    lane.update_from(stalled(1, 1), PUB)
    lane.timeline.show_values()
    assert drawn(lane, "window") == pytest.approx([8.0, 8.0])
    assert lane.legend.entries["window"].value == "100 ms"


def test_a_run_that_did_not_measure_it_says_so(lane: MachineLane) -> None:
    lane.update_from({}, PUB)
    assert lane.remark.text() == ""
    former = TimeSeries(("at_s",), ())
    former.append((0.2,))
    lane.update_from({unit("pub"): former}, PUB)
    assert lane.remark.text() == NOT_MEASURED
    assert lane.describe(0.2) == "" and not lane.data
    lane.update_from(stalled(1), PUB)
    assert lane.remark.text() == ""


def test_a_machine_of_another_run_is_not_drawn(lane: MachineLane) -> None:
    lane.machine = machine((5, 5, 5))
    lane.update_from(stalled(1, 1), PUB)
    assert set(lane.data) == {"stall"}


def test_the_pointer_shows_which_worker_was_late_and_who_lives_in_it(lane: MachineLane) -> None:
    assert lane.describe(0.1) == ""
    lane.update_from(stalled(1, 212), PUB)
    assert lane.describe(0.15) == "worker-3 was up to 212 ms late (pub)"
    assert lane.describe(9.0) == ""
    lane.update_from(stalled(212, units=8), PUB)
    assert lane.describe(0.0) == "worker-3 was up to 212 ms late (pub, pub-1, pub-2, pub-3, pub-4, pub-5 and 2 more)"


def test_totals_are_the_longest_stall_and_the_means_of_the_run(lane: MachineLane) -> None:
    lane.machine = machine((10, 0, 0), (30, 0, 0))
    lane.update_from(stalled(5, 2), PUB)
    assert lane.totals_of(RunTotals({}, {}, {})) == {"stall": 5 * NS_PER_MS, "pressure": 20, "steal": 0, "throttled": 0}


def test_a_baseline_is_not_drawn(lane: MachineLane) -> None:
    lane.update_baseline(pub_and_req(), PUB)
    assert not lane.baseline_data


def test_it_is_thin_and_has_no_labels_of_markers(lane: MachineLane) -> None:
    assert lane.view.height() == HEIGHT and not lane.timeline.markers.has_labels
    lane.set_large(True)
    assert lane.view.height() > HEIGHT


def test_it_has_the_colours_of_the_theme(lane: MachineLane) -> None:
    lane.set_theme(DARK)
    assert lane.curves["stall"].opts["brush"].color() == DARK.color("stall")
    assert lane.curves["pressure"].opts["brush"].color() == DARK.faded("pressure", 0.2)


def test_every_figure_of_a_narrow_lane_has_a_name(lane: MachineLane) -> None:
    lane.resize(360, 90)
    lane.show()
    lane.update_from(stalled(120), PUB)
    lane.machine = machine((88.0, 88.0, 88.0), window_ms=880)
    lane.update_from(stalled(120), PUB)
    lane.timeline.show_values()
    lane.layout().activate()
    shown = [entry.shown_text for entry in lane.legend.entries.values() if entry.isVisible()]
    assert shown == ["stall 120 ms", "lag 880 ms", "steal 88 %", "quota 88 %", "PSI 88 %"]
