"""The gallery: the presets that ship, as cards, and the files opened last.

documents -> cards -> **gallery** -> the chosen document -> window
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from bench_app.preset.demos import PREFIX
from bench_app.preset.documents import PRODUCTION, Document
from bench_ui.panels.preset_card import CARD_WIDTH, PresetCard
from bench_ui.panels.topology import Topology
from bench_ui.widgets.plain_text import PlainLabel, plain_tip
from bench_ui.widgets.table_tools import FilterLine
from bench_ui.widgets.theme import Theme, text_scale

WIDEST = 460
"""Cards do not become wider than this."""
GAP = 12
MARGIN = 24
_EXAMPLES, _SURPRISES = "The production plugin's examples", "What ZeroMQ does that you may not expect"
_DEMOS = "Demos that tell their own story, in two minutes and large letters"


class _Section(QWidget):
    """Cards in columns under a heading."""

    def __init__(self, heading: str, cards: list[PresetCard]) -> None:
        super().__init__()
        self._cards = self._shown = cards
        self._columns = 0
        title = PlainLabel(heading)
        title.setObjectName("title")
        title.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(title)
        column.addLayout(self._grid)

    def arrange(self, columns: int) -> None:
        """Place the cards in this many columns of equal width."""
        if columns == self._columns:
            return
        for column in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
            # A column without a card is as wide as the others.
            self._grid.setColumnMinimumWidth(column, round(CARD_WIDTH * text_scale(self)) if column < columns else 0)
        self._columns = columns
        for place, card in enumerate(self._shown):
            self._grid.addWidget(card, place // columns, place % columns)

    def forget_places(self) -> None:
        """Let the next call of :meth:`arrange` place the cards again."""
        self._columns = 0

    def show_matching(self, words: Sequence[str]) -> int:
        """Show the cards that contain each of the words; returns their number. Without any, the section is hidden."""
        self._shown = [card for card in self._cards if all(word in card.searched_text for word in words)]
        for card in self._cards:
            self._grid.removeWidget(card)
            card.setVisible(card in self._shown)
        self.setVisible(bool(self._shown))
        self.forget_places()
        return len(self._shown)

    def __len__(self) -> int:
        return len(self._cards)


class Gallery(QScrollArea):
    """The first page: choose a preset, and it runs. ``filter_line`` has the words that the shown cards contain."""

    chosen = Signal(object)
    """With a Document to open."""
    start_wanted = Signal(object)
    """With a Document to open and run."""
    file_wanted = Signal(str)
    """With the path of a file to open."""
    browse_wanted = Signal()
    """The user asks for a dialog to choose a file."""

    def __init__(
        self, documents: Callable[[], Iterable[Document]], recent: list[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Presets")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN, 16, MARGIN, 16)
        column.setSpacing(8)
        row = QHBoxLayout()
        heading = PlainLabel("What do you want to see?")
        heading.setObjectName("heading")
        heading.setWordWrap(True)
        row.addWidget(heading, 1)
        self.filter_line = FilterLine("Find a preset")
        self.filter_line.textChanged.connect(self._show_matching)
        row.addWidget(self.filter_line)
        for name in recent[:4]:
            row.addWidget(self._small(Path(name).name, name, partial(self.file_wanted.emit, name)))
        row.addWidget(self._small("Open a file…", "Ctrl+O", self.browse_wanted.emit))
        column.addLayout(row)
        hint = PlainLabel("Click a preset: it opens and runs. Or drop a JSON file of your own on the window.")
        hint.setObjectName("muted")
        hint.setWordWrap(True)
        column.addWidget(hint)
        column.addStretch(1)
        self._documents, self._column = documents, column
        self._pictures: list[Topology] = []
        self._sections: list[_Section] = []
        self._theme: Theme | None = None
        self.setWidget(page)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            for section in self._sections:
                section.forget_places()
            self._arrange()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Make the cards, if this is the first time: a window that opens with a preset does not need them."""
        super().showEvent(event)
        if not self._sections:
            self._make_cards()

    def _make_cards(self) -> None:
        cards = {document.name: self._card(document) for document in self._documents()}
        production = [cards.pop(name) for name in PRODUCTION if name in cards]
        demos = [cards.pop(name) for name in list(cards) if name.startswith(PREFIX)]
        found = {_EXAMPLES: production, _DEMOS: demos, _SURPRISES: list(cards.values())}
        self._pictures = [card.picture for group in found.values() for card in group]
        self._sections = [_Section(text, group) for text, group in found.items() if group]
        for section in self._sections:
            # Above the stretch.
            self._column.insertWidget(self._column.count() - 1, section)
        if self._theme is not None:
            self.set_theme(self._theme)
        self._arrange()
        for section in self._sections:
            # The other parts of the page are shown already.
            section.show()

    def _show_matching(self, text: str) -> None:
        """Show the cards whose texts contain each word of ``text``."""
        words = text.casefold().split()
        counts = [section.show_matching(words) for section in self._sections]
        self.filter_line.show_count(sum(counts), sum(map(len, self._sections)))
        self._arrange()

    def _small(self, text: str, tip: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(plain_tip(tip))
        button.clicked.connect(lambda _=False: act())
        return button

    def _card(self, document: Document) -> PresetCard:
        card = PresetCard(document)
        card.clicked.connect(lambda _=False: self._choose(document))
        return card

    def _choose(self, document: Document) -> None:
        only_open = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        (self.chosen if only_open else self.start_wanted).emit(document)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = theme
        for picture in self._pictures:
            picture.theme = theme
            picture.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Choose the number of columns for the new width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        width = self.viewport().width() - 2 * MARGIN
        columns = columns_for([len(section) for section in self._sections], int(width / text_scale(self)))
        for section in self._sections:
            section.arrange(columns)


def columns_for(counts: Sequence[int], width: int) -> int:
    """How many columns of cards to show in a width, for sections with these numbers of cards.

    As many as fit, or up to two fewer columns if that leaves fewer empty places in the last rows.
    """
    most = max(1, (width + GAP) // (CARD_WIDTH + GAP))
    # Rounded up, or one card of 850 pixels would be as good as two of 420.
    least = min(most, max(1, -(-(width + GAP) // (WIDEST + GAP)), most - 2))
    return min(range(most, least - 1, -1), key=lambda columns: sum(-count % columns for count in counts))
