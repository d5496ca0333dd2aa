"""model -> form -> model: a form for a union of structs (Load, Source): the chosen struct, and its fields below."""

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
from bench_app.model.validation import validate
from bench_ui.forms.choice_editors import ChoiceEditor
from bench_ui.forms.fields import plain, read_fields, reason_at
from bench_ui.forms.form import NO_NOTES, Form
from bench_ui.forms.row import row_grid, set_mark, text_label
from bench_ui.forms.row_filter import SHOW_ALL, RowFilter


class ChoiceForm(QWidget):
    """A form for a union of tagged structs. ``edited(data)`` has the whole object with its tag, once it is valid.

    When the tag changes, the fields that both structs have keep their values. The values of the other fields come back
    when their struct is chosen again. ``only``, ``sliders`` and ``notes`` are those of :class:`Form`.
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
        """The last value of each field, also of fields that the chosen struct does not have."""
        self._data: dict[str, Any] = {}
        """The tag and the values that are shown."""
        self._given: dict[str, Any] = {}
        """The data of the last :meth:`set_value`."""
        self._is_complete = True
        """False while a required value is missing or a value is wrong."""
        self._form: Form | None = None
        self._filter, self._group = SHOW_ALL, ""
        self._tags = ChoiceEditor(tuple(self._members), self)
        self._fault = text_label("", self, "fault")
        self._layout = QVBoxLayout(self)
        self._build()
        self._tags.entered.connect(self._choose)
        self._show_tag(next(iter(self._members)))

    @property
    def tag_field(self) -> str:
        """The name of the tag in the data; as a field it stands for the list of choices."""
        return self._tag_field

    @property
    def tag(self) -> str:
        """The tag of the chosen member."""
        return str(self._data[self._tag_field])

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields of the chosen member, in order; the list of choices is not one of them."""
        return () if self._form is None else self._form.fields

    def set_value(self, struct: msgspec.Struct) -> None:
        """Show a struct; ``edited`` is not emitted.

        A field in which the user is typing keeps its text. While the chosen struct is incomplete, it stays on screen,
        unless ``struct`` differs from the last one.
        """
        data = plain(struct)
        if not self._is_complete and data == self._given:
            return
        self._given, self._is_complete = data, True
        if data != self._data:
            self._known = dict(data)
        changed = self._form is None or data[self._tag_field] != self.tag
        self._data = data
        if changed:
            self._show_tag(data[self._tag_field])
        elif self._form:
            self._form.show_data(data)

    def show_rows(self, wanted: RowFilter, group: str) -> int:
        """Same as :meth:`Form.show_rows`. The list of choices is shown with any field of the chosen struct."""
        self._filter, self._group = wanted, group
        shown = self._form.show_rows(wanted, group) if self._form else 0
        named = all(word in f"{self.tag} {spell_out(self._tag_field)} {group}".casefold() for word in _words(wanted))
        if named and not wanted.only_changed:
            return max(1, shown)
        return shown

    def set_fault(self, field: str, reason: str) -> None:
        """Mark a field with a reason; the name of the tag marks the list of choices."""
        if self._form and field in self._form.fields:
            self._form.set_fault(field, reason)
        elif field == self._tag_field:
            self._mark(reason)

    def clear_faults(self) -> None:
        """Remove all marks."""
        self._mark("")
        if self._form:
            self._form.clear_faults()

    def set_running(self, running: bool) -> None:
        """Same as :meth:`Form.set_running`."""
        self._running = running
        if self._form:
            self._form.set_running(running)

    def widget(self, field: str) -> QWidget:
        """The widget that edits a field; for the tag's name it is the list of choices."""
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
        self._data = self._initial_data(tag)
        self._show_tag(tag)
        self._emit_or_mark()

    def _initial_data(self, tag: str) -> dict[str, Any]:
        """The first values of a struct: for each field the last known value, else the default, else a usual value."""
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
            self._data = self._initial_data(tag)
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
        self._form.show_rows(self._filter, self._group)
        self._layout.addWidget(self._form)
        self._form.show()
        for before, after in pairwise([self._tags, *self._form.tab_stops()]):
            QWidget.setTabOrder(before, after)

    def _edit(self, field: str, value: Any) -> None:
        self._data = {**self._data, field: value}
        self._emit_or_mark()

    def _emit_or_mark(self) -> None:
        """Emit ``edited`` if the object is valid; otherwise mark what is missing or wrong."""
        validated = validate(self._data, self._union)
        self._is_complete = not validated.faults
        if self._is_complete:
            self.edited.emit(self._data)
            return
        for fault in validated.faults:
            self.set_fault(fault.path, reason_at(fault, fault.path))


def _words(wanted: RowFilter) -> list[str]:
    return wanted.text.casefold().split()


def _meaning(member: type) -> str:
    """The docstring of a struct without its markup."""
    return re.sub(r"``?", "", getdoc(member) or "")
