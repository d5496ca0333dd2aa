from __future__ import annotations

from bench_app.engine.unit_key import Departure, HistogramKey, UnitKey


def test_the_names_for_people() -> None:
    listener = UnitKey("h", "sub-1")
    assert (listener.name, listener.title) == ("h", "h/sub-1")
    assert HistogramKey(UnitKey("h"), "lateness").title == "h/lateness"
    assert HistogramKey(listener, "service").title == "h/sub-1/service"


def test_a_departed_handler_has_a_name_that_no_other_has() -> None:
    first = UnitKey("h").departed(12.34, {"h"})
    assert first == UnitKey("h", departure=Departure(12.34))
    assert first.name == "h (until 12.3 s)"
    second = UnitKey("h").departed(12.31, {"h", first.name})
    assert second.name == "h (until 12.3 s, too)"
    assert UnitKey("h").departed(12.31, {first.name, second.name}).name == "h (until 12.3 s, too, too)"


def test_listeners_leave_with_their_handler() -> None:
    left = UnitKey("h").departed(1.0, ())
    assert left.of_listener("sub-1").title == "h (until 1.0 s)/sub-1"
    assert left.of_listener("sub-1").departure == left.departure


def test_names_with_slashes_do_not_make_two_units_equal() -> None:
    one, other = UnitKey("a", "b/c"), UnitKey("a/b", "c")
    assert one.title == other.title and one != other
    assert len({one: 1, other: 2}) == 2
