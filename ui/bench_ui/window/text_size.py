"""The size of all text: preferences -> **text size** -> application font, panels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from bench_ui.performance.garbage_timer import collector_off
from bench_ui.widgets.table_view import TableView
from bench_ui.window.color_scheme import ColorScheme
from bench_ui.window.settings import WindowSettings

SIZES = (80, 90, 100, 110, 125, 150, 175, 200, 250)
"""The sizes to choose from, in percent of the desktop's text."""
USUAL = 100


class TextSize(QObject):
    """Gives the application a font of the desktop's size, or of a part or a multiple of it.

    Attributes:
        percent: the size that is shown now.
    """

    changed = Signal()

    def __init__(
        self, color_scheme: ColorScheme, tables: Sequence[TableView], settings: WindowSettings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.percent = USUAL
        self._color_scheme, self._tables, self._settings = color_scheme, tables, settings
        self._usual = QFont(QApplication.font())

    def restore(self) -> None:
        """Show the size that the user chose."""
        if self._settings.text_percent != USUAL:
            self.show(self._settings.text_percent)

    def show(self, percent: int) -> None:
        """Show text of this size; the choice is not remembered."""
        if percent == self.percent:
            return
        factor, self.percent = percent / self.percent, percent
        font = QFont(self._usual)
        font.setPointSizeF(self._usual.pointSizeF() * percent / 100)
        with collector_off():
            QApplication.setFont(font)
        # Sizes in the style sheet and in the panels follow the font of the application.
        self._color_scheme.set_theme(self._color_scheme.theme)
        for view in self._tables:
            view.scale_columns(factor)
        self.changed.emit()

    def choose(self, percent: int) -> None:
        """Show text of this size, and remember the choice."""
        self._settings.text_percent = percent
        self.show(percent)

    def step(self, steps: int) -> None:
        """Choose the next larger or smaller size."""
        nearest = min(range(len(SIZES)), key=lambda place: abs(SIZES[place] - self.percent))
        self.choose(SIZES[max(0, min(len(SIZES) - 1, nearest + steps))])

    def end(self) -> None:
        """Give the application the desktop's own size again, with which the next window begins."""
        with collector_off():
            QApplication.setFont(self._usual)
