"""Every handler keeps a row before an audience, and nobody is left out in silence."""

from __future__ import annotations

from dataclasses import replace

from bench_ui.presentation.scene_rows import ROWS_SHOWN, rows_of
from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.unit_key import Departure, UnitKey
from bench_app.engine.view import HandlerView
from tests.bench_ui.panels.views import live_handler


def handlers(*counts: int) -> list[HandlerView]:
    """Handlers ``h0``, ``h1`` ... with so many listeners each."""
    return [
        replace(live_handler("PUSH", **{f"l{one}": 10 for one in range(count)}), key=UnitKey(f"h{number}"))
        for number, count in enumerate(counts)
    ]


def test_three_patterns_side_by_side_are_all_drawn() -> None:
    rows = rows_of(handlers(2, 2, 1), "")
    assert [[one.name for one in listeners] for _, listeners in rows.groups] == [["l0", "l1"], ["l0", "l1"], ["l0"]]
    assert (rows.count, rows.more) == (5, 0)


def test_listeners_of_one_handler_share_a_row_before_another_handler_goes_without() -> None:
    rows = rows_of(handlers(9, 1, 1), "")
    assert [len(listeners) for _, listeners in rows.groups] == [4, 1, 1]
    last = rows.groups[0][1][-1]
    assert (last.name, last.received, last.lost, last.received_rate) == ("6 more", 60, 24, 60.0)


def test_the_listener_that_lost_most_has_a_row_of_its_own() -> None:
    (view,) = handlers(30)
    worst = replace(view.listeners[17], lost=99)
    view = replace(view, listeners=(*view.listeners[:17], worst, *view.listeners[18:]))
    assert worst in rows_of([view], "").groups[0][1]


def test_more_handlers_than_rows_are_counted_and_the_one_in_focus_is_drawn() -> None:
    rows = rows_of(handlers(*([3] * 40)), "h33")
    drawn = [view.name for view, _ in rows.groups]
    assert "h33" in drawn and len(drawn) == ROWS_SHOWN - 1 and rows.more == 41 - ROWS_SHOWN
    assert [listeners[0].name for _, listeners in rows.groups] == ["3 together"] * len(drawn)


def test_a_handler_that_has_left_is_drawn_only_if_it_is_alone() -> None:
    here, other = handlers(1, 1)
    gone = replace(other, key=UnitKey("h1", departure=Departure(at_s=3.0)))
    assert [view for view, _ in rows_of([here, gone], "").groups] == [here]
    assert [view for view, _ in rows_of([gone], "").groups] == [gone]


@given(st.lists(st.integers(0, 12), max_size=20))
def test_no_more_rows_than_there_is_room_for_and_nothing_is_left_out(counts: list[int]) -> None:
    views = handlers(*counts)
    rows = rows_of(views, "")
    assert rows.count <= ROWS_SHOWN
    assert len(rows.groups) + rows.more == len(views)
    for view, listeners in rows.groups:
        assert sum(one.received for one in listeners) == sum(one.received for one in view.listeners)
        assert bool(listeners) == bool(view.listeners)
