"""As many plots on a page as have room, and each plot on one page."""

from __future__ import annotations

import pytest
from bench_ui.plots.arrangement import LANE_FROM_LINES, PLACES, PLOT_CHARACTERS, PLOT_LINES, arrangement_for
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("characters", "lines", "columns", "sizes", "has_lane"),
    [
        (120, 26, 2, [4], True),
        (120, 17, 2, [4], True),
        (120, 16.9, 2, [2, 2], False),
        (113, 16.9, 1, [1, 1, 1, 1], False),
        (113, 30, 1, [2, 2], True),
        (113, 34, 1, [4], True),
        (10, 3, 1, [1, 1, 1, 1], False),
    ],
)
def test_fewer_plots_share_a_page_where_there_is_little_room(
    characters: float, lines: float, columns: int, sizes: list[int], has_lane: bool
) -> None:
    found = arrangement_for(characters, lines)
    assert (found.columns, [len(page) for page in found.pages], found.has_lane) == (columns, sizes, has_lane)
    assert [found.page_of(page[0]) for page in found.pages] == list(range(len(sizes)))


@given(st.floats(0, 1000), st.floats(0, 300))
def test_every_plot_is_on_one_page_and_has_its_least_room_unless_it_is_alone(characters: float, lines: float) -> None:
    found = arrangement_for(characters, lines)
    assert [name for page in found.pages for name in page] == list(PLACES)
    rows = len(found.pages[0]) // found.columns
    assert rows == 1 or lines / rows >= PLOT_LINES
    assert found.columns == 1 or characters / found.columns >= PLOT_CHARACTERS
    assert not found.has_lane or lines >= LANE_FROM_LINES
