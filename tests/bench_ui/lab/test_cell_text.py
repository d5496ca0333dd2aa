"""A cell of a sweep as text."""

from __future__ import annotations

from bench_ui.lab.cell_text import cell_line, run_row

from tests.bench_ui.lab.entries import INVALID, P50, filled, grid, key, run


def test_a_cell_has_its_median_its_range_and_why_runs_do_not_count() -> None:
    found = filled()
    found.add(key(10, 100), run(3.0), 10)
    found.add(key(10, 100), INVALID, 11)
    line = cell_line(found.axes, found.cells[0], P50)
    assert line == (
        "h high_water_mark = 10, events load rate = 100: latency.service.p50_ms 2.000 ms (1.000 ms to 3.000 ms), "
        "2 runs; 1 of 3 runs invalid: the machine was busy"
    )
    assert cell_line(found.axes, grid().cells[0], P50).endswith("no run yet")
    assert "was not measured" in cell_line(found.axes, found.cells[1], "latency.round_trip.p50_ms")


def test_the_value_of_an_invalid_run_is_not_shown() -> None:
    cell = filled().cells[3]
    assert run_row(4, cell, cell.repeats[0], "drops") == ("4", "1,000, 200", "invalid", "–", "the machine was busy")
