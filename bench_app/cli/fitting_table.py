"""Terminal tables that never cut a figure: if there is no room, they shorten names and leave out columns."""

from __future__ import annotations

from collections.abc import Collection

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from bench_app.untrusted.visible_text import visible

NAME_LEAST = 10
"""A name is shortened to no fewer terminal columns than this, with an ellipsis."""
_EDGES = 2
_WIDE_GAP = 2
_NARROW_GAP = 1


class FittingTable:
    """Rows under headings, laid out for a given width.

    The first column has names, which are shortened if there is no room. The other columns are never cut. They are
    aligned to the right, except the columns in ``left``, which have words.
    """

    def __init__(self, *headings: str, left: Collection[str] = ()) -> None:
        self._headings = headings
        self._left = left
        self._rows: list[list[Text]] = []

    def add(self, *cells: Text | str) -> None:
        """Add a row; the name comes first."""
        self._rows.append([_harmless(cell) for cell in cells])

    def fits(self, width: int, names: int = NAME_LEAST) -> bool:
        """Whether ``width`` has room for all figures and words, and for ``names`` characters of each name."""
        return self._room_for_names(width, _NARROW_GAP) >= min(names, self._widths[0])

    def without(self, *headings: str) -> FittingTable:
        """The same rows without the columns with these headings."""
        kept = [place for place, heading in enumerate(self._headings) if heading not in headings]
        table = FittingTable(*(self._headings[place] for place in kept), left=self._left)
        for row in self._rows:
            table.add(*(row[place] for place in kept))
        return table

    def fitted(self, width: int, *dispensable: str, names: int = NAME_LEAST) -> FittingTable:
        """The table with ``dispensable`` columns left out one by one, in this order, until the rest fits."""
        table: FittingTable = self
        for heading in dispensable:
            if table.fits(width, names):
                break
            table = table.without(heading)
        return table

    def table(self, width: int, title: str = "", caption: str = "") -> Table:
        """The rows as a rich table, not wider than ``width`` if it :meth:`fits`."""
        gap = _WIDE_GAP if self._room_for_names(width, _WIDE_GAP) >= self._widths[0] else _NARROW_GAP
        table = Table(
            title=title or None,
            title_justify="left",
            title_style="bold",
            caption=caption or None,
            caption_justify="left",
            caption_style="grey62",
            header_style="grey62",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            padding=(0, gap - 1, 0, 0),
        )
        name, *others = self._widths
        room = max(1, min(name, self._room_for_names(width, gap)))
        table.add_column(self._headings[0], no_wrap=True, overflow="ellipsis", min_width=room, max_width=room)
        for heading, least in zip(self._headings[1:], others, strict=True):
            justify = "left" if heading in self._left else "right"
            table.add_column(heading, justify=justify, no_wrap=True, min_width=least)  # type: ignore[arg-type]
        for row in self._rows:
            table.add_row(*row)
        return table

    @property
    def _widths(self) -> list[int]:
        columns = zip(*([Text(heading) for heading in self._headings], *self._rows), strict=True)
        return [max(cell_len(cell.plain) for cell in column) for column in columns]

    def _room_for_names(self, width: int, gap: int) -> int:
        others = self._widths[1:]
        return width - _EDGES - sum(others) - gap * len(others)


def _harmless(cell: Text | str) -> Text:
    """The cell without control characters. Escapes are longer, so they must be there before the widths are known."""
    if isinstance(cell, str):
        return Text(visible(cell))
    text, shown = cell, visible(cell.plain)
    return text if shown == text.plain else Text(shown, text.style)
