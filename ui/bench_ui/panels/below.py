"""Below the plots: events, messages and ledger of the run."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bench_app.engine.control.messages import MessageSample
from bench_app.engine.result import RunResult
from bench_app.engine.session import RunEvent, Session
from bench_app.engine.view import HandlerView
from bench_app.handlers import HANDLER_KINDS
from bench_ui.plots.curves import Scope
from bench_ui.widgets import number_format
from bench_ui.widgets.tables import FilterLine, Rows, table, tools_row
from bench_ui.widgets.theme import LIGHT, Theme, fixed_font

EVENTS_SHOWN = 5000
MESSAGES_SHOWN = 500
_TROUBLE = "trouble"


class EventsPanel(QWidget):
    """Connection and run events, newest last, filtered by what one types."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._rows = Rows(
            (
                ("time\t", "Since the start of the run"),
                ("who", "Handler, handler/listener, or the engine"),
                ("what", ""),
            )
        )
        self._filtered = QSortFilterProxyModel(self)
        self._filtered.setSourceModel(self._rows)
        self._filtered.setFilterKeyColumn(-1)
        self._filtered.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._view = table(self._filtered, "Events", stretch=2)
        self._rows.color_of = lambda row, _: self.theme.color("lost") if self._rows.rows[row][3] else None
        self._view.setColumnWidth(0, 84)
        self._view.setColumnWidth(1, 190)
        self._filter = FilterLine("Filter events")
        self._filter.textChanged.connect(self._filtered.setFilterFixedString)
        self.tools = tools_row(self._filter)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 4)
        column.addWidget(self._view, 1)

    def clear(self) -> None:
        """A new run."""
        self._rows.replace([])

    def add(self, event: RunEvent) -> None:
        """Show an event; the list follows the newest unless one has scrolled up."""
        bar = self._view.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 2
        self._rows.append(_event_row(event), EVENTS_SHOWN)
        if follows:
            self._view.scrollToBottom()

    def show_all(self, events: Sequence[RunEvent]) -> None:
        """Those of a kept run."""
        self._rows.replace([_event_row(event) for event in events])

    @property
    def sentences(self) -> list[str]:
        """What is shown, for tests and copying."""
        model = self._filtered
        return [str(model.index(row, 2).data()) for row in range(model.rowCount())]


def _event_row(event: RunEvent) -> Sequence[str]:
    """Its cells, and one more that nobody sees."""
    return number_format.clock(event.at_s), event.source, event.sentence, _TROUBLE if event.trouble else ""


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
        copy.clicked.connect(self._copy)
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
            if not scope.takes(listener.plan.handler) or scope.listener not in ("", listener.plan.name):
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

    def _copy(self) -> None:
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


_LEDGER = (
    ("handler / listener", ""),
    ("offered\t", "Events the sources handed over"),
    ("overflow\t", "The handler's queue was full"),
    ("timeout\t", "The socket did not take it within send_timeout"),
    ("aborted\t", "Given up or stopped before it was sent"),
    ("queued\t", "Waiting in the handler's queue"),
    ("accepted\t", "Taken by the socket"),
    ("received\t", "Distinct messages of this run; at a REQ handler its replies"),
    ("lost\t", "Accepted and had by no listener"),
    ("before join\t", "Sent by a PUB before the subscription arrived"),
    ("no reply\t", "Requests without a reply, retries included"),
    ("retries\t", "Requests sent again"),
    ("in flight\t", "On the way"),
    ("dup.\t", "Received more than once, counted apart"),
    ("foreign\t", "Without a stamp of this run"),
    ("balance", "offered = overflow + timeout + aborted + queued + accepted, and accepted = what became of it"),
)
_LISTENER_TYPES = {str(kind.socket_type): kind.listener_type for kind in HANDLER_KINDS.values()}
_STILL_RUNNING = "running"
_RECEIVED, _LOST, _BEFORE_JOIN, _IN_FLIGHT = 7, 8, 9, 12
_LOSS_COLUMNS = {2: "overflow", 3: "timeout", 4: "aborted", 8: "lost", 9: "before_join", 10: "timeout"}


def _as_far_as_known(cells: Iterable[str], arrivals_known: bool) -> list[str]:
    """A handler's figures (from the second column on); no claim is made where nobody counts behind it."""
    unknown = () if arrivals_known else (_RECEIVED, _LOST, _BEFORE_JOIN, _IN_FLIGHT)
    return [number_format.NOTHING if column in unknown else cell for column, cell in enumerate(cells, start=1)]


def _balance(balanced: bool, arrivals_known: bool, live: bool = False) -> str:
    if not balanced:
        return "DOES NOT BALANCE"
    if live:
        # Its columns are of reports that came at different moments; they need not add up before the end.
        return _STILL_RUNNING
    return "balances" if arrivals_known else number_format.NOTHING


