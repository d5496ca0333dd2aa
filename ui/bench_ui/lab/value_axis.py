"""The axis of a metric in the pictures of the lab: values -> **value axis** -> labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg

from bench_app.comparison.metric_values import unit_of
from bench_ui.lab.heat_view import cell_text

_MOST_PLACES = 9


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Values of a metric, as the map writes them.

    Attributes:
        metric: the metric.
    """

    metric = ""

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:  # noqa: N802 (pyqtgraph's name)
        """Short numbers."""
        return axis_texts(self.metric, [float(value) for value in values], float(spacing))


def axis_texts(metric: str, values: Sequence[float], spacing: float) -> list[str]:
    """A label for each value, with as many digits as tell them apart; none for half an event."""
    if not unit_of(metric) and spacing < 1:
        return [f"{value:,.0f}" if value == round(value) else "" for value in values]
    texts = [cell_text(metric, value) for value in values]
    if len(set(texts)) == len(texts):
        return texts
    places = min(_MOST_PLACES, max(0, math.ceil(-math.log10(spacing))))
    return [f"{value:,.{places}f}" for value in values]
