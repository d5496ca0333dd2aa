"""The order of rows, and the filter."""

from __future__ import annotations

import math

import pytest
from bench_ui.widgets import number_format
from bench_ui.widgets.table_order import TableOrder, number_of, words_of
from bench_ui.widgets.tables import Column, TextTable
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

pytestmark = pytest.mark.usefixtures("qapp")
ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def ordered(*rows: tuple[str, ...]) -> TableOrder:
    table = TextTable((Column("name"), Column("count", is_number=True)))
    table.replace(list(rows))
    return TableOrder(table)


def names(order: TableOrder) -> list[str]:
    return [str(order.index(row, 0).data()) for row in range(order.rowCount())]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("61,200", 61_200),
        ("≥ 10,750", 10_750),
        ("412 µs", 412e-6),
        ("27.3 ms", 27.3e-3),
        ("1.20M/s", 1.2e6),
        ("5,000/s", 5000),
        ("2.5 %", 2.5),
        ("3.4 MB", 3.4e6),
        ("01:02.5", 62.5),
        ("1:00:00", 3600),
        ("1,000 to 5,000", 1000),
        ("-3", -3),
        (number_format.NOTHING, -math.inf),
        ("", -math.inf),
        ("12 apples", -math.inf),
    ],
)
def test_the_number_of_a_cell(text: str, number: float) -> None:
    assert number_of(text) == pytest.approx(number)


@given(st.floats(1, 1e12), st.floats(1, 1e12))
def test_formatted_numbers_sort_like_the_numbers(one: float, other: float) -> None:
    for write in (number_format.count, number_format.duration_ns, number_format.rate, number_format.size):
        smaller, larger = (number_of(write(value)) for value in sorted((one, other)))
        assert smaller <= larger * 1.0000001


def test_words_are_sorted_without_case_and_by_the_numbers_in_them() -> None:
    assert sorted(["run 10", "Run 2", "a", "B"], key=words_of) == ["a", "B", "Run 2", "run 10"]


def test_equal_rows_keep_their_order_in_both_directions() -> None:
    order = ordered(("a", "1"), ("b", "1"), ("c", "0"))
    order.sort(1, ASCENDING)
    assert names(order) == ["c", "a", "b"]
    order.sort(1, DESCENDING)
    assert names(order) == ["a", "b", "c"]


def test_rows_of_one_group_stay_together_below_their_head() -> None:
    order = ordered(("pub", "5"), ("sub 1", "9"), ("sub 2", "1"), ("req", "7"), ("rep", "0"))
    order.table.head_of = lambda row: 0 if row < 3 else 3
    order.sort(1, ASCENDING)
    assert names(order) == ["pub", "sub 1", "sub 2", "req", "rep"]
    order.sort(1, DESCENDING)
    assert names(order) == ["req", "rep", "pub", "sub 1", "sub 2"]


def test_a_filter_shows_heads_with_their_groups_and_rows_with_their_heads() -> None:
    order = ordered(("pub", "5"), ("sub 1", "9"), ("sub 2", "1"), ("req", "7"), ("rep", "0"))
    order.table.head_of = lambda row: 0 if row < 3 else 3
    order.show_only("PUB")
    assert names(order) == ["pub", "sub 1", "sub 2"]
    order.show_only("sub 2")
    assert names(order) == ["pub", "sub 2"]
    order.show_only("")
    assert len(names(order)) == 5


def test_rows_that_come_later_are_placed_by_order_and_filter() -> None:
    order = ordered(("a", "5"))
    order.sort(1, DESCENDING)
    order.show_only("a")
    for row in (("ab", "9"), ("b", "7"), ("ac", "2")):
        order.table.append(row, most=10)
    assert names(order) == ["ab", "a", "ac"]
