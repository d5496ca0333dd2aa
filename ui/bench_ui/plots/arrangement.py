"""Which plots share a page, for the room that they have: size of the board -> **arrangement** -> board. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

PLACES = ("latency", "throughput", "drops", "fourth")
"""The plots in their order. The fourth place has the distribution or the queue."""
PLOT_LINES, PLOT_CHARACTERS = 8.5, 57
"""The least room of a plot beside or above another one, in lines and characters of text.

In less room a plot has a heading and names, and its curves are flat.
"""
LANE_FROM_LINES = 17
"""A board that is lower than so many lines of text has no room for the machine lane."""


@dataclass(frozen=True)
class Arrangement:
    """Pages of plots, of which the user sees one.

    Attributes:
        columns: how many plots are beside each other.
        pages: the names of the plots on each page.
        has_lane: whether the machine lane is shown.
    """

    columns: int
    pages: tuple[tuple[str, ...], ...]
    has_lane: bool

    def page_of(self, name: str) -> int:
        """The number of the page with this plot."""
        return next(number for number, page in enumerate(self.pages) if name in page)


def arrangement_for(characters: float, lines: float) -> Arrangement:
    """The arrangement for a board of this size: all plots if they have room, else fewer on each page."""
    columns = 2 if characters >= 2 * PLOT_CHARACTERS else 1
    most = max(1, int(lines // PLOT_LINES))
    rows = next(rows for rows in (len(PLACES) // columns, 2, 1) if rows <= most)
    each = columns * rows
    pages = tuple(PLACES[first : first + each] for first in range(0, len(PLACES), each))
    return Arrangement(columns, pages, lines >= LANE_FROM_LINES)
