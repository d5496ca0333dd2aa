"""One event sent by hand: text -> **editor** -> window -> session -> handler."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from bench_app.transport import stamp
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import fixed_font

_EXAMPLE = '{"type": "by-hand", "value": 1}'
_NO_EVENT = f"An event is a JSON object without a {stamp.FIELD} key, because the bench adds that key."


class MessageEditor(QWidget):
    """The text of an event, the handler to send it to, and whether it was sent.

    Attributes:
        send: the button.
    """

    send_wanted = Signal(str, bytes)
    """With a handler and an event's JSON text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._handler = QComboBox()
        self._handler.setAccessibleName("Send to this handler")
        self._text = QPlainTextEdit(_EXAMPLE)
        self._text.setFont(fixed_font())
        self._text.setAccessibleName("The event to send, as JSON")
        self._text.setTabChangesFocus(True)
        self._reason = PlainLabel()
        self._reason.setObjectName("fault")
        self._reason.setWordWrap(True)
        self._reason.hide()
        self._sent = PlainLabel()
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._text, 1)
        column.addWidget(self._reason)
        column.addWidget(self._sent)

    def _send(self) -> None:
        try:
            event = ANY_JSON.read(self._text.toPlainText())
        except BadJsonError as error:
            self.refuse(f"This is not JSON: {error}")
            return
        if not isinstance(event, dict) or stamp.FIELD in event:
            self.refuse(_NO_EVENT)
            return
        self._reason.hide()
        self.send_wanted.emit(self._handler.currentText(), msgspec.json.encode(event))

    def refuse(self, reason: str) -> None:
        """Show why the event was not sent."""
        self._sent.hide()
        self._reason.setText(reason)
        self._reason.show()

    def show_sent(self, text: str) -> None:
        """Show that the event was offered."""
        self._sent.setText(text)
        self._sent.show()

    def clear(self) -> None:
        """Remove what was shown of the last event; its text stays."""
        self._sent.hide()

    def set_text(self, text: str) -> None:
        """Put an event's text into the editor."""
        self._text.setPlainText(text)

    @property
    def reason(self) -> str:
        """Why the last event was not sent; "" if it was sent."""
        return "" if self._reason.isHidden() else self._reason.text()

    @property
    def sent(self) -> str:
        """The message that the last event was offered; "" before that."""
        return "" if self._sent.isHidden() else self._sent.text()

    def set_handlers(self, names: Sequence[str], running: bool) -> None:
        """Offer these handlers; the chosen one stays chosen. Sending needs a run."""
        self.send.setEnabled(running and bool(names))
        current = self._handler.currentText()
        if [self._handler.itemText(i) for i in range(self._handler.count())] != list(names):
            self._handler.clear()
            self._handler.addItems(list(names))
            self._handler.setCurrentText(current)
