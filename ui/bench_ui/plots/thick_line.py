"""The strokes of a thick curve: points in pixels and dashes -> **thick line** -> curve item. Pure.

Qt draws many short wide lines a hundred times as fast as one wide path. But it begins the pattern of the dashes anew
with each line, so the curve is cut into its strokes here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench_app.measure.arrays import Floats


def strokes_of(x: Floats, y: Floats, dash: Sequence[float] = ()) -> Floats:
    """The straight lines of a curve as rows (x1, y1, x2, y2). ``dash``: lengths of strokes and gaps; none if solid.

    A value that is not finite makes a gap. The dashes go on behind it as if there were none.
    """
    known = np.isfinite(x) & np.isfinite(y)
    joined = known[:-1] & known[1:]
    if not dash or not joined.any():
        return _rows(x, y)[joined]
    lengths = np.where(joined, np.hypot(np.diff(x), np.diff(y)), 0.0)
    at = np.concatenate(([0.0], np.cumsum(lengths)))
    ends = np.cumsum(dash)
    periods = np.arange(int(at[-1] / ends[-1]) + 1) * ends[-1]
    edges = (periods[:, None] + np.concatenate(([0.0], ends[:-1]))).ravel()
    pieces = []
    for first, last in zip(*_runs(joined), strict=True):
        within = edges[(edges > at[first]) & (edges < at[last])]
        places = np.sort(np.concatenate((at[first : last + 1], within)))
        rows = _rows(*(np.interp(places, at[first : last + 1], one[first : last + 1]) for one in (x, y)))
        middles = (places[:-1] + places[1:]) / 2 % ends[-1]
        pieces.append(rows[np.searchsorted(ends, middles, side="right") % 2 == 0])
    return np.concatenate(pieces)


def _rows(x: Floats, y: Floats) -> Floats:
    return np.column_stack((x[:-1], y[:-1], x[1:], y[1:]))


def _runs(joined: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last point of each part without a gap."""
    changes = np.diff(np.concatenate(([0], joined.astype(np.int8), [0])))
    return np.flatnonzero(changes == 1), np.flatnonzero(changes == -1)
