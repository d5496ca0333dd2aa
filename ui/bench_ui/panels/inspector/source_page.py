"""The inspector's page of a source: the load, and the events that it makes."""

from __future__ import annotations

import typing
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton, QWidget

from bench_app.errors import Fault
from bench_app.model import Load, ReplaySource, Source
from bench_app.model.json_path import JsonPath, format_path
from bench_app.model.key_info import Group
from bench_app.model.keys import slider_keys
from bench_app.preset.defaults import sources_of
from bench_app.preset.documents import Document
from bench_ui.forms import ChoiceForm
from bench_ui.forms.fields import reason_at
from bench_ui.panels.inspector.field_group import FieldGroup
from bench_ui.panels.inspector.page import EACH_RESTARTS, Edit, heading, note, page_column


class SourcePage(QWidget):
    """The source of the handler's sink.

    Attributes:
        load: the form of the load. It is on top, because users change the load most often.
        source: the form of all other keys.
        groups: the forms in groups that can be folded.
        replay: the button that chooses a file to replay.
        about_file: what is in the file that was chosen.
    """

    replay_wanted = Signal(str)
    """With the sink whose source is to replay a file."""

    def __init__(self, edit: Edit) -> None:
        super().__init__()
        self._edit = edit
        self._sink = ""
        self._refused_load: dict[str, Any] | None = None
        """A load that the user chose and that the source cannot carry out yet, as it lacks a key."""
        self._given_load: Load | None = None
        self._source: Source | None = None
        self._files: dict[tuple[str, str], str] = {}
        """What is in the files that the user chose, by sink and path."""
        self._title = heading("")
        self.replay = QToolButton()
        self.replay.setText("Replay a file…")
        self.replay.setToolTip("Send the events of a file, with their recorded timing if they have a time")
        self.replay.clicked.connect(lambda _=False: self.replay_wanted.emit(self._sink))
        self.about_file = note("")
        self.load = ChoiceForm(Load, sliders=slider_keys(*typing.get_args(Load)))
        self.source = ChoiceForm(Source, notes={})
        self.load.edited.connect(self._apply_load)
        self.source.edited.connect(self._apply_source)
        self.groups = [
            FieldGroup(Group.LOAD.value, [self.load]),
            FieldGroup(Group.EVENTS.value, [note(EACH_RESTARTS), self.source]),
        ]
        self._show_file(None)
        column = page_column(self)
        for widget in (self._title, self.replay, self.about_file, *self.groups):
            column.addWidget(widget)
        column.addStretch(1)

    def show_source(self, document: Document, sink: str) -> None:
        """Show the source of this sink; a sink without one disables the page.

        A load that was refused stays on screen until the document has another one or another sink is shown.
        """
        source = sources_of(document.preset).get(sink)
        load = None if source is None else source.load
        if sink != self._sink or load != self._given_load:
            self._refused_load = None
        self._sink, self._given_load = sink, load
        self._title.setText(f"Load of sink “{sink}”")
        self.setEnabled(source is not None)
        if source is not None:
            if self._refused_load is None:
                self.load.set_value(source.load)
            self.source.set_value(source)
        self._show_file(source)

    def note_file(self, sink: str, path: str, text: str) -> None:
        """Say what is in the file of a source, as long as the source replays this file."""
        self._files[(sink, path)] = text
        self._show_file(self._source)

    def _show_file(self, source: Source | None) -> None:
        self._source = source
        path = source.path if isinstance(source, ReplaySource) else ""
        self.about_file.setText(self._files.get((self._sink, path), ""))
        self.about_file.setVisible(bool(self.about_file.text()))

    def _apply_load(self, load: dict[str, Any]) -> None:
        path = ("bench", "sources", self._sink, "load")
        faults = self._edit([(path, load)], f"change the load of {self._sink}", format_path(path))
        self._refused_load = load if faults else None
        self._mark(faults, self.load)

    def _apply_source(self, source: dict[str, Any]) -> None:
        """Set the source; with it the load that was refused, if the source has now what that load needs."""
        path = ("bench", "sources", self._sink)
        text, merge = f"change the source of {self._sink}", format_path(path)
        if self._refused_load is not None:
            wanted, self._refused_load = self._refused_load, None
            if not self._edit([(path, {**source, "load": wanted})], text, ""):
                self._mark([], self.source)
                return
            self._refused_load = wanted
        self._mark(self._edit([(path, source)], text, merge), self.source)

    def _mark(self, faults: list[Fault], edited: ChoiceForm) -> None:
        """Show each fault at its field: in the form that was edited, or in the other one."""
        self.load.clear_faults()
        self.source.clear_faults()
        base = ("bench", "sources", self._sink)
        fields: dict[JsonPath, tuple[ChoiceForm, str]] = {
            (*base, field): (self.source, field) for field in self.source.fields
        }
        fields |= {(*base, "load", field): (self.load, field) for field in self.load.fields}
        for fault in faults:
            # A fault below a field, or beside the source, is shown at the list of choices.
            form, field = fields.get(fault.parts or (), (edited, edited.tag_field))
            form.set_fault(field, reason_at(fault, field))
