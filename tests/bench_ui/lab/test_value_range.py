"""The values of an axis: listed, at equal steps, at equal factors."""

from __future__ import annotations

import pytest
from bench_ui.lab.value_range import RangeKind, ValueRange, axis_of, axis_text, usual_range
from bench_ui.lab.varied_keys import VariedKey

from bench_app.errors import InputError
from bench_app.sweeps.axes import parse_axis

WHOLE = VariedKey("a.hwm", "hwm", is_number=True, is_whole=True, current=1000)
REAL = VariedKey("a.rate", "rate", is_number=True, current=5.0)
CHOICE = VariedKey("a.mode", "mode", choices=("bind", "connect"), current="bind")


@pytest.mark.parametrize(
    ("key", "described", "values"),
    [
        (WHOLE, ValueRange(RangeKind.LIST, "10, 100 ,1000"), [10, 100, 1000]),
        (WHOLE, ValueRange(RangeKind.LINEAR, first=0, last=10, count=5), [0, 3, 5, 8, 10]),
        (REAL, ValueRange(RangeKind.LINEAR, first=0, last=1, count=3), [0, 0.5, 1]),
        (WHOLE, ValueRange(RangeKind.LOG, first=10, last=1000, count=5), [10, 32, 100, 316, 1000]),
        (WHOLE, ValueRange(RangeKind.LOG, first=1, last=3, count=9), [1, 2, 3]),
        (REAL, ValueRange(RangeKind.LOG, first=0.1, last=10, count=3), [0.1, 1.0, 10]),
        (CHOICE, ValueRange(RangeKind.LIST, "bind, connect"), ["bind", "connect"]),
    ],
)
def test_values(key: VariedKey, described: ValueRange, values: list[object]) -> None:
    axis = axis_of(key, described)
    assert axis.values == values
    assert parse_axis(axis_text(axis)) == axis, "the command reads the same values"


@pytest.mark.parametrize(
    ("key", "described", "reason"),
    [
        (WHOLE, ValueRange(RangeKind.LOG, first=0, last=10), "above 0"),
        (WHOLE, ValueRange(RangeKind.LINEAR, first=5, last=5), "the same"),
        (WHOLE, ValueRange(RangeKind.LINEAR, first=1, last=5, count=1), "2 to"),
        (CHOICE, ValueRange(RangeKind.LINEAR), "list its values"),
        (WHOLE, ValueRange(RangeKind.LIST, ""), "expected"),
        (WHOLE, ValueRange(RangeKind.LIST, "1,1"), "twice"),
    ],
)
def test_what_is_wrong_is_said(key: VariedKey, described: ValueRange, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        axis_of(key, described)


def test_the_proposal_has_the_value_of_the_preset_among_others() -> None:
    assert usual_range(WHOLE).listed == "10, 100, 1000, 10000"
    assert usual_range(CHOICE).listed == "bind, connect"
    assert usual_range(VariedKey("x", "x", is_number=True, is_whole=True, current=0)).listed == "1, 10, 100, 1000"
