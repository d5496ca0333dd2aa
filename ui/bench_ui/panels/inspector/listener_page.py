"""The inspector's page of one listener: its speed, its faults and its connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from bench_app.model import ListenerSpec, SocketType
from bench_app.model.json_path import format_path
from bench_app.model.key_info import Group
from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import Document
from bench_ui.forms import Form
from bench_ui.panels.inspector.consumer_box import ConsumerBox
from bench_ui.panels.inspector.field_group import FieldGroup
from bench_ui.panels.inspector.page import (
    EACH_RECREATES,
    Edit,
    apply_edit,
    group_form,
    heading,
    mark_field,
    note,
    page_column,
    plain_group_form,
)
from bench_ui.panels.own_consumer import OwnConsumer, own_consumer_of
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.widgets.plain_text import PlainLabel


class ListenerPage(QWidget):
    """The forms of a listener, for handlers of one socket type.

    Attributes:
        form: the form of speed and faults.
        connection: the form of the connection keys.
        groups: the forms in groups that can be folded.
        consumer: the user's own consumer, if the listener counts the receipts of one; None until a listener does.
        pause, kill: the buttons that pause the listener or kill its worker in a run.
    """

    action_wanted = Signal(object)
    """With a UnitRequest."""

    def __init__(self, edit: Edit, socket_type: SocketType) -> None:
        super().__init__()
        self._edit = edit
        self._handler, self._index, self._name = "", 0, ""
        self._document: Document | None = None
        self._title = heading("")
        self.form = group_form(ListenerSpec, Group.LISTENER, socket_type)
        self.connection = plain_group_form(ListenerSpec, Group.CONNECTION, socket_type)
        for form in (self.form, self.connection):
            form.edited.connect(lambda field, value, form=form: self._apply(form, field, value))
        self.pause = self._button("Pause", "Read nothing until it goes on", self._toggle)
        self.pause.setCheckable(True)
        self.kill = self._button("Kill and restart", "Kill its worker process; another one replaces it", self._ask_kill)
        row = QHBoxLayout()
        row.addWidget(PlainLabel("Faults"))
        row.addWidget(self.pause)
        row.addWidget(self.kill)
        row.addStretch(1)
        self.groups = [
            FieldGroup(Group.LISTENER.value, [self.form]),
            FieldGroup(Group.CONNECTION.value, [note(EACH_RECREATES), self.connection]),
        ]
        self.consumer: ConsumerBox | None = None
        column = self._column = page_column(self)
        column.addWidget(self._title)
        column.addLayout(row)
        for widget in self.groups:
            column.addWidget(widget)
        column.addStretch(1)
        self.set_running(False)

    def _button(self, text: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} this listener")
        button.clicked.connect(lambda _=False: act())
        return button

    def set_running(self, running: bool) -> None:
        """Allow pause and kill during a run only."""
        self.pause.setEnabled(running)
        self.kill.setEnabled(running)
        if not running:
            self.pause.setChecked(False)

    def show_paused(self, paused: set[tuple[str, str]]) -> None:
        """Check the pause button while this listener is one of the paused."""
        self.pause.setChecked((self._handler, self._name) in paused)

    def _toggle(self) -> None:
        self._ask(UnitAction.PAUSE if self.pause.isChecked() else UnitAction.RESUME)

    def _ask_kill(self) -> None:
        self._ask(UnitAction.KILL)

    def _ask(self, action: UnitAction) -> None:
        self.action_wanted.emit(UnitRequest(action, self._handler, self._name))

    def show_listener(self, document: Document, handler: str, index: int) -> None:
        """Show this listener of the document."""
        spec = listeners_of(document.preset, handler)[index]
        if (handler, index) != (self._handler, self._index):
            self.pause.setChecked(False)
        self._document, self._handler, self._index, self._name = document, handler, index, str(spec.name)
        self._title.setText(f"{handler} / {spec.name}")
        self._show_consumer(own_consumer_of(document, handler, self._name) if spec.receipts else None)
        # Show the listener as the document has it, so that a default stays a default.
        written = document.preset.bench.listeners.get(handler, (ListenerSpec(),))
        for form in (self.form, self.connection):
            form.set_value(written[index] if index < len(written) else spec)

    def _show_consumer(self, consumer: OwnConsumer | None) -> None:
        if consumer is not None and self.consumer is None:
            self.consumer = ConsumerBox()
            self._column.insertWidget(1, self.consumer)
        if self.consumer is not None:
            self.consumer.setVisible(consumer is not None)
            if consumer is not None:
                self.consumer.show_consumer(consumer)

    def _apply(self, form: Form, field: str, value: Any) -> None:
        assert self._document is not None
        path = ("bench", "listeners", self._handler, self._index, field)
        if self._handler in self._document.preset.bench.listeners:
            apply_edit(self._edit, form, path, field, value)
            return
        # The document does not name the default listener; its first change writes it down.
        written = {"name": str(listeners_of(self._document.preset, self._handler)[0].name), field: value}
        faults = self._edit([(path[:3], [written])], f"change {field}", format_path(path))
        mark_field(form, field, faults)
