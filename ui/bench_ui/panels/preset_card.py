"""A preset as a card of the gallery."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout

from bench_app.preset.documents import Document
from bench_ui.panels.topology import WIDTH, Topology
from bench_ui.widgets.clipped_label import ClippedLabel
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import text_scale

CARD_WIDTH = WIDTH + 24
"""The least width of a card."""
CARD_HEIGHT = 160


class PresetCard(QPushButton):
    """A preset's name, title, description and a small ``picture`` of its handlers and listeners.

    ``searched_text`` is what a search looks at, in lower case.
    """

    def __init__(self, document: Document) -> None:
        super().__init__()
        bench = document.preset.bench
        self.searched_text = f"{document.name} {bench.title} {bench.description}".casefold()
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{bench.title or document.name}: {bench.description}")
        self.setToolTip(
            f"<qt>{escape(bench.description)}<br><br>Click to open and run; Shift+click only opens.<br>"
            f"In a terminal: <code>zmq-bench run {escape(document.name)}</code></qt>"
        )
        name = PlainLabel(document.name)
        name.setObjectName("note")
        name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        title = ClippedLabel(bench.title or document.name, 2)
        title.setObjectName("title")
        line = ClippedLabel(bench.description, 3)
        line.setObjectName("muted")
        self.picture = Topology(document)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(3)
        for widget in (name, title, line):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.picture)
        self._fit()

    def _fit(self) -> None:
        scale = text_scale(self)
        self.setMinimumWidth(round(CARD_WIDTH * scale))
        self.setFixedHeight(round(CARD_HEIGHT * scale))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()
