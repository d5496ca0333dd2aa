"""Why a plot is empty, written where its curves would be: series -> **empty note** -> plot.

The functions are pure; :class:`EmptyNote` draws their text.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter

from bench_app.measure.latency_measures import HANDLER_MEASURES
from bench_ui.plots import curve_data
from bench_ui.plots.curve_data import SeriesByUnit
from bench_ui.plots.overlay import Overlay
from bench_ui.scope import Scope

NO_RUN = "No figures yet: they begin with a run."
NOT_SELECTED = "The selection has no figures in this run."
NO_LISTENER = "No listener of the bench receives these messages, so their latency is not known."
NO_REQUEST = "Only a REQ handler has round trips."
NOTHING_RECEIVED = "No message has been received."
NOTHING_MEASURED = "No latency has been measured."
NOTHING_LOST = "No event is known to be lost."
_MARGIN = 8


class EmptyNote(Overlay):
    """A text in the middle of a plot.

    Attributes:
        text: the text; "" shows nothing.
        color, background: the colours of the text and behind it.
        font: the font of the text; None for that of the view.
    """

    def __init__(self, text: str = NO_RUN) -> None:
        super().__init__()
        self.text = text
        self.color, self.background = QColor(), QColor()
        self.font: QFont | None = None

    def show_text(self, text: str) -> None:
        """Show this text, or nothing for ""."""
        if text != self.text:
            self.text = text
            self.update()

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw the text."""
        if not self.text:
            return
        area = p.transform().mapRect(self.getViewBox().viewRect()).normalized()
        p.save()
        p.resetTransform()
        if self.font is not None:
            p.setFont(self.font)
        p.setPen(self.color)
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        # At the top are the labels of markers.
        room = area.adjusted(_MARGIN, min(p.fontMetrics().height(), area.height() / 3), -_MARGIN, 0)
        # The lines of the grid would strike the text through.
        p.fillRect(p.boundingRect(room, flags, self.text), self.background)
        p.drawText(room, flags, self.text)
        p.restore()


def why_no_figures(series: SeriesByUnit, scope: Scope) -> str:
    """Why a plot has no curve at all; "" if the selection has samples."""
    if len(curve_data.times(series, scope)):
        return ""
    return NOT_SELECTED if any(map(len, series.values())) else NO_RUN


def why_no_latency(series: SeriesByUnit, scope: Scope, measure: str) -> str:
    """Why the plot of a latency has no curve; "" if it has one."""
    if reason := why_no_figures(series, scope):
        return reason
    if curve_data.measured_by(series, scope, measure):
        return ""
    if measure not in HANDLER_MEASURES:
        return NOTHING_RECEIVED if curve_data.listeners(series, scope) else NO_LISTENER
    if measure == "round_trip":
        return NO_REQUEST
    return NOTHING_MEASURED
