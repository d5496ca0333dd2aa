"""What all pages of the inspector share: layout, forms of one group of keys, and the way an edit reaches the document.

form edited -> **apply_edit** -> document; faults -> the form's fields
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from bench_app.errors import Fault
from bench_app.model import SocketType
from bench_app.model.json_path import JsonPath, format_path
from bench_app.model.key_info import Change, Group
from bench_app.model.keys import form_keys, keys_of, slider_keys
from bench_ui.forms import ChoiceForm, Form
from bench_ui.forms.fields import reason_at
from bench_ui.widgets.plain_text import PlainLabel

Edit = Callable[[list[tuple[Any, Any]], str, str], list[Fault]]
"""Sets values of the document: ``(path, value)`` pairs, the text of the undo entry, and a key that joins successive
edits of one value into one entry. Returns what is wrong with the values; then the document stays as it was."""

RECREATES = "recreates the socket"
EACH_RECREATES = "In a run each change here recreates the socket."
RESTARTS = "restarts the handler"
EACH_RESTARTS = "In a run each change here restarts the handler: its counts so far stay, and it gets new ones."

_NOTES: Mapping[Change, str] = {Change.RECREATES_SOCKET: RECREATES, Change.RESTARTS_HANDLER: RESTARTS}


def group_form(spec: type[msgspec.Struct], group: Group, pattern: SocketType | None = None) -> Form:
    """A form of one group of keys. A key whose change in a run is not immediate has a note that says what it does.

    With a pattern, the form has only the keys that this pattern can use.
    """
    notes = {key.name: _NOTES[key.info.change] for key in keys_of(spec) if key.info.change in _NOTES}
    return Form(spec, only=form_keys(spec, group, pattern), sliders=slider_keys(spec), notes=notes)


def plain_group_form(spec: type[msgspec.Struct], group: Group, pattern: SocketType | None = None) -> Form:
    """Same as :func:`group_form`, for keys whose changes all have the same effect: one note above the form says it."""
    return Form(spec, only=form_keys(spec, group, pattern), sliders=slider_keys(spec))


def apply_edit(edit: Edit, form: Form | ChoiceForm, path: JsonPath, field: str, value: Any) -> None:
    """Set one value of the document; mark the field of the form if the value is wrong."""
    faults = edit([(path, value)], f"change {'.'.join(map(str, path[-2:]))}", format_path(path))
    mark_field(form, field, faults)


def mark_field(form: Form | ChoiceForm, field: str, faults: list[Fault]) -> None:
    """Show all faults of an edit at the field that was edited."""
    form.clear_faults()
    if faults:
        form.set_fault(field, "; ".join(reason_at(fault, field) for fault in faults))


def page_column(page: QWidget) -> QVBoxLayout:
    """The layout of a page."""
    column = QVBoxLayout(page)
    column.setContentsMargins(8, 8, 8, 8)
    column.setSpacing(4)
    return column


def heading(text: str) -> QLabel:
    """The title of a page or of a group of fields."""
    label = PlainLabel(text)
    label.setObjectName("title")
    label.setWordWrap(True)
    return label


def note(text: str) -> QLabel:
    """A remark about the fields below it."""
    label = PlainLabel(text)
    label.setObjectName("note")
    label.setWordWrap(True)
    return label
