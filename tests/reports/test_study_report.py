from __future__ import annotations

import msgspec

from bench_app.comparison.comparison import compare_groups, compare_pairs
from bench_app.reports.page import page
from bench_app.reports.plot import render_plot
from bench_app.reports.study_report import (
    card_sections,
    comparison_sections,
    hwm_sections,
    plain_sections,
    sweep_plot,
    sweep_sections,
)
from bench_app.sweeps.axes import Axis
from bench_app.sweeps.sweep import Cell, Repeat, SweepResult
from tests.lab.made_results import CARD, RECOMMENDATION
from tests.reports.html_page import Page

P50 = "latency.service.p50_ms"


def sweep(axes: list[Axis], values: list[list[object]]) -> SweepResult:
    cells = [
        Cell(
            values=one,
            repeats=[
                Repeat(verdict="pass", metrics={P50: float(number)}),
                Repeat(verdict="pass", metrics={P50: float(number) + 2}),
                Repeat(verdict="invalid", metrics={P50: 99.0}, reason="busy <b>"),
            ],
        )
        for number, one in enumerate(values)
    ]
    return SweepResult(preset="p", seed=1, axes=axes, cells=cells)


def test_a_comparison_shows_what_changed_first() -> None:
    a, b = [{"offered": 1.0, "rate": 100.0, "lost": 1.0}] * 10, [{"offered": 1.0, "rate": 90.0}] * 10
    read = Page(page("t", comparison_sections(compare_pairs(a, b), "<b>A and B")))
    lines = read.text.splitlines()
    assert read.problems == []
    assert lines.index("rate") < lines.index("offered")
    assert "-10.0 /s .. -10.0 /s" in lines and "worse" in lines and "~" in lines
    assert "10 pairs of runs" in lines and "lost" in lines
    assert "10 runs of A, 10 runs of B" in Page("".join(comparison_sections(compare_groups(a, b)))).text


def test_a_sweep_of_one_key_has_error_curves_and_tells_invalid_runs() -> None:
    one = sweep([Axis("bench.io_threads", [1, 2])], [[1], [2]])
    plot = sweep_plot(one, P50)
    assert {curve.name: curve.y.tolist() for curve in plot.curves} == {
        "median": [1, 2],
        "least": [0, 1],
        "greatest": [2, 3],
    }
    read = Page(page("t", sweep_sections(one)))
    assert read.problems == []
    assert "2 runs are invalid and do not count; the first reason: busy <b>" in read.text
    assert "2 of 3" in read.text


def test_a_sweep_of_two_keys_has_a_curve_for_each_value_of_the_first() -> None:
    two = sweep([Axis("a", [1, 2]), Axis("b", ["x", "y"])], [[1, "x"], [1, "y"], [2, "x"], [2, "y"]])
    plot = sweep_plot(two, P50)
    assert {curve.name: curve.y.tolist() for curve in plot.curves} == {"a=1": [1, 2], "a=2": [3, 4]}
    assert list(plot.ticks.values()) == ["x", "y"]


def test_a_sweep_over_a_metric_has_a_point_for_each_cell_with_its_settings() -> None:
    two = sweep([Axis("a", [1, 2]), Axis("b", ["x", "y"])], [[1, "x"], [1, "y"], [2, "x"], [2, "y"]])
    for number, cell in enumerate(two.cells):
        for repeat in cell.repeats:
            repeat.metrics["drops"] = float(10 - number)
    over = msgspec.structs.replace(two, over="drops")
    plot = sweep_plot(over, P50)
    assert plot.x_label == "drops" and plot.labels[0] == "a=2, b=y: drops 7"
    (second, first) = plot.curves
    assert (second.name, first.name) == ("a=2", "a=1")
    assert second.x.tolist() == [7, 8, 9, 10] and second.y.tolist()[:2] == [4, 3]
    read = Page(page("t", sweep_sections(over)))
    assert read.problems == [] and "a=2, b=y: drops 7" in render_plot(plot)
    # One plot, of the other metric, and its curves go over the places of other curves.
    assert render_plot(plot).count("<path") == 2 and "L" in render_plot(plot)
    unmeasured = msgspec.structs.replace(two, over="latency.round_trip.p50_ms")
    assert Page(page("t", sweep_sections(unmeasured))).problems == []


def test_a_card_has_its_figures_and_its_curves() -> None:
    read = Page(page("t", card_sections(CARD)))
    assert read.problems == [] and "Card of p, h" in read.text and "5,000/s, then lost" in read.text
    assert [one["unit"] for one in read.plots] == ["events/s", "events/s"]
    empty = msgspec.structs.replace(CARD, rate=None, loss_curve=None, latency=None)
    assert Page(page("t", card_sections(empty))).plots == []


def test_a_recommendation_has_settings_reason_price_and_proof() -> None:
    text = Page(page("t", hwm_sections(RECOMMENDATION))).text
    for part in ("output.handlers.h.config.high_water_mark", "So 300 hold it.", "0.6 MB", "Proof: 0 of 20", "a note"):
        assert part in text
    none = msgspec.structs.replace(RECOMMENDATION, recommended={})
    assert "no mark helps" in Page(page("t", hwm_sections(none))).text


def test_other_results_are_shown_as_they_are() -> None:
    assert "<i>" in Page("".join(plain_sections({"format": "zmq-bench-card/1", "x": "<i>"}))).text
