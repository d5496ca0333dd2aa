"""model -> form -> model: a form for a choice between structs (Load, Source): which one, and its fields below."""

from __future__ import annotations

import re
import typing
from collections.abc import Collection, Mapping, Sequence
from inspect import getdoc
from itertools import pairwise
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bench_app.model.keys import spell_out, struct_type
from bench_app.model.validation import survey
from bench_ui.forms.editors import ChoiceEditor
from bench_ui.forms.fields import plain, read_fields
from bench_ui.forms.form import NO_NOTES, Form
from bench_ui.forms.row import row_grid, set_mark, text_label


class ChoiceForm(QWidget):
    """A form for a union of tagged structs. ``edited(data)`` gives the whole object, tag included, when it is valid.

    Fields that other members have too keep their values when the tag changes, and come back when it changes back.
    """

    edited = Signal(object)

    def __init__(
        self,
        union: Any,
        *,
        only: Sequence[str] | None = None,
        sliders: Collection[str] = (),
        notes: Mapping[str, str] = NO_NOTES,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._union = union
        self._members = {str(struct_type(member).tag): member for member in typing.get_args(union)}
        self._tag_field = str(struct_type(next(iter(self._members.values()))).tag_field)
        self._only, self._sliders, self._notes = only, sliders, notes
        self._running = False
        self._known: dict[str, Any] = {}
        self._data: dict[str, Any] = {}
        self._given: dict[str, Any] = {}
        self._whole = True
        self._form: Form | None = None
        self._tags = ChoiceEditor(tuple(self._members), self)
        self._fault = text_label("", self, "fault")
        self._layout = QVBoxLayout(self)
        self._build()
        self._tags.entered.connect(self._choose)
        self._show_tag(next(iter(self._members)))

    @property
    def tag(self) -> str:
        """The tag of the chosen member."""
        return str(self._data[self._tag_field])

    def set_value(self, struct: msgspec.Struct) -> None:
        """Show a struct, silently. A field in which someone is typing keeps its text, and so does a choice that waits
        for a field to be filled in, unless the struct is a new one.
        """
        data = plain(struct)
        if not self._whole and data == self._given:
            return
        self._given, self._whole = data, True
        if data != self._data:
            self._known = dict(data)
        changed = self._form is None or data[self._tag_field] != self.tag
        self._data = data
        if changed:
            self._show_tag(data[self._tag_field])
        elif self._form:
            self._form.show_data(data)

    def set_fault(self, field: str, reason: str) -> None:
        """Mark a field, or the choice itself (the name of the tag)."""
        if self._form and field in self._form.fields:
            self._form.set_fault(field, reason)
        elif field == self._tag_field:
            self._mark(reason)

    def clear_faults(self) -> None:
        """Take all marks away."""
        self._mark("")
        if self._form:
            self._form.clear_faults()

    def set_running(self, running: bool) -> None:
        """As :meth:`Form.set_running`."""
        self._running = running
        if self._form:
            self._form.set_running(running)

    def widget(self, field: str) -> QWidget:
        """The widget that edits a field; that of the tag's name is the choice itself."""
        if field == self._tag_field or self._form is None:
            return self._tags
        return self._form.widget(field)

    def _build(self) -> None:
        name = spell_out(self._tag_field)
        label = text_label(name, self)
        label.setBuddy(self._tags)
        self._tags.setAccessibleName(name)
        for place, member in enumerate(self._members.values()):
            self._tags.setItemData(place, _meaning(member), Qt.ItemDataRole.ToolTipRole)
        self._fault.hide()
        top = QWidget(self)
        grid = row_grid(top)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self._tags, 0, 1, 1, 2)
        grid.addWidget(self._fault, 1, 0, 1, 3)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(top)

    def _mark(self, reason: str) -> None:
        self._fault.setText(reason)
        self._fault.setVisible(bool(reason))
        set_mark(self._tags, "fault", bool(reason))
        self._tags.setAccessibleDescription(reason or self._tags.toolTip())

    def _choose(self, tag: str) -> None:
        if tag == self.tag:
            return
        self._known.update(self._data)
        self._data = self._first(tag)
        self._show_tag(tag)
        self._tell()

    def _first(self, tag: str) -> dict[str, Any]:
        """What a member begins with: what is known already, else its defaults, else a sensible start."""
        data: dict[str, Any] = {self._tag_field: tag}
        for name, field in read_fields(self._members[tag]).items():
            if name in self._known and not field.reason(self._known[name]):
                data[name] = self._known[name]
            elif not field.required or field.start is not None:
                data[name] = field.start
        return data

    def _show_tag(self, tag: str) -> None:
        member = self._members[tag]
        if not self._data:
            self._data = self._first(tag)
        self._tags.show_data(tag)
        self._tags.setToolTip(_meaning(member))
        self._mark("")
        if self._form:
            self._layout.removeWidget(self._form)
            self._form.blockSignals(True)
            self._form.hide()
            self._form.deleteLater()
        only = None if self._only is None else [name for name in self._only if name in read_fields(member)]
        self._form = Form(member, only=only, sliders=self._sliders, notes=self._notes, parent=self)
        self._form.show_data(self._data)
        self._form.set_running(self._running)
        self._form.edited.connect(self._edit)
        self._layout.addWidget(self._form)
        self._form.show()
        for before, after in pairwise([self._tags, *self._form.stops()]):
            QWidget.setTabOrder(before, after)

    def _edit(self, field: str, value: Any) -> None:
        self._data = {**self._data, field: value}
        self._tell()

    def _tell(self) -> None:
        """Only a whole, valid object goes out; otherwise what is missing is marked."""
        found = survey(self._data, self._union)
        self._whole = not found.faults
        if self._whole:
            self.edited.emit(self._data)
            return
        for fault in found.faults:
            reason = fault.expected if not fault.value else f"must be {fault.expected}"
            self.set_fault(fault.path, reason)


def _meaning(member: type) -> str:
    """The docstring of a struct as plain words."""
    return re.sub(r"``?", "", getdoc(member) or "")
