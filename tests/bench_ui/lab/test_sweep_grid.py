"""The grid fills with the runs of a journal."""

from __future__ import annotations

import pytest

from bench_app.preset import documents
from tests.bench_ui.lab.entries import HWM, INVALID, P50, RATE, document, filled, grid, key, run


def test_runs_find_their_cells() -> None:
    found = grid()
    assert (len(found.cells), found.planned, found.done) == (4, 8, 0)
    assert found.add(key(10, 200), run(2.0), 7) == 1
    assert found.add("another key", run(), 8) is None
    assert found.cells[1].figures.median(P50) == 2.0 and found.cells[1].places == [7]
    assert found.metrics[0] == "drops" and P50 in found.metrics


def test_a_run_tried_again_replaces_the_one_that_was_invalid() -> None:
    found = grid()
    found.add(key(10, 100), INVALID, 1)
    found.add(key(10, 100), run(3.0), 2)
    assert (found.invalid, found.cells[0].is_invalid, found.cells[0].reason) == (1, False, "the machine was busy")
    found.add(f"again {key(10, 100)}", run(5.0), 3)
    assert (found.invalid, found.done, found.again) == (0, 2, 1)
    assert found.cells[0].figures.median(P50) == 4.0 and sorted(found.cells[0].places) == [2, 3]


def test_a_run_made_once_more_under_its_own_key_replaces_the_invalid_one() -> None:
    found = grid()
    for place, one in enumerate((run(3.0), INVALID, run(5.0))):
        found.add(key(10, 100), one, place)
    assert (found.invalid, found.done, found.again) == (0, 2, 0)
    assert found.cells[0].places == [0, 2]


def test_the_best_cell_depends_on_the_metric() -> None:
    found = filled()
    assert found.best(P50) == 0
    assert found.best("rate") is None, "all cells are alike"
    found.add(key(1000, 200), run(9.0, lost=500), 9)
    assert found.best("drops") == 0 and found.best("rate") == 0
    assert grid().best(P50) is None


def test_the_cell_with_the_settings_of_a_document_is_found() -> None:
    found = grid()
    assert found.cells[2].values == (1000, 100) and found.current(document()) == 2
    assert found.current(documents.replace(document(), RATE, 777)) is None
    assert found.current(None) is None
    assert found.settings(1) == [(HWM, 10), (RATE, 200)]


def test_what_is_left_is_estimated_by_the_runs_that_were_made() -> None:
    found = filled()
    assert found.left_s(2.0, 0.0, 0) == pytest.approx(4 * 3.0)
    assert found.left_s(2.0, 10.0, 2) == pytest.approx(4 * 5.0)
