"""The messages tab: samples of what listeners received, and one event sent by hand."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bench_app.engine.session import Session
from bench_app.measure.message_samples import MessageSample
from bench_ui.scope import Scope
from bench_ui.widgets import number_format
from bench_ui.widgets.tables import FilterLine, Rows, table, tools_row
from bench_ui.widgets.theme import fixed_font

MESSAGES_SHOWN = 500


class MessagesPanel(QWidget):
    """Some of the messages as they arrived, four a second of each listener at most; and one sent by hand."""

    send_wanted = Signal(str, bytes)
    """A handler, and an event's JSON text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: dict[str, int] = {}
        self._samples: deque[tuple[str, MessageSample]] = deque(maxlen=MESSAGES_SHOWN)
        self._start_ns = 0
        self._rows = Rows(
            (
                ("time\t", "When it was received, since the start of the run"),
                ("listener", ""),
                ("topic", "The first frame of a PUB's message"),
                ("size\t", "All frames"),
                ("body", ""),
            )
        )
        self._filtered = QSortFilterProxyModel(self)
        self._filtered.setSourceModel(self._rows)
        self._filtered.setFilterKeyColumn(-1)
        self._filtered.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.view = table(self._filtered, "Messages", stretch=4)
        self.view.setColumnWidth(0, 84)
        self.view.setColumnWidth(1, 170)
        self.view.setColumnWidth(2, 140)
        self.view.setColumnWidth(3, 64)
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._show_current())
        self._filter = FilterLine("Filter messages")
        self._filter.textChanged.connect(self._filtered.setFilterFixedString)
        self._hold = QToolButton()
        self._hold.setText("Hold")
        self._hold.setCheckable(True)
        self._hold.setToolTip("Keep the list as it is")
        self._hold.setAccessibleName("Hold the list of messages")
        self._tree = QTreeWidget()
        self._tree.setHeaderLabels(["key", "value"])
        self._tree.setAccessibleName("The selected message")
        self._tree.setFont(fixed_font())
        self._tree.setColumnWidth(0, 160)
        copy = QToolButton()
        copy.setText("Copy")
        copy.setToolTip("Copy the frames of the selected messages as text, a line each")
        copy.setAccessibleName("Copy the selected messages")
        copy.clicked.connect(self.copy_selected)
        self.tools = tools_row(self._filter, self._hold, copy)
        split = QSplitter()
        split.addWidget(self.view)
        split.addWidget(self._tree)
        split.addWidget(self._editor())
        split.setSizes([560, 260, 240])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 2, 8, 4)
        whole.addWidget(split)

    def _editor(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._handler = QComboBox()
        self._handler.setAccessibleName("Send to this handler")
        self._text = QPlainTextEdit('{"type": "by-hand", "value": 1}')
        self._text.setFont(fixed_font())
        self._text.setAccessibleName("The event to send, as JSON")
        self._text.setTabChangesFocus(True)
        self._reason = QLabel()
        self._reason.setObjectName("fault")
        self._reason.setWordWrap(True)
        self._reason.hide()
        self._sent = QLabel()
        self._sent.setObjectName("muted")
        self._sent.hide()
        self.send = QPushButton("Send")
        self.send.setToolTip("Offer this event once; needs a run (it may be paused)")
        self.send.setAccessibleName("Send this event")
        self.send.clicked.connect(self._send)
        self.send.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(self._handler, 1)
        row.addWidget(self.send)
        column.addLayout(row)
        column.addWidget(self._text, 1)
        column.addWidget(self._reason)
        column.addWidget(self._sent)
        return box

    def _send(self) -> None:
        text = self._text.toPlainText()
        try:
            event = msgspec.json.decode(text)
        except (ValueError, RecursionError) as error:
            self._complain(f"This is no JSON: {error}")
            return
        if not isinstance(event, dict) or "_bench" in event:
            self._complain("An event is a JSON object without a _bench key, which is the bench's own.")
            return
        self._reason.hide()
        self.send_wanted.emit(self._handler.currentText(), msgspec.json.encode(event))

    def _complain(self, reason: str) -> None:
        self._sent.hide()
        self._reason.setText(reason)
        self._reason.show()

    def show_sent(self, words: str) -> None:
        """What became of the event that was to be sent."""
        self._sent.setText(words)
        self._sent.show()

    def set_text(self, text: str) -> None:
        """What would be sent."""
        self._text.setPlainText(text)

    @property
    def reason(self) -> str:
        """Why the last event was not sent; "" where it was."""
        return "" if self._reason.isHidden() else self._reason.text()

    @property
    def sent(self) -> str:
        """What became of the last event that was sent; "" if nothing is known yet."""
        return "" if self._sent.isHidden() else self._sent.text()

    def set_handlers(self, names: Sequence[str], running: bool) -> None:
        """Where an event can be sent to."""
        self.send.setEnabled(running and bool(names))
        current = self._handler.currentText()
        if [self._handler.itemText(i) for i in range(self._handler.count())] != list(names):
            self._handler.clear()
            self._handler.addItems(list(names))
            self._handler.setCurrentText(current)

    def clear(self) -> None:
        """A new run."""
        self._sent.hide()
        self._seen.clear()
        self._samples.clear()
        self._rows.replace([])
        self._tree.clear()

    def refresh(self, session: Session, scope: Scope) -> None:
        """Take what is new."""
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
                self._samples.append((listener.title, sample))
                self._rows.append(self._row(listener.title, sample), MESSAGES_SHOWN)
                added = True
        if added and follows:
            self.view.scrollToBottom()

    def _row(self, title: str, sample: MessageSample) -> Sequence[str]:
        topic = _text(sample.frames[0]) if len(sample.frames) > 1 else ""
        body = next(
            (frame for frame in sample.frames if frame[:1] == b"{"), sample.frames[-1] if sample.frames else b""
        )
        at = number_format.clock((sample.at_ns - self._start_ns) / 1e9)
        return (at, title, topic, number_format.size(sample.size), _text(body[:400]))

    def _show_current(self) -> None:
        index = self._filtered.mapToSource(self.view.currentIndex())
        self._tree.clear()
        sample = self._sample(index.row()) if index.isValid() else None
        if sample is None:
            return
        for number, frame in enumerate(sample.frames, start=1):
            top = QTreeWidgetItem(self._tree, [f"frame {number}", number_format.size(len(frame))])
            try:
                _grow(top, json.loads(frame))
            except (ValueError, RecursionError):
                QTreeWidgetItem(top, ["text", _text(frame[:4000])])
            top.setExpanded(True)

    def copy_selected(self) -> None:
        """Copy the frames of the selected messages to the clipboard, one line per frame."""
        chosen = sorted(self._filtered.mapToSource(index).row() for index in self.view.selectionModel().selectedRows())
        messages = [sample for row in chosen if (sample := self._sample(row)) is not None]
        QGuiApplication.clipboard().setText("\n".join(_text(frame) for one in messages for frame in one.frames))

    def _sample(self, row: int) -> MessageSample | None:
        place = row + len(self._samples) - len(self._rows.rows)
        return self._samples[place][1] if 0 <= place < len(self._samples) else None


def _grow(parent: QTreeWidgetItem, value: Any, depth: int = 0) -> None:
    if depth > 20:
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        is_leaf = not isinstance(inner, dict | list)
        shown = str(inner) if isinstance(inner, str) else json.dumps(inner) if is_leaf else f"{len(inner)} entries"
        item = QTreeWidgetItem(parent, [str(key), shown[:500]])
        if str(key) == "_bench":
            item.setToolTip(1, "The bench's stamp: format, run, handler, sequence number, due time, send time (hex ns)")
        _grow(item, inner, depth + 1)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
