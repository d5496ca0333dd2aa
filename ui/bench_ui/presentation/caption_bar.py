"""The caption of a step in large letters: story -> **caption bar**."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from bench_ui.widgets.theme import LIGHT, Theme, figure_font

SHARE = 0.165
"""The part of the window's height that the caption takes: two lines."""
TEXT_SHARE = 0.047
"""The height of its letters, as a part of the window's height."""
LEAST_TEXT = 0.6
"""A long caption is shown in smaller letters, down to this part."""
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class CaptionBar(QWidget):
    """A caption in two lines, and which one of how many it is. An advice takes its place.

    Attributes:
        caption, progress: the caption, and its number.
        advice: what loses events and what would help; "" for none.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.caption = self.progress = self.advice = ""
        self._unit = 720
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_caption(self, caption: str, progress: str) -> None:
        """Show a caption."""
        if (caption, progress) != (self.caption, self.progress):
            self.caption, self.progress = caption, progress
            self.setAccessibleName(f"Caption {progress}: {caption}")
            self.update()

    def show_advice(self, advice: str) -> None:
        """Show an advice in place of the caption; "" for none."""
        if advice != self.advice:
            self.advice = advice
            self.setAccessibleName(f"Advice: {advice}" if advice else f"Caption {self.progress}: {self.caption}")
            self.update()

    def fit(self, height: int) -> None:
        """Take the sizes for a window of this height."""
        self._unit = height
        self.setFixedHeight(int(height * SHARE))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the caption as large as two lines allow."""
        painter = QPainter(self)
        text = self._unit * TEXT_SHARE
        small = figure_font(self.font())
        small.setPixelSize(int(text * 0.6))
        painter.setFont(small)
        painter.setPen(self.theme.color("muted"))
        width = QFontMetricsF(small).horizontalAdvance(self.progress)
        area = QRectF(self.rect()).adjusted(text * 0.4, 0, -text * 0.4, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, self.progress)
        area.setRight(area.right() - width - text * 0.6)
        font = figure_font(self.font(), bold=True)
        shown, size = self.advice or self.caption, text
        font.setPixelSize(int(size))
        while size > text * LEAST_TEXT:
            font.setPixelSize(int(size))
            if QFontMetricsF(font).boundingRect(area, int(_WRAPPED), shown).height() <= area.height():
                break
            size -= 1
        painter.setFont(font)
        painter.setPen(self.theme.color("text"))
        painter.drawText(area, int(_WRAPPED), shown)
