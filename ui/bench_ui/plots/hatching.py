"""Hatched seconds of a plot, in which the bench itself can explain the tail: stalls -> **hatching** -> latency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter

from bench_ui.plots.overlay import Overlay

Span = tuple[float, float]
"""Start and end in seconds of the run."""


class Hatching(Overlay):
    """Hatched spans of the time axis, behind the curves.

    Attributes:
        spans: what is hatched, the oldest first.
        brush: the pattern and its colour.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(-50)
        self.spans: Sequence[Span] = ()
        self.brush = QBrush(Qt.BrushStyle.BDiagPattern)

    def show_spans(self, spans: Sequence[Span]) -> None:
        """Hatch these spans, in place of the former ones."""
        if spans != self.spans:
            self.spans = spans
            self.update()

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw the spans that are in the view."""
        rect, transform = self.getViewBox().viewRect(), p.transform()
        bands = [
            transform.mapRect(QRectF(QPointF(start, rect.top()), QPointF(end, rect.bottom()))).normalized()
            for start, end in ((max(start, rect.left()), min(end, rect.right())) for start, end in self.spans)
            if start < end
        ]
        if not bands:
            return
        p.save()
        # A pattern is made of pixels, so it is drawn in pixels.
        p.resetTransform()
        for band in bands:
            p.fillRect(band, self.brush)
        p.restore()