class LedgerPanel(QWidget):
    """Every event accounted for, with the sum that proves it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._rows = Rows(_LEDGER)
        self._rows.color_of = self._color
        self.view = table(self._rows, "Ledger", stretch=0)
        for column in range(1, len(_LEDGER)):
            self.view.setColumnWidth(column, 88 if column == _BEFORE_JOIN else 72)
        self._verdict = QLabel("No run yet.")
        self._verdict.setWordWrap(True)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tools = tools_row()
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(8, 4, 8, 4)
        column_.setSpacing(4)
        # Many reasons may be longer than there is room for; the table keeps its own.
        reasons = QScrollArea()
        reasons.setWidgetResizable(True)
        reasons.setWidget(self._verdict)
        reasons.setFrameShape(QFrame.Shape.NoFrame)
        reasons.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        reasons.setFixedHeight(self.fontMetrics().lineSpacing() * 2 + 4)
        column_.addWidget(reasons)
        column_.addWidget(self.view, 1)

    def _color(self, row: int, column: int) -> QColor | None:
        text = self._rows.rows[row][column]
        if column in _LOSS_COLUMNS and text not in ("0", "", number_format.NOTHING):
            return self.theme.color(_LOSS_COLUMNS[column])
        if column == len(_LEDGER) - 1:
            return self.theme.color("muted" if text == _STILL_RUNNING else "lost" if "NOT" in text else "received")
        return None

    def show_verdict(self, text: str) -> None:
        """What may be said of the run as a whole."""
        self._verdict.setText(text)
        self._verdict.setToolTip(text)

    def refresh(self, views: list[HandlerView], live: bool = False) -> None:
        """Show the books as they are now; whether they balance is said when they are closed."""
        rows: list[Sequence[str]] = []
        for view in views:
            counts, ledger = view.ledger.counts, view.ledger
            is_request = view.socket_type == "REQ"
            received = counts.replied if is_request else sum(one.received for one in view.listeners)
            before = sum(one.before_join for one in view.listeners)
            numbers = (
                counts.offered,
                counts.queue_overflow,
                counts.send_timeout,
                counts.aborted,
                counts.queued,
                counts.accepted,
                received,
                ledger.lost,
                before,
                counts.request_timeout,
                counts.retries,
                view.in_flight,
            )
            balance = _balance(ledger.balanced, ledger.arrivals_known, live)
            cells = _as_far_as_known(map(number_format.count, numbers), ledger.arrivals_known)
            rows.append((f"{view.socket_type} {view.name}", *cells, "", "", balance))
            for one in view.listeners:
                books = ledger.listeners[one.name]
                in_flight = number_format.count(max(0, books.in_flight)) if view.socket_type == "PUB" else ""
                rows.append(
                    (
                        f"      {one.listener_type} {one.name}",
                        *[""] * 6,
                        number_format.count(one.received),
                        number_format.count(one.lost) if view.socket_type == "PUB" else "",
                        number_format.count(one.before_join) if view.socket_type == "PUB" else "",
                        "",
                        "",
                        in_flight,
                        number_format.count(books.counts.duplicates),
                        number_format.count(books.counts.foreign),
                        "",
                    )
                )
        self._rows.replace(rows)

    def show_result(self, result: RunResult) -> None:
        """Show the books of a finished run."""
        rows: list[Sequence[str]] = []
        for name, h in result.handlers.items():
            received = h.replied if h.socket_type == "REQ" else sum(one.received for one in h.listeners.values())
            before = sum(one.before_join for one in h.listeners.values())
            numbers = (h.offered, h.queue_overflow, h.send_timeout, h.aborted, 0, h.accepted, received, h.lost, before)
            more = (h.request_timeout, h.retries, 0)
            balance = _balance(h.balanced, h.arrivals_known)
            cells = _as_far_as_known(map(number_format.count, numbers + more), h.arrivals_known)
            rows.append((f"{h.socket_type} {name}", *cells, "", "", balance))
            for called, one in h.listeners.items():
                is_pub = h.socket_type == "PUB"
                lost = [number_format.count(one.lost), number_format.count(one.before_join)] if is_pub else ["", ""]
                counted = (number_format.count(one.duplicates), number_format.count(one.foreign), "")
                title = f"      {_LISTENER_TYPES[h.socket_type]} {called}"
                in_flight = "0" if is_pub else ""
                rows.append((title, *[""] * 6, number_format.count(one.received), *lost, "", "", in_flight, *counted))
        self._rows.replace(rows)

    @property
    def rows(self) -> list[Sequence[str]]:
        """What is shown."""
        return self._rows.rows
