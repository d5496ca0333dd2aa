"""Steps and scales of numbers."""

from __future__ import annotations

import pytest
from bench_ui.forms.fields import Bounds
from bench_ui.forms.ladder import ladder_of, scale_of


def limits(least: float, most: float, *, open_below: bool = False, whole: bool = True) -> Bounds:
    return Bounds(least, most, open_below=open_below, whole=whole)


def test_steps_end_where_the_range_ends() -> None:
    mark = ladder_of(limits(-1, 12))
    climbed = [-1.0]
    while (higher := mark.up(climbed[-1])) != climbed[-1]:
        climbed.append(higher)
    assert climbed == [-1, 0, 1, 2, 5, 10, 12]
    lowered = [12.0]
    while (lower := mark.down(lowered[-1])) != lowered[-1]:
        lowered.append(lower)
    assert lowered == [12, 10, 5, 2, 1, 0, -1]
    rate = ladder_of(limits(0, 100, open_below=True, whole=False))
    assert rate.down(0.1) == 0.05
    share = ladder_of(limits(0, 1, whole=False))
    assert (share.up(0), share.down(0.001), share.up(0.5), share.up(1)) == (0.001, 0, 1, 1)


@pytest.mark.parametrize("default", [None, 0, 3, 1000])
@pytest.mark.parametrize("bounds", [limits(-1, 2**31), limits(0, 1, whole=False), limits(1, 9)])
def test_each_place_of_a_slider_is_a_number_of_the_range(bounds: Bounds, default: float | None) -> None:
    scale = scale_of(bounds, default if default is None or bounds.holds(default) else None)
    values = [scale.value_at(place) for place in range(scale.last + 1)]
    assert values == sorted(values)
    assert all(bounds.holds(value) for value in values)
    assert all(scale.value_at(scale.place_of(value)) == value for value in values)
