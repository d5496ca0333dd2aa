"""The presets that ship, as cards with a small picture of who talks to whom; and the files opened last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import PRODUCTION, Document
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

CARD_WIDTH = 280
WIDEST = 460
CARD_HEIGHT = 160
GAP = 12
MARGIN = 24
_EXAMPLES, _SURPRISES = "The production plugin's examples", "What ZeroMQ does that one may not expect"
LINES_DRAWN, LISTENERS_DRAWN = 4, 3
ROW_HEIGHT = 16
REACH = 112.0


class Topology(QWidget):
    """Handlers left, their listeners right, a line for each pair."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._pairs = [
            (spec.config.socket_type, [spec.config.pattern.listener_type] * len(ones))
            for name, spec in document.preset.output.handlers.items()
            if spec.enabled
            for ones in [listeners_of(document.preset, name)]
        ][:LINES_DRAWN]
        # A single handler has its listeners one below the other.
        below = len(self._pairs[0][1][:LISTENERS_DRAWN]) if len(self._pairs) == 1 else 0
        self.setFixedSize(QSize(CARD_WIDTH - 24, max(1, len(self._pairs), below) * ROW_HEIGHT))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(figure_font(self.font(), 0.75, bold=True))
        height = self.height() / max(1, len(self._pairs))
        each = min(ROW_HEIGHT - 2.0, height - 2)
        for row, (handler, listeners) in enumerate(self._pairs):
            y = height * (row + 0.5)
            start = self._box(painter, 0, y, each, handler, "accepted")
            shown = listeners[:LISTENERS_DRAWN]
            for place, listener in enumerate(shown):
                spread = 0.0 if len(self._pairs) > 1 else (place - (len(shown) - 1) / 2) * ROW_HEIGHT
                left = REACH + (place * 46 if len(self._pairs) > 1 else 0)
                if len(self._pairs) == 1 or place == 0:
                    painter.setPen(QPen(self.theme.color("muted"), 1))
                    painter.drawLine(QPointF(start, y), QPointF(left, y + spread))
                self._box(painter, left, y + spread, each, listener, "received")
            if not shown:
                painter.setPen(QPen(self.theme.color("muted"), 1, Qt.PenStyle.DotLine))
                painter.drawLine(QPointF(start, y), QPointF(REACH, y))

    def _box(self, painter: QPainter, left: float, y: float, height: float, text: str, color: str) -> float:
        box = QRectF(left + 0.5, y - height / 2, 42, height)
        painter.setPen(QPen(self.theme.color(color), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self.theme.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return box.right()


class _Words(QLabel):
    """A few lines of text at most; what does not fit is left out at a blank, and shown to be."""

    def __init__(self, text: str, lines: int) -> None:
        super().__init__()
        self._whole, self._lines = text, lines
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """As much as there is room for."""
        super().resizeEvent(event)
        text = self._whole
        while " " in text and not self._fits(text):
            text = text.removesuffix(" …").rpartition(" ")[0].rstrip(",:;.") + " …"
        if text != self.text():
            self.setText(text)
        # The same words may take another number of lines.
        self.setFixedHeight(self._height(text))

    def _fits(self, text: str) -> bool:
        return self._height(text) <= self.fontMetrics().lineSpacing() * self._lines

    def _height(self, text: str) -> int:
        room = QRect(0, 0, self.width(), 10_000)
        return self.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), text).height()


class _Card(QPushButton):
    """A preset: what it is called, what it shows, and who talks to whom in it."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        bench = document.preset.bench
        self.setObjectName("card")
        self.setMinimumWidth(CARD_WIDTH)
        self.setFixedHeight(CARD_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{bench.title or document.name}: {bench.description}")
        self.setToolTip(
            f"<qt>{escape(bench.description)}<br><br>Click to open and run; Shift+click only opens.<br>"
            f"In a terminal: <code>zmq-bench run {escape(document.name)}</code></qt>"
        )
        name = QLabel(document.name)
        name.setObjectName("muted")
        name.setFont(figure_font(self.font(), 0.9))
        name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        title = _Words(bench.title or document.name, 2)
        title.setObjectName("title")
        line = _Words(bench.description, 3)
        line.setObjectName("muted")
        self.picture = Topology(document)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(3)
        for widget in (name, title, line):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.picture)


class _Section(QWidget):
    """Cards under a heading, as many in a row as there is room for."""

    def __init__(self, heading: str, cards: list[_Card]) -> None:
        super().__init__()
        self._cards = cards
        self._columns = 0
        title = QLabel(heading)
        title.setObjectName("title")
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(title)
        column.addLayout(self._grid)

    def arrange(self, columns: int) -> None:
        """Place the cards in so many columns of one width."""
        if columns == self._columns:
            return
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for place, card in enumerate(self._cards):
            self._grid.addWidget(card, place // columns, place % columns)

    def __len__(self) -> int:
        return len(self._cards)


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
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Presets")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN, 16, MARGIN, 16)
        column.setSpacing(8)
        heading = QLabel("What do you want to see?")
        heading.setFont(figure_font(self.font(), 1.6, bold=True))
        column.addWidget(heading)
        row = QHBoxLayout()
        words = QLabel("Click a preset: it opens and runs. Or drop a JSON file of your own on the window.")
        words.setObjectName("muted")
        row.addWidget(words)
        row.addStretch(1)
        for name in recent[:4]:
            row.addWidget(self._small(Path(name).name, name, partial(self.file_wanted.emit, name)))
        row.addWidget(self._small("Open a file…", "Ctrl+O", self.browse_wanted.emit))
        column.addLayout(row)
        cards = {document.name: self._card(document) for document in documents}
        production = [cards.pop(name) for name in PRODUCTION if name in cards]
        found = {_EXAMPLES: production, _SURPRISES: list(cards.values())}
        self._pictures = [card.picture for group in found.values() for card in group]
        self._sections = [_Section(text, group) for text, group in found.items() if group]
        for section in self._sections:
            column.addWidget(section)
        column.addStretch(1)
        self.setWidget(page)
        self._arrange()

    def _small(self, text: str, tip: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda _=False: act())
        return button

    def _card(self, document: Document) -> _Card:
        card = _Card(document)
        card.clicked.connect(lambda _=False: self._choose(document))
        return card

    def _choose(self, document: Document) -> None:
        only_open = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        (self.chosen if only_open else self.start_wanted).emit(document)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        for picture in self._pictures:
            picture.theme = theme
            picture.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """As many cards in a row as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        width = self.viewport().width() - 2 * MARGIN
        columns = columns_for([len(section) for section in self._sections], width)
        for section in self._sections:
            section.arrange(columns)


def columns_for(counts: Sequence[int], width: int) -> int:
    """How many columns leave the fewest places of the last rows empty; as many as fit, or a few less and wider."""
    most = max(1, (width + GAP) // (CARD_WIDTH + GAP))
    least = max(1, (width + GAP) // (WIDEST + GAP), most - 2)
    return min(range(most, least - 1, -1), key=lambda columns: sum(-count % columns for count in counts))
