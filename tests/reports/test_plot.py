from __future__ import annotations

import numpy as np

from bench_app.reports.plot import MOST_CURVES, MOST_POINTS, Curve, Marker, Plot, render_plot
from tests.reports.html_page import Page


def test_a_plot_has_a_path_for_each_curve_and_its_values_for_the_script() -> None:
    x = np.array([0.0, 1.0, 2.0])
    curves = [Curve("<a>", x, np.array([1.0, float("nan"), 3.0])), Curve("b", x, np.array([5.0, 6.0, 7.0]))]
    page = Page(render_plot(Plot("title", "s", curves, [Marker(1.0, "<fault>", True), Marker(99.0, "outside")])))
    assert page.problems == []
    assert page.tags["path"] == 2
    assert page.plots[0]["x"] == [0, 1, 2]
    assert page.plots[0]["curves"][0] == {"name": "<a>", "y": [1, None, 3]}
    assert "<fault>" in page.text and "outside" not in page.text


def test_a_long_curve_keeps_its_peaks() -> None:
    x = np.arange(36_000.0)
    y = np.zeros(36_000)
    y[17_777] = 9
    html = render_plot(Plot("t", "s", [Curve("c", x, y)]))
    values = Page(html).plots[0]["curves"][0]["y"]
    assert len(values) <= MOST_POINTS and max(values) == 9
    assert len(html) < 40_000


def test_curves_that_are_too_many_are_counted() -> None:
    curves = [Curve(str(number), np.arange(2.0), np.ones(2)) for number in range(MOST_CURVES + 3)]
    page = Page(render_plot(Plot("t", "s", curves)))
    assert page.tags["path"] == MOST_CURVES
    assert "and 3 more, not drawn" in page.text


def test_flat_single_and_empty_curves_are_no_problem() -> None:
    one = np.array([5.0])
    assert "path" in Page(render_plot(Plot("t", "s", [Curve("c", one, np.zeros(1))]))).tags
    assert render_plot(Plot("t", "s", [Curve("c", one, np.array([float("nan")]))])) == ""
    assert render_plot(Plot("t", "s", [])) == ""
