"""The inspector's page of a source: the load, and the events that it makes."""

from __future__ import annotations

import typing
from typing import Any

from PySide6.QtWidgets import QWidget

from bench_app.model import Load, Source
from bench_app.model.json_path import JsonPath, format_path
from bench_app.model.key_info import Group
from bench_app.model.keys import slider_keys
from bench_app.preset.defaults import sources_of
from bench_app.preset.documents import Document
from bench_ui.forms import ChoiceForm
from bench_ui.panels.inspector.page import EACH_RESTARTS, Edit, heading, note, page_column


class SourcePage(QWidget):
    """The source of the handler's sink.

    Attributes:
        load: the form of the load. It is on top, because users change the load most often.
        source: the form of all other keys.
    """

    def __init__(self, edit: Edit) -> None:
        super().__init__()
        self._edit = edit
        self._sink = ""
        self._title = heading("")
        self.load = ChoiceForm(Load, sliders=slider_keys(*typing.get_args(Load)))
        self.source = ChoiceForm(Source, notes={})
        self.load.edited.connect(lambda value: self._apply(self.load, ("load",), value))
        self.source.edited.connect(lambda value: self._apply(self.source, (), value))
        column = page_column(self)
        for widget in (self._title, self.load, heading(Group.EVENTS.value), note(EACH_RESTARTS), self.source):
            column.addWidget(widget)
        column.addStretch(1)

    def show_source(self, document: Document, sink: str) -> None:
        """Show the source of this sink; a sink without one disables the page."""
        self._sink = sink
        source = sources_of(document.preset).get(sink)
        self._title.setText(f"Load of sink “{sink}”")
        self.setEnabled(source is not None)
        if source is not None:
            self.load.set_value(source.load)
            self.source.set_value(source)

    def _apply(self, form: ChoiceForm, path: tuple[str, ...], value: dict[str, Any]) -> None:
        full_path = ("bench", "sources", self._sink, *path)
        text = "change the load" if path else "change the source"
        faults = self._edit([(full_path, value)], f"{text} of {self._sink}", format_path(full_path))
        form.clear_faults()
        fields: dict[JsonPath, str] = {(*full_path, field): field for field in value}
        for fault in faults:
            # A fault below a field, or beside the source, is shown at the list of choices.
            form.set_fault(fields.get(fault.parts or (), form.tag_field), fault.expected)
