"""The inspector's page of one handler: its production config, what the bench adds, and its connection."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton, QWidget

from bench_app.model import HandlerBench, HandlerConfig, HandlerSpec, SocketType
from bench_app.model.key_info import Group
from bench_app.preset.defaults import handler_bench
from bench_app.preset.documents import Document
from bench_ui.forms import Form
from bench_ui.panels.inspector.field_group import FieldGroup
from bench_ui.panels.inspector.page import (
    EACH_RECREATES,
    EACH_RESTARTS,
    Edit,
    apply_edit,
    group_form,
    heading,
    note,
    page_column,
    plain_group_form,
)
from bench_ui.panels.unit_request import UnitAction, UnitRequest


class HandlerPage(QWidget):
    """The forms of a handler of one socket type.

    Attributes:
        spec: the form of address and sink.
        config: the form of the production config.
        bench: the form of the keys that the bench adds.
        connection: the form of the connection keys.
        groups: the forms in groups that can be folded.
        capacity: the button that starts a measurement of the connection's capacity.
    """

    action_wanted = Signal(object)
    """With a UnitRequest."""

    def __init__(self, edit: Edit, socket_type: SocketType) -> None:
        super().__init__()
        self._edit = edit
        self._name = ""
        self._title = heading("")
        self.config = group_form(HandlerConfig, Group.SOCKET, socket_type)
        self.spec = group_form(HandlerSpec, Group.HANDLER)
        self.bench = plain_group_form(HandlerBench, Group.BENCH)
        self.connection = plain_group_form(HandlerBench, Group.CONNECTION, socket_type)
        self.config.edited.connect(lambda field, value: self._apply(self.config, ("config", field), field, value))
        self.spec.edited.connect(lambda field, value: self._apply(self.spec, (field,), field, value))
        for form in (self.bench, self.connection):
            form.edited.connect(lambda field, value, form=form: self._apply_bench(form, field, value))
        self.capacity = QToolButton()
        self.capacity.setText("Measure capacity")
        self.capacity.setAccessibleName("Measure the capacity of this handler's connections")
        self.capacity.clicked.connect(lambda _=False: self._ask_capacity())
        self.groups = [
            FieldGroup(Group.SOCKET.value, [self.spec, self.config]),
            FieldGroup(Group.BENCH.value, [note(EACH_RESTARTS), self.bench]),
            FieldGroup(Group.CONNECTION.value, [note(EACH_RECREATES), self.connection], beside=self.capacity),
        ]
        column = page_column(self)
        for widget in (self._title, *self.groups):
            column.addWidget(widget)
        column.addStretch(1)
        self.set_running(False)

    def _ask_capacity(self) -> None:
        self.action_wanted.emit(UnitRequest(UnitAction.MEASURE_CAPACITY, self._name))

    def set_running(self, running: bool) -> None:
        """Forbid the measurement during a run, because filling a connection would disturb the run."""
        self.capacity.setEnabled(not running)
        self.capacity.setToolTip(
            "Not while a run goes on: measuring would disturb it"
            if running
            else "How many messages does the connection take while its consumer reads nothing, and where do they sit?"
        )

    def show_handler(self, document: Document, name: str) -> None:
        """Show this handler of the document."""
        self._name = name
        spec = document.preset.output.handlers[name]
        self._title.setText(name)
        self.spec.set_value(spec)
        self.config.set_value(spec.config)
        for form in (self.bench, self.connection):
            form.set_value(handler_bench(document.preset, name))

    def _apply(self, form: Form, path: tuple[str, ...], field: str, value: Any) -> None:
        apply_edit(self._edit, form, ("output", "handlers", self._name, *path), field, value)

    def _apply_bench(self, form: Form, field: str, value: Any) -> None:
        apply_edit(self._edit, form, ("bench", "handlers", self._name, field), field, value)
