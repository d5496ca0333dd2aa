"""model -> form -> model: a form made from the fields of one struct. The owner of the form applies each edit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from bench_ui.forms.editors import KINDS
from bench_ui.forms.fields import plain, read_fields
from bench_ui.forms.row import Row, row_grid
from bench_ui.forms.row_filter import SHOW_ALL, RowFilter

NO_NOTES: Mapping[str, str] = MappingProxyType({})


class Form(QWidget):
    """A form for one struct. ``edited(field, value)`` has a field's new, valid value as plain JSON data.

    ``only`` names the fields to show, in their order; by default the form shows all fields that have an editor.
    ``sliders`` are the fields with a log slider. ``notes`` are the effects of a change during a run ("recreates the
    socket"), by field. Raises KeyError for a field that the struct does not have, and ValueError for a field that is a
    struct itself.
    """

    edited = Signal(str, object)

    def __init__(
        self,
        struct_type: type[msgspec.Struct],
        *,
        only: Sequence[str] | None = None,
        sliders: Collection[str] = (),
        notes: Mapping[str, str] = NO_NOTES,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        fields = read_fields(struct_type)
        names = [name for name, field in fields.items() if field.kind in KINDS] if only is None else list(only)
        if nested := [name for name in names if fields[name].kind not in KINDS]:
            raise ValueError(f"no line of a form can edit {', '.join(nested)}")
        self._rows: dict[str, Row] = {}
        self._filter, self._group = SHOW_ALL, ""
        grid = row_grid(self)
        for name in names:
            row = Row(fields[name], self, slider=name in sliders, note=notes.get(name, ""))
            row.edited.connect(lambda value, name=name: self.edited.emit(name, value))
            row.place(grid)
            self._rows[name] = row
        grid.setRowStretch(grid.rowCount(), 1)
        for before, after in pairwise(self.tab_stops()):
            QWidget.setTabOrder(before, after)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields shown, in order."""
        return tuple(self._rows)

    def set_value(self, struct: msgspec.Struct) -> None:
        """Show a struct; ``edited`` is not emitted. A field in which the user is typing or dragging keeps its value."""
        self.show_data(plain(struct))

    def show_data(self, data: Mapping[str, Any]) -> None:
        """Same as :meth:`set_value` for plain JSON data; a missing field shows its default."""
        for name, row in self._rows.items():
            row.show_data(data.get(name, row.field.default))
            if not row.is_shown and self._filter.shows(row, self._group):
                row.set_shown(True)

    def show_rows(self, wanted: RowFilter, group: str) -> int:
        """Show the fields that a filter chooses; returns their number. ``group`` is the name of the form's group.

        A field that the user changes to its default stays, until this is called again.
        """
        self._filter, self._group = wanted, group
        for row in self._rows.values():
            row.set_shown(wanted.shows(row, group))
        return sum(row.is_shown for row in self._rows.values())

    def set_fault(self, field: str, reason: str) -> None:
        """Mark a field with a reason, until the field is edited or :meth:`clear_faults` is called."""
        self._rows[field].set_fault(reason)

    def fault_of(self, field: str) -> str:
        """The reason that a field is marked with; "" if it is not marked."""
        return self._rows[field].fault

    def clear_faults(self) -> None:
        """Remove all marks, except at a field in which the user is typing something wrong."""
        for row in self._rows.values():
            row.clear_fault()

    def set_running(self, running: bool) -> None:
        """Say whether a run is under way. Then the slider of a field with a note waits until its thumb rests, because
        each change of such a field recreates a socket or restarts a handler."""
        for row in self._rows.values():
            row.set_running(running)

    def tab_stops(self) -> list[QWidget]:
        """The widgets that Tab goes to, in order."""
        return [stop for row in self._rows.values() for stop in row.tab_stops()]

    def widget(self, field: str) -> QWidget:
        """The widget that edits a field."""
        return self._rows[field].widget

    def slider(self, field: str) -> QWidget | None:
        """The slider of a field; None without one."""
        return self._rows[field].slider
