"""Tables that fit into a given width without a cut figure."""

from __future__ import annotations

import io

from rich.console import Console

from bench_app.cli.fitting_table import FittingTable


def test_a_short_name_needs_its_whole_width() -> None:
    table = FittingTable("name", "figure")
    table.add("short", "1")
    assert table.fits(20)
    assert not table.fits(8)


def printed(table: FittingTable, width: int) -> list[str]:
    text = io.StringIO()
    console = Console(file=text, width=width)
    console.print(table.table(width))
    return [line.rstrip() for line in text.getvalue().splitlines() if line.strip()]


def filled() -> FittingTable:
    table = FittingTable("name", "count", "state", left=["state"])
    table.add("a-name-of-twenty-char", "1,234", "open")
    table.add("short", "5", "closed")
    return table


def test_figures_are_aligned_right_and_words_left() -> None:
    heading, _, first, second = printed(filled(), 60)
    end = heading.index("count") + len("count")
    assert first[:end].endswith("1,234") and second[:end].endswith("    5")
    assert first.index("open") == second.index("closed") == heading.index("state")


def test_only_names_are_shortened() -> None:
    lines = printed(filled(), 30)
    assert max(map(len, lines)) <= 30
    assert "…" in lines[2] and "1,234" in lines[2] and lines[2].endswith("open")


def test_columns_are_left_out_in_their_order_until_the_rest_fits() -> None:
    table = FittingTable("name", "first", "second", "third")
    table.add("n", "1" * 10, "2" * 10, "3" * 10)
    for width, wanted in [(60, {"first", "second", "third"}), (34, {"second", "third"}), (22, {"third"})]:
        text = "\n".join(printed(table.fitted(width, "first", "second"), width))
        assert {heading for heading in ("first", "second", "third") if heading in text} == wanted


def test_leaving_out_a_column_does_not_change_the_table() -> None:
    table = filled()
    assert "count" not in "\n".join(printed(table.without("count"), 60))
    assert "count" in "\n".join(printed(table, 60))
