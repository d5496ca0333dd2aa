"""The editors that the user clicks: a check box and a list of choices."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

BOX_PX = 14


class CheckEditor(QCheckBox):
    """Yes or no."""

    entered = Signal(object)
    retyped = Signal(object)
    restored = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(lambda checked: self.entered.emit(bool(checked)))

    def show_data(self, data: Any) -> None:
        """Show yes or no."""
        self.setChecked(bool(data))

    def is_busy(self) -> bool:
        """Always False: a click is complete at once."""
        return False

    def event(self, event: QEvent) -> bool:
        """Take Space from the window's shortcuts."""
        return _keep_space(event) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint the box in the palette's colours, because the style's own outline is invisible on a dark background."""
        roles = QPalette.ColorRole
        palette, checked = self.palette(), self.isChecked()
        outlined = roles.Highlight if checked or self.hasFocus() else roles.PlaceholderText
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(0.5, (self.height() - BOX_PX) / 2, BOX_PX, BOX_PX)
            painter.setPen(QPen(palette.color(outlined), 2 if self.hasFocus() and not checked else 1))
            painter.setBrush(palette.color(roles.Highlight if checked else roles.Base))
            painter.drawRoundedRect(box, 3, 3)
            if checked:
                tick = (box.topLeft() + QPointF(x, y) for x, y in ((3.2, 7.2), (6, 10), (11, 4.4)))
                painter.setPen(QPen(palette.color(roles.HighlightedText), 1.8))
                painter.drawPolyline(list(tick))
                if self.hasFocus():
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(QPen(palette.color(roles.Text), 1))
                    painter.drawRoundedRect(box, 3, 3)


class ChoiceEditor(QComboBox):
    """One of a few choices."""

    entered = Signal(object)
    retyped = Signal(object)
    restored = Signal()

    def __init__(self, choices: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItems(choices)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.activated.connect(lambda place: self.entered.emit(self.itemText(place)))

    def show_data(self, data: Any) -> None:
        """Show a choice; show none if it is unknown."""
        self.setCurrentIndex(self.findText(str(data)))

    def is_busy(self) -> bool:
        """Always False: a choice is complete at once."""
        return False

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Change the choice only while the editor has the focus; otherwise the page scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Take Space from the window's shortcuts."""
        return _keep_space(event) or super().event(event)


def _keep_space(event: QEvent) -> bool:
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.key() != Qt.Key.Key_Space or event.modifiers() != Qt.KeyboardModifier.NoModifier:
        return False
    event.accept()
    return True
