"""A label in one line whose text ends with an ellipsis where there is too little room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from bench_ui.widgets.plain_text import PlainLabel


class ElidedLabel(PlainLabel):
    """A remark that gives way before the controls beside it do."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As high as its text, and as narrow as it must be."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw as much of the text as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment()), text)
