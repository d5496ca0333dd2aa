"""model -> form: the editor for each type of field, in one registry.

An editor shows plain JSON data and emits ``entered`` when the user entered new data, valid or not. The row checks it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from bench_ui.forms import codecs
from bench_ui.forms.choice_editors import CheckEditor, ChoiceEditor
from bench_ui.forms.codecs import Codec
from bench_ui.forms.entry_boxes import EntryBox, NumberBox, TextBox
from bench_ui.forms.fields import FieldInfo
from bench_ui.forms.ladder import ladder_of


class Editor(Protocol):
    """What a row needs from its widget."""

    @property
    def entered(self) -> SignalInstance:
        """``entered(data)``: the user entered new data."""

    @property
    def retyped(self) -> SignalInstance:
        """``retyped(data)``: the user is still typing; ``data`` is what the text means so far."""

    @property
    def restored(self) -> SignalInstance:
        """``restored()``: the user asks for the last value back."""

    def show_data(self, data: Any) -> None:
        """Show data; ``entered`` is not emitted."""

    def is_busy(self) -> bool:
        """True while the user is typing here."""


@dataclass(frozen=True)
class Kind:
    """How fields of one type are edited: the widget and its codec. A ``wide`` widget is placed below its label."""

    make: Callable[[FieldInfo, QWidget], QWidget]
    codec: Codec
    wide: bool = False


def _entry(codec: Codec) -> Kind:
    def make(field: FieldInfo, parent: QWidget) -> QWidget:
        if field.lines > 1:
            return TextBox(field.lines, parent)
        box = EntryBox(codec, parent)
        if field.example is not None:
            box.setPlaceholderText(f"e.g. {codec.write(field.example)}")
        return box

    return Kind(make, codec, wide=True)


def _number(codec: Codec, *, wide: bool = False) -> Kind:
    def make(field: FieldInfo, parent: QWidget) -> QWidget:
        assert field.bounds is not None
        return NumberBox(codec, ladder_of(field.bounds), parent)

    return Kind(make, codec, wide)


KINDS: dict[str, Kind] = {
    "int": _number(codecs.NUMBER),
    "float": _number(codecs.NUMBER),
    "int | struct": _number(codecs.SIZE, wide=True),
    "bool": Kind(lambda _, parent: CheckEditor(parent), codecs.SWITCH),
    "literal": Kind(lambda field, parent: ChoiceEditor(field.choices, parent), codecs.TEXT),
    "str": _entry(codecs.TEXT),
    "none | str": _entry(codecs.OPTIONAL_TEXT),
    "[str, ...] | none": _entry(codecs.TEXTS),
    "[float, ...]": _entry(codecs.NUMBERS),
    "[int, ...] | int": _entry(codecs.LINES),
    "float | none": _entry(codecs.OPTIONAL_NUMBER),
    "[int, ...] | literal": _entry(codecs.PROCESSORS),
    "[float, float] | none": _entry(codecs.SPAN),
    "none | {any}": _entry(codecs.OBJECT),
}
"""Type of a field (``FieldInfo.kind``) -> its editor. A form leaves out fields of other types."""
