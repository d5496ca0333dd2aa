"""One event sent by hand: text -> **editor** -> window -> session -> handler."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bench_app.transport import stamp
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError
from bench_ui.panels.sent_events import MOST_BURST, SentEvent, SentEvents
from bench_ui.widgets.number_box import whole_box
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import fixed_font

_EXAMPLE = '{"type": "by-hand", "value": 1}'
_LEAST_TEXT = 40
_NO_EVENT = f"An event is a JSON object without a {stamp.FIELD} key, because the bench adds that key."


class MessageEditor(QWidget):
    """The text of an event, the handler to send it to, and whether it was sent.

    Attributes:
        send: the button.
        count: how many times the event is sent.
        templates, history: the menus of kept events and of those that were sent.
        events: what these menus offer.
        preset: the name of the open preset.
    """

    send_wanted = Signal(str, bytes, int)
    """With a handler, an event's JSON text, and how many times to send it."""
    save_wanted = Signal(bool)
    """Keep the text as a template; True: only for the open preset."""
    delete_wanted = Signal(object)
    """With a Template to delete."""

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
        self._sent.setWordWrap(True)
        self._sent.hide()
        self._answer = QPlainTextEdit()
        self._answer.setReadOnly(True)
        self._answer.setFont(fixed_font())
        self._answer.setAccessibleName("The reply")
        self._answer.setTabChangesFocus(True)
        self._answer.hide()
        for text in (self._text, self._answer):
            # Qt's least height is three lines: a reply would push the plots away.
            text.setMinimumHeight(_LEAST_TEXT)
        self.count = whole_box()
        self.count.setRange(1, MOST_BURST)
        self.count.setPrefix("× ")
        self.count.setToolTip("How many times to send it, as fast as the handler takes it")
        self.count.setAccessibleName("How many times to send it")
        self.templates, self.history = QMenu(self), QMenu(self)
        # PySide6 6.8 deletes a menu that only another menu knows.
        self._deleting = QMenu("Delete", self)
        self.events = SentEvents()
        self.preset = ""
        self.templates.aboutToShow.connect(self._fill_templates)
        self.history.aboutToShow.connect(self._fill_history)
        self.send = QPushButton("Send")
        self.send.setToolTip("Offer this event once; needs a run (it may be paused)")
        self.send.setAccessibleName("Send this event")
        self.send.clicked.connect(self._send)
        self.send.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(self._handler, 1)
        row.addWidget(self.count)
        row.addWidget(self.send)
        menus = QHBoxLayout()
        menus.addWidget(_menu_button("Templates", "Events kept under a name", self.templates))
        menus.addWidget(_menu_button("History", "Events that were sent before", self.history))
        menus.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addLayout(menus)
        column.addWidget(self._text, 1)
        column.addWidget(self._reason)
        column.addWidget(self._sent)
        column.addWidget(self._answer, 1)

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
        self.send_wanted.emit(self._handler.currentText(), msgspec.json.encode(event), self.count.value())

    def _fill_templates(self) -> None:
        self.templates.clear()
        found = self.events.templates_for(self.preset)
        for template in found:
            self.templates.addAction(_menu_text(template.name), partial(self.set_text, template.text))
        self.templates.addSeparator()
        self.templates.addAction("Keep for this preset…", partial(self.save_wanted.emit, True))
        self.templates.addAction("Keep for every preset…", partial(self.save_wanted.emit, False))
        self._deleting.clear()
        self._deleting.setEnabled(bool(found))
        self.templates.addMenu(self._deleting)
        for template in found:
            self._deleting.addAction(_menu_text(template.name), partial(self.delete_wanted.emit, template))

    def _fill_history(self) -> None:
        self.history.clear()
        for event in self.events.sent:
            self.history.addAction(_menu_text(event.label), partial(self._show_sent_before, event))
        if self.history.isEmpty():
            self.history.addAction("Nothing was sent yet").setEnabled(False)

    def _show_sent_before(self, event: SentEvent) -> None:
        self.edit(event.handler, event.text)
        self.count.setValue(event.count)

    def edit(self, handler: str, text: str) -> None:
        """Show an event to edit and send, for this handler if it takes part in the run."""
        self.set_text(text)
        self.count.setValue(1)
        self._handler.setCurrentText(handler)
        self._text.setFocus()

    def refuse(self, reason: str) -> None:
        """Show why the event was not sent."""
        self.clear()
        self._reason.setText(reason)
        self._reason.show()

    def show_sent(self, text: str) -> None:
        """Show that the event was offered."""
        self._reason.hide()
        self._answer.hide()
        self._sent.setText(text)
        self._sent.show()

    def show_answer(self, text: str) -> None:
        """Show how the requests ended; "" shows nothing."""
        self._answer.setPlainText(text)
        self._answer.setVisible(bool(text))

    def clear(self) -> None:
        """Remove what was shown of the last event; its text stays."""
        self._sent.hide()
        self._answer.hide()

    def set_text(self, text: str) -> None:
        """Put an event's text into the editor."""
        self._text.setPlainText(text)

    @property
    def event_text(self) -> str:
        """The text of the event."""
        return self._text.toPlainText()

    @property
    def handler(self) -> str:
        """The chosen handler."""
        return self._handler.currentText()

    @property
    def answer(self) -> str:
        """How the requests ended; "" if that is not shown."""
        return "" if self._answer.isHidden() else self._answer.toPlainText()

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


def _menu_button(text: str, tip: str, menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    return button


def _menu_text(text: str) -> str:
    """Text without a character that a menu takes as a key."""
    return text.replace("&", "&&")
