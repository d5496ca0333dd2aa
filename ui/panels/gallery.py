"""The presets that ship, as cards with a small picture of who talks to whom; and the files opened last."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from bench_app.defaults import listeners_of
from bench_app.handlers import HANDLER_KINDS
from bench_app.presets import Document
from ui.theme import LIGHT, Theme, figure_font

CARD_WIDTH = 292
CARD_HEIGHT = 148
LINES_DRAWN = 4
LINE_CHARACTERS = 76
"""As many as two lines of a card hold."""


class Topology(QWidget):
    """Handlers left, their listeners right, a line for each pair."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._pairs = [
            (spec.config.socket_type, [HANDLER_KINDS[spec.config.socket_type].listener_type] * len(ones))
            for name, spec in document.preset.output.handlers.items()
            if spec.enabled
            for ones in [listeners_of(document.preset, name)]
        ][:LINES_DRAWN]
        self.setFixedSize(QSize(CARD_WIDTH - 24, 52))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(figure_font(self.font(), 0.75, bold=True))
        height = self.height() / max(1, len(self._pairs))
        each = min(16.0, height - 2)
        for row, (handler, listeners) in enumerate(self._pairs):
            y = height * (row + 0.5)
            start = self._box(painter, 0, y, each, handler, "accepted")
            shown = listeners[:3]
            for place, listener in enumerate(shown):
                spread = 0.0 if len(self._pairs) > 1 else (place - (len(shown) - 1) / 2) * 18
                left = 130.0 + (place * 46 if len(self._pairs) > 1 else 0)
                if len(self._pairs) == 1 or place == 0:
                    painter.setPen(QPen(self.theme.color("muted"), 1))
                    painter.drawLine(QPointF(start, y), QPointF(left, y + spread))
                self._box(painter, left, y + spread, each, listener, "received")
            if not shown:
                painter.setPen(QPen(self.theme.color("muted"), 1, Qt.PenStyle.DotLine))
                painter.drawLine(QPointF(start, y), QPointF(130, y))

    def _box(self, painter: QPainter, left: float, y: float, height: float, text: str, color: str) -> float:
        box = QRectF(left + 0.5, y - height / 2, 42, height)
        painter.setPen(QPen(self.theme.color(color), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self.theme.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return box.right()


class Gallery(QScrollArea):
    """First thing one sees: pick a preset, and it runs."""

    chosen = Signal(object)
    """A Document, to be opened."""
    start_wanted = Signal(object)
    """A Document, to be opened and run."""
    file_wanted = Signal(str)
    browse_wanted = Signal()

    def __init__(self, documents: list[Document], recent: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setAccessibleName("Presets")
        self._cards: list[QPushButton] = []
        self._pictures: list[Topology] = []
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(8)
        heading = QLabel("What do you want to see?")
        heading.setFont(figure_font(self.font(), 1.6, bold=True))
        column.addWidget(heading)
        words = QLabel("Click a preset: it opens and runs. Or drop a JSON file of your own on the window.")
        words.setObjectName("muted")
        column.addWidget(words)
        row = QHBoxLayout()
        row.addWidget(self._small("Open a file…", "Ctrl+O", self.browse_wanted.emit))
        for name in recent[:4]:
            row.addWidget(self._small(Path(name).name, name, partial(self.file_wanted.emit, name)))
        row.addStretch(1)
        column.addLayout(row)
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        column.addLayout(self._grid)
        column.addStretch(1)
        for document in documents:
            self._cards.append(self._card(document))
        self._columns = 0
        self.setWidget(page)
        self._arrange()

    def _small(self, text: str, tip: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda _=False: act())
        return button

    def _card(self, document: Document) -> QPushButton:
        bench = document.preset.bench
        card = QPushButton()
        card.setObjectName("card")
        card.setFixedSize(CARD_WIDTH, CARD_HEIGHT)
        card.setAccessibleName(f"{bench.title or document.name}: {bench.description}")
        card.setToolTip(f"{bench.description}\n\n{document.name}: click to open and run; Shift+click only opens.")
        title = QLabel(bench.title or document.name)
        title.setObjectName("title")
        title.setWordWrap(True)
        line = QLabel(_first_sentence(bench.description))
        line.setObjectName("muted")
        line.setWordWrap(True)
        line.setAlignment(Qt.AlignmentFlag.AlignTop)
        picture = Topology(document)
        self._pictures.append(picture)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        column.addWidget(title)
        column.addWidget(line, 1)
        column.addWidget(picture)
        for label in (title, line):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        card.clicked.connect(lambda _=False: self._choose(document))
        return card

    def _choose(self, document: Document) -> None:
        from PySide6.QtGui import QGuiApplication

        only_open = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        (self.chosen if only_open else self.start_wanted).emit(document)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        for picture in self._pictures:
            picture.theme = theme
            picture.update()

    def resizeEvent(self, event: object) -> None:  # noqa: N802 (Qt's name)
        """As many cards in a row as there is room for."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, (self.viewport().width() - 48 + 12) // (CARD_WIDTH + 12))
        if columns == self._columns:
            return
        self._columns = columns
        for place, card in enumerate(self._cards):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(12):
            self._grid.setColumnStretch(column, 1 if column == columns else 0)


def _first_sentence(text: str) -> str:
    first = text.partition(". ")[0].strip()
    words = first if len(first) <= LINE_CHARACTERS else first[:LINE_CHARACTERS].rsplit(" ", 1)[0] + " …"
    return words if words.endswith((".", "…", "?")) or not words else words + "."
