"""The messages tab: samples of what listeners received, one of them in detail, and one event sent by hand.

session -> samples of listeners -> **messages panel**
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QSplitter, QToolButton, QVBoxLayout, QWidget

from bench_app.engine.session import Session
from bench_app.measure.message_samples import MessageSample
from bench_ui.panels.message_editor import MessageEditor
from bench_ui.panels.message_tree import MessageTree, text_of
from bench_ui.panels.sent_events import editable
from bench_ui.scope import Scope
from bench_ui.widgets import number_format
from bench_ui.widgets.table_tools import filter_of, tools_row
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable

MESSAGES_SHOWN = 500
_MOST_BYTES = 400
_COLUMNS = (
    Column("time", "When it was received, since the start of the run", is_number=True),
    Column("listener"),
    Column("topic", "The first frame of a PUB's message"),
    Column("size", "All frames", is_number=True),
    Column("body"),
)
_WIDTHS = (84, 170, 140, 64)


class MessagesPanel(QWidget):
    """Samples of messages, newest last: at most four a second of each listener.

    Attributes:
        view: the table of samples.
        tree: the selected message in detail.
        editor: the event to send by hand.
        filter_line: the text that the shown messages contain.
        tools: the filter and buttons beside the tab.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: dict[str, int] = {}
        """How many samples of each unit were shown."""
        self._samples: deque[tuple[str, MessageSample]] = deque(maxlen=MESSAGES_SHOWN)
        """The shown messages, each with the name of its handler."""
        self._start_ns = 0
        self._table = TextTable(_COLUMNS)
        self.view = TableView(self._table, "Messages", stretch=4)
        self.view.add_entries = self._add_entries
        for place, width in enumerate(_WIDTHS):
            self.view.setColumnWidth(place, width)
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._show_current())
        self.tree = MessageTree()
        self.editor = MessageEditor()
        self._hold = self._button("Hold", "Keep the list as it is", "Hold the list of messages")
        self._hold.setCheckable(True)
        tip = "Copy the frames of the selected messages as text, a line each"
        copy = self._button("Copy", tip, "Copy the selected messages")
        copy.clicked.connect(self.copy_selected)
        self.filter_line = filter_of(self.view, "Filter messages")
        self.tools = tools_row(self.filter_line, self._hold, copy)
        split = QSplitter()
        for widget in (self.view, self.tree, self.editor):
            split.addWidget(widget)
        split.setSizes([520, 240, 300])
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 4)
        column.addWidget(split)

    def _button(self, text: str, tip: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(name)
        return button

    def clear(self) -> None:
        """Remove the messages of the run before."""
        self.editor.clear()
        self._seen.clear()
        self._samples.clear()
        self._table.replace([])
        self.tree.clear()

    def refresh(self, session: Session, scope: Scope) -> None:
        """Add the new samples of the listeners in the scope; not while the list is held."""
        if self._hold.isChecked() or session.start_ns is None:
            return
        self._start_ns = session.start_ns
        bar = self.view.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 2
        added = False
        for listener in session.listeners.values():
            if not scope.includes_listener(listener.key):
                continue
            new = listener.samples_seen - self._seen.get(listener.unit, 0)
            self._seen[listener.unit] = listener.samples_seen
            for sample in list(listener.samples)[max(0, len(listener.samples) - new) :] if new else ():
                self._samples.append((listener.key.handler, sample))
                self._table.append(self._row_of(listener.title, sample), MESSAGES_SHOWN)
                added = True
        if added and follows:
            self.view.scrollToBottom()

    def _row_of(self, title: str, sample: MessageSample) -> Sequence[str]:
        topic = text_of(sample.frames[0]) if len(sample.frames) > 1 else ""
        at = number_format.clock((sample.at_ns - self._start_ns) / 1e9)
        return at, title, topic, number_format.size(sample.size), text_of(_body_of(sample)[:_MOST_BYTES])

    def _show_current(self) -> None:
        row = self.view.row_of(self.view.currentIndex())
        found = self._sample(row) if row >= 0 else None
        self.tree.show_message(None if found is None else found[1])

    def _add_entries(self, menu: QMenu) -> None:
        """What can be done with the selected messages."""
        menu.addAction("Copy the frames", self.copy_selected).setEnabled(bool(self.view.selected_rows()))
        menu.addAction("Edit and send again", self.edit_selected).setEnabled(self.can_edit)

    @property
    def can_edit(self) -> bool:
        """True if the one selected message is an event that the editor can take."""
        return bool(self._selected_event[1])

    @property
    def _selected_event(self) -> tuple[str, str]:
        """The handler and the text of the selected message; "" unless exactly one is selected and is an event."""
        rows = self.view.selected_rows()
        found = self._sample(rows[0]) if len(rows) == 1 else None
        return ("", "") if found is None else (found[0], editable(_body_of(found[1])))

    def edit_selected(self) -> None:
        """Put the selected message into the editor, to change it and send it again."""
        handler, text = self._selected_event
        if text:
            self.editor.edit(handler, text)

    def copy_selected(self) -> None:
        """Copy the frames of the selected messages to the clipboard, one line per frame."""
        samples = [sample for row in self.view.selected_rows() if (sample := self._sample(row)) is not None]
        QGuiApplication.clipboard().setText("\n".join(text_of(frame) for _, one in samples for frame in one.frames))

    def _sample(self, row: int) -> tuple[str, MessageSample] | None:
        """The handler and the sample of a row; None if it is no longer kept.

        Table and samples drop old entries at different times, so rows are counted from the end, where both agree.
        """
        place = row + len(self._samples) - len(self._table.rows)
        return self._samples[place] if 0 <= place < len(self._samples) else None


def _body_of(sample: MessageSample) -> bytes:
    """The first frame that looks like a JSON object, else the last frame."""
    last = sample.frames[-1] if sample.frames else b""
    return next((frame for frame in sample.frames if frame[:1] == b"{"), last)
