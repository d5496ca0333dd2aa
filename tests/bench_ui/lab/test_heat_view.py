"""What the map of a sweep shows."""

from __future__ import annotations

from bench_ui.lab.heat_view import cell_text, heat_view, label, short_path
from bench_ui.lab.sweep_grid import SweepGrid

from bench_app.sweeps.axes import Axis
from tests.bench_ui.lab.entries import HWM, P50, RATE, filled, run


def test_the_first_key_runs_upwards_and_the_second_to_the_right() -> None:
    view = heat_view(filled(), P50, 0, current=2)
    assert (view.rows, view.columns) == (["1,000", "10"], ["100", "200"])
    assert [[cell.number for cell in row] for row in view.cells] == [[2, 3], [0, 1]]
    assert (view.low, view.high, view.is_log) == (1.0, 3.0, False)
    assert [cell.text for cell in view.cells[1]] == ["1", "2"]
    assert [cell.share for cell in view.cells[1]] == [0.0, 0.5]


def test_best_current_and_invalid_cells_are_marked() -> None:
    cells = {cell.number: cell for row in heat_view(filled(), P50, 0, current=2).cells for cell in row}
    assert [cells[number].is_best for number in range(4)] == [True, False, False, False]
    assert [cells[number].is_current for number in range(4)] == [False, False, True, False]
    assert cells[3].is_invalid and cells[3].share is None and cells[3].text == ""


def test_of_a_third_key_one_value_is_shown() -> None:
    grid = SweepGrid([Axis(HWM, [1, 2]), Axis(RATE, [3, 4]), Axis("bench.io_threads", [5, 6, 7])], 1)
    view = heat_view(grid, P50, 2, None)
    numbers = [cell.number for row in view.cells for cell in row]
    assert [grid.cells[number].values for number in numbers] == [(2, 3, 7), (2, 4, 7), (1, 3, 7), (1, 4, 7)]


def test_values_that_differ_much_are_coloured_by_their_logarithm() -> None:
    grid = SweepGrid([Axis(HWM, [1, 2, 3])], 1)
    for number, value in enumerate((0.1, 1.0, 10.0)):
        grid.add(f"{HWM}={number + 1}", run(value), number)
    view = heat_view(grid, P50, 0, None)
    assert view.is_log and [round(cell.share or 0, 2) for cell in view.cells[0]] == [0.0, 0.5, 1.0]


def test_texts_are_short() -> None:
    assert [cell_text("drops", value) for value in (None, 0.0, 12.0, 3762.5)] == ["", "0", "12", "3.8k"]
    assert cell_text(P50, 0.41234) == "0.412"
    assert [label(value) for value in (1000, 0.5, 2_000_000, True, "bind")] == ["1,000", "0.5", "2.0M", "true", "bind"]
    assert short_path("output.handlers.pub.config.high_water_mark") == "pub high_water_mark"
    assert short_path("bench.listeners.pub[0].delay_ms") == "pub [0] delay_ms"
