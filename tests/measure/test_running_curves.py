"""A curve that is continued with every sample has the values that it would have if it were computed anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.running_curves import RunningFold, RunningRates
from bench_app.measure.time_series import TimeSeries, rates

COLUMNS = ("at_s", "report_s", "count", "peak")
STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.booleans()), min_size=1, max_size=40)


def several(count: int, capacity: int = 8) -> list[TimeSeries]:
    return [TimeSeries(COLUMNS, ("peak",), capacity) for _ in range(count)]


@given(steps=st.lists(STEPS, min_size=1, max_size=3), look_every=st.integers(1, 4))
def test_curves_that_grow_equal_curves_that_are_computed_anew(
    steps: list[list[tuple[int, int, bool]]], look_every: int
) -> None:
    series = several(len(steps))
    running = RunningRates(series, "count", "report_s")
    total, highest = RunningFold(series, "count", np.add), RunningFold(series, "peak", np.fmax)
    reported, counts = [0.0] * len(series), [0.0] * len(series)
    for row in range(min(map(len, steps))):
        for place, one in enumerate(series):
            passed, gained, is_known = steps[place][row]
            reported[place] += passed
            counts[place] += gained
            one.append((row * 0.2, reported[place], counts[place], float(gained) if is_known else np.nan))
        if row % look_every:
            continue
        np.testing.assert_array_equal(total.values(), np.sum([one.column("count") for one in series], axis=0))
        np.testing.assert_array_equal(highest.values(), np.fmax.reduce([one.column("peak") for one in series]))
        np.testing.assert_allclose(running.values(), rates(series, "count"))


def test_only_new_rows_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    series = several(2, capacity=1000)
    curve = RunningFold(series, "count", np.add)
    computed = []
    compute = curve._compute
    monkeypatch.setattr(curve, "_compute", lambda first: computed.append(first) or compute(first))
    for row in range(500):
        for one in series:
            one.append((row, row, row, row))
        assert len(curve.values()) == row + 1
    assert computed == [0, *range(499)]


def test_without_series_there_are_no_values() -> None:
    assert RunningFold([], "count", np.add).values().tolist() == []
    assert RunningRates(several(1), "count", "report_s").values().tolist() == []
