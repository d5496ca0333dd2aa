"""One plot of a page: curves -> **SVG** that can be read without the script, and hovered over with it. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bench_app.measure.arrays import Floats
from bench_app.reports.markup import element, text

MOST_POINTS = 400
"""The most points of a curve. Of the values that become one point, the highest is kept, so that no peak is lost."""
MOST_CURVES = 8
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d1f", "#7f7f7f")
"""The palette of Okabe and Ito, which people with a colour blindness can tell apart, in an order of contrast."""
_DASHES = ("", "6 3", "2 3", "8 3 2 3")
_WIDTH, _HEIGHT = 860, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 32, 12, 40


@dataclass(frozen=True)
class Curve:
    """One curve. ``y`` has NaN where there is no value."""

    name: str
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Marker:
    """A moment of the run: a change, a fault, a note."""

    x: float
    label: str
    is_fault: bool = False


@dataclass(frozen=True)
class Plot:
    """Curves over one axis.

    Attributes:
        title: what the plot shows, with the unit.
        x_label: the name and the unit of the horizontal axis.
        curves: the curves; only the first ones are drawn, and the others counted.
        markers: the moments to mark.
        ticks: labels of the horizontal axis by their place; empty for numbers.
        labels: what each point is, for the pointer; empty for its place.
        bridges: draw a curve also over places at which it has no value.
    """

    title: str
    x_label: str
    curves: Sequence[Curve]
    markers: Sequence[Marker] = ()
    ticks: dict[float, str] = field(default_factory=dict)
    labels: Sequence[str] = ()
    bridges: bool = False


def render_plot(plot: Plot) -> str:
    """The plot with its legend as HTML; "" if no curve has a value."""
    curves = [_thinned(curve) for curve in plot.curves if np.isfinite(curve.y).any()]
    if not curves:
        return ""
    shown, more = curves[:MOST_CURVES], len(curves) - MOST_CURVES
    low_x, high_x = _bounds([curve.x for curve in shown])
    high_y = max(float(np.nanmax(curve.y)) for curve in shown) or 1.0
    scale = _Scale(low_x, high_x, _round_up(high_y))
    drawn = _grid(scale, plot) + _markers(scale, plot.markers)
    drawn += "".join(_path(scale, curve, number, plot.bridges) for number, curve in enumerate(shown))
    svg = element(
        "svg",
        drawn + '<line class="cross" y1="0" y2="0" x1="0" x2="0"/>',
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=plot.title,
        data_plot=_data(plot, shown, scale),
    )
    legend = "".join(
        element("span", f'<i style="background:{COLORS[number % len(COLORS)]}"></i>{text(curve.name)}')
        for number, curve in enumerate(shown)
    )
    note = element("small", f"and {more:,} more, not drawn") if more > 0 else ""
    return element(
        "figure", element("figcaption", text(plot.title)) + svg + element("div", legend + note, class_="key")
    )


@dataclass(frozen=True)
class _Scale:
    low_x: float
    high_x: float
    high_y: float

    def x(self, value: float) -> float:
        return _LEFT + (value - self.low_x) / (self.high_x - self.low_x) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - max(0.0, value) / self.high_y * (_HEIGHT - _TOP - _BOTTOM)


def _thinned(curve: Curve) -> Curve:
    step = math.ceil(len(curve.x) / MOST_POINTS)
    if step <= 1:
        return curve
    whole = len(curve.x) // step * step
    blocks = curve.y[:whole].reshape(-1, step)
    # fmax ignores NaN; a block without any value stays NaN.
    return Curve(curve.name, curve.x[:whole].reshape(-1, step)[:, -1], np.fmax.reduce(blocks, axis=1))


def _bounds(values: Sequence[Floats]) -> tuple[float, float]:
    low = min(float(np.nanmin(one)) for one in values)
    high = max(float(np.nanmax(one)) for one in values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _round_up(value: float) -> float:
    step: float = 10.0 ** math.floor(math.log10(value))
    return next(factor * step for factor in (1, 2, 2.5, 5, 10) if factor * step >= value * 0.999)


def _path(scale: _Scale, curve: Curve, number: int, bridges: bool) -> str:
    parts, pen = [], "M"
    for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True):
        if math.isfinite(y):
            parts.append(f"{pen}{scale.x(x):.1f} {scale.y(y):.1f}")
            pen = "L"
        elif not bridges:
            pen = "M"
    if len(parts) == 1:
        # A single point would be invisible.
        parts.append("h4")
    dash = _DASHES[number // len(COLORS) % len(_DASHES)]
    return f'<path d="{"".join(parts)}" stroke="{COLORS[number % len(COLORS)]}" stroke-dasharray="{dash}"/>'


def _grid(scale: _Scale, plot: Plot) -> str:
    lines = ""
    for part in range(5):
        value = scale.high_y * part / 4
        y = scale.y(value)
        lines += f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        lines += f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text(_format(value))}</text>'
    ticks = plot.ticks or {place: _format(place) for place in _round_places(scale.low_x, scale.high_x)}
    for place, label in ticks.items():
        lines += f'<text x="{scale.x(place):.1f}" y="{_HEIGHT - 24}" text-anchor="middle">{text(label)}</text>'
    return lines + f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 6}" text-anchor="end">{text(plot.x_label)}</text>'


def _round_places(low: float, high: float) -> list[float]:
    """About six round numbers from ``low`` to ``high``."""
    step = _round_up((high - low) / 6)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 9) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _markers(scale: _Scale, markers: Sequence[Marker]) -> str:
    return "".join(
        f'<line class="{"fault" if marker.is_fault else "mark"}" x1="{scale.x(marker.x):.1f}" '
        f'x2="{scale.x(marker.x):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"><title>{text(marker.label)}</title></line>'
        for marker in markers
        if scale.low_x <= marker.x <= scale.high_x
    )


def _data(plot: Plot, curves: Sequence[Curve], scale: _Scale) -> str:
    """What the script needs, as JSON: the places and the values of all points."""
    common = curves[0].x
    return json.dumps(
        {
            "x": [round(float(value), 3) for value in common],
            "px": [round(scale.x(float(value)), 1) for value in common],
            "unit": plot.x_label,
            "ticks": list(plot.labels or plot.ticks.values()),
            "curves": [
                {"name": curve.name, "y": [_short(value) for value in curve.y[: len(common)].tolist()]}
                for curve in curves
            ],
        },
        separators=(",", ":"),
    )


def _short(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _format(value: float) -> str:
    if value and abs(value) < 0.01:
        return f"{value:.1e}"
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
