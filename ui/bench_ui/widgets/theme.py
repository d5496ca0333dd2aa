"""Colours and fonts: two palettes, light and dark, safe for colour-blind users. A colour has one meaning everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

GRID = 8
"""Pixels. Margins and gaps are multiples or halves of this."""
_USUAL_TEXT = 17
"""The height in pixels of the text for which sizes in pixels are meant."""


@dataclass(frozen=True)
class Theme:
    """Colours by meaning: up to ``focus`` for parts of the window, from ``offered`` on for counts and measures."""

    dark: bool
    window: str
    panel: str
    field: str
    text: str
    muted: str
    line: str
    edge: str
    focus: str
    offered: str
    accepted: str
    received: str
    lost: str
    overflow: str
    timeout: str
    queue: str
    aborted: str
    before_join: str
    p50: str
    p90: str
    p99: str
    p99_9: str
    stall: str
    steal: str
    throttled: str
    pressure: str

    @property
    def on_color(self) -> str:
        """The colour of text on a coloured ground, as on a badge."""
        return "#0c1116" if self.dark else "#ffffff"

    def color(self, name: str) -> QColor:
        """A colour by its meaning."""
        return QColor(getattr(self, name))

    def faded(self, name: str, part: float = 0.5) -> QColor:
        """A colour of which ``part`` is left, over that of the panel; half of it for the baseline.

        It is opaque, because blending takes time.
        """
        a, b = self.color(name), self.color("panel")
        mixed = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
        return QColor(*(int(one * part + other * (1 - part)) for one, other in mixed))


LIGHT = Theme(
    dark=False,
    window="#eef1f4",
    panel="#ffffff",
    field="#ffffff",
    text="#1a2027",
    muted="#56616d",
    line="#d3dae1",
    edge="#87919c",
    focus="#0b6cb8",
    offered="#5f6973",
    accepted="#0b6cb8",
    received="#047553",
    lost="#c8202f",
    overflow="#a35500",
    timeout="#7a4bb5",
    queue="#7a6200",
    aborted="#7b5f4e",
    before_join="#964f71",
    p50="#047553",
    p90="#0b6cb8",
    p99="#a35500",
    p99_9="#c8202f",
    stall="#b0307a",
    steal="#0b6cb8",
    throttled="#a35500",
    pressure="#5f6b77",
)

DARK = Theme(
    dark=True,
    window="#12161b",
    panel="#1a2027",
    field="#12161b",
    text="#e8ecf0",
    muted="#9ba7b3",
    line="#303945",
    edge="#687685",
    focus="#58b4f5",
    offered="#a3adb8",
    accepted="#58b4f5",
    received="#2fc69a",
    lost="#ff6b70",
    overflow="#f5a742",
    timeout="#b892f0",
    queue="#e6cf4c",
    aborted="#c4a48f",
    before_join="#dd94b8",
    p50="#2fc69a",
    p90="#58b4f5",
    p99="#f5a742",
    p99_9="#ff6b70",
    stall="#e879b4",
    steal="#58b4f5",
    throttled="#f5a742",
    pressure="#a9b4bf",
)


def system_is_dark() -> bool:
    """Whether the desktop has a dark colour scheme."""
    return QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def figure_font(base: QFont, scale: float = 1.0, bold: bool = False) -> QFont:
    """``base`` with digits of equal width, so that a number does not move while it changes."""
    font = QFont(base)
    font.setPointSizeF(max(6.0, base.pointSizeF() * scale))
    font.setBold(bold)
    if hasattr(font, "setFeature"):
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def text_scale(widget: QWidget) -> float:
    """How many times higher the text of a widget is than the text for which sizes in pixels are meant; at least 1."""
    return max(1.0, widget.fontMetrics().height() / _USUAL_TEXT)


def fixed_font() -> QFont:
    """The desktop's font with characters of equal width, for JSON and bytes."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


def contrast(one: QColor, other: QColor) -> float:
    """The contrast of two colours by WCAG 2.1: from 1 for equal colours to 21 for black on white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    red, green, blue = (_linear(value) for value in (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
