"""A label in one line that shows as many whole words as it has room for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip

from bench_ui.widgets.plain_text import PlainLabel, plain_tip

_MORE = " …"


def whole_words(text: str, metrics: QFontMetrics, width: float) -> str:
    """The text, or as many of its first words as fit in ``width`` pixels with an ellipsis; "" if not one word fits.

    A word or a number is never cut: "of 1,000" without its last digits would be another number.
    """
    shown = text
    while shown and metrics.horizontalAdvance(shown) > width:
        shown = shown.removesuffix(_MORE).rpartition(" ")[0].rstrip(" ,:;.·")
        shown = shown and shown + _MORE
    return shown


class ElidedLabel(PlainLabel):
    """A remark that gives way before the controls beside it do. The tooltip then has all of it."""

    @property
    def shown_text(self) -> str:
        """The words that there is room for."""
        return whole_words(self.text(), self.fontMetrics(), self.contentsRect().width())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As high as its text, and as narrow as it must be."""
        return QSize(0, super().minimumSizeHint().height())

    @property
    def tip(self) -> str:
        """The tooltip, below the text where that is cut."""
        parts = [self.toolTip()] if self.shown_text == self.text() else [plain_tip(self.text()), self.toolTip()]
        return "\n".join(part for part in parts if part)

    def event(self, event: QEvent) -> bool:
        """Show the tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.tip:
            QToolTip.showText(event.globalPos(), self.tip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw as much of the text as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.contentsRect(), int(self.alignment()), self.shown_text)
