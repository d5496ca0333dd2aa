"""model -> form: one field on screen: label, editor, unit, slider, and the reason if its value is wrong."""

from __future__ import annotations

from html import escape
from typing import Any, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from bench_ui.forms.editors import KINDS, Editor
from bench_ui.forms.entry_boxes import EntryBox, NumberBox
from bench_ui.forms.fields import FieldInfo
from bench_ui.forms.ladder import ladder_of, scale_of
from bench_ui.forms.slider import LogSlider
from bench_ui.widgets.plain_text import PlainLabel

_COLUMNS = 3
_WIDE_UNIT = "messages"
_BOX_WIDTH, _BOX_CHARACTERS = 92, 12
"""The least width of a number box: in pixels, and in characters."""
_SPACING = 6
_GAP = 4


def row_grid(parent: QWidget) -> QGridLayout:
    """The grid that rows are placed in. Every form has the same columns, so that forms above each other align."""
    grid = QGridLayout(parent)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(0)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(0, 1)
    grid.setColumnMinimumWidth(1, _BOX_WIDTH)
    grid.setColumnMinimumWidth(2, parent.fontMetrics().horizontalAdvance(_WIDE_UNIT) + _SPACING)
    return grid


class Row(QObject):
    """The widgets of one field and its value. ``edited(data)`` has a new value as plain JSON data.

    Wrong input is marked and not emitted.

    Attributes:
        field: the facts about the field.
        label: the label before the editor.
        unit, note: the labels after and below the editor; None for a field without one. A form has hundreds of
            widgets, and the window opens later by each of them.
        widget: the editor as a widget.
        editor: the same object as an editor.
        slider: the slider; None without one.
        value: the last valid value.
    """

    edited = Signal(object)

    def __init__(self, field: FieldInfo, parent: QWidget, *, slider: bool = False, note: str = "") -> None:
        super().__init__(parent)
        self.field = field
        self._kind = KINDS[field.kind]
        self._value: Any = field.default
        self._given: Any = field.default
        """The last value from outside. It differs from the value that is shown while an edit is refused."""
        self._typed_fault = ""
        """The reason why the typed text is wrong; "" if it is not."""
        self._outside_fault = ""
        """The reason from :meth:`set_fault`."""
        self._note_text = note
        self._is_shown = True
        self._parent = parent
        self._fault: QLabel | None = None
        """The reason below the editor. It is made with the first fault."""
        self._fault_place: tuple[QGridLayout, int] | None = None
        """The grid that the row is in, and its line for the reason."""
        self._gap: tuple[QGridLayout, int] | None = None
        """The grid that the row is in, and its empty line above the row."""
        self.label = text_label(field.label, parent)
        self.widget = self._kind.make(field, parent)
        self.editor = cast(Editor, self.widget)
        self.unit = text_label(field.unit, parent, "unit") if field.unit else None
        self.slider = self._make_slider(parent) if slider else None
        self.note = text_label(note, parent, "note") if note else None
        if self.note is not None:
            self.note.setToolTip("In a run, a change of this field does this")
        self._describe()
        self.editor.entered.connect(self._enter)
        self.editor.retyped.connect(self._retype)
        self.editor.restored.connect(self._take_back)
        self.show_data(self._value)

    @property
    def value(self) -> Any:
        """The last valid value."""
        return self._value

    @property
    def fault(self) -> str:
        """Why the value that is shown is refused; "" if it is not."""
        return self._typed_fault or self._outside_fault

    def show_data(self, data: Any) -> None:
        """Show a value from outside. A value that the user is typing or dragging stays on screen."""
        self._value = self._given = data
        self._mark_changed()
        if self.slider and self.slider.isSliderDown():
            return
        if not self.editor.is_busy():
            self._restore()

    @property
    def is_shown(self) -> bool:
        """False while a filter hides the field."""
        return self._is_shown

    @property
    def differs_from_default(self) -> bool:
        """True if the value is not the default; also for a field that has no default."""
        return self.field.required or bool(self._value != self.field.default)

    def set_shown(self, shown: bool) -> None:
        """Show the field, or hide it with all its labels."""
        if shown == self._is_shown:
            return
        self._is_shown = shown
        for widget in (self.label, self.widget, self.slider, self.unit, self.note):
            if widget is not None:
                widget.setVisible(shown)
        if self._fault is not None:
            self._fault.setVisible(shown and bool(self.fault))
        if self._gap is not None:
            grid, line = self._gap
            grid.setRowMinimumHeight(line, _GAP if shown else 0)

    def set_fault(self, reason: str) -> None:
        """Mark the field with a reason from outside; "" removes the mark. A field that is hidden is shown then."""
        if reason:
            self.set_shown(True)
        self._outside_fault = reason
        self._mark_fault()
        if reason and isinstance(self.widget, EntryBox) and not _same(self._value, self._given):
            # Esc takes back what was refused.
            self.widget.setModified(True)

    def clear_fault(self) -> None:
        """Remove all marks. Wrong text is replaced by the value, unless the user is still typing."""
        self._outside_fault = ""
        if self._typed_fault and not self.editor.is_busy():
            self._restore()
        self._mark_fault()

    def set_running(self, running: bool) -> None:
        """Say whether a run is under way. Then the slider of a field with a note waits until its thumb rests."""
        if self.slider is not None:
            self.slider.patient = running and bool(self._note_text)

    def place(self, grid: QGridLayout) -> None:
        """Put the widgets into the next lines of a grid of three columns: label, box, unit."""
        line = grid.rowCount()
        vertical = Qt.AlignmentFlag.AlignVCenter
        if line > 1:
            grid.setRowMinimumHeight(line, _GAP)
            self._gap = (grid, line)
            line += 1
        below: list[QWidget | None] = [self.slider, self.note]
        if self._kind.wide:
            notes_beside = self.note is not None and self.unit is None
            grid.addWidget(self.label, line, 0, 1, 1 if notes_beside else 2, vertical)
            if self.unit is not None:
                grid.addWidget(self.unit, line, 2, vertical | Qt.AlignmentFlag.AlignRight)
            elif self.note is not None:
                self.note.setAlignment(Qt.AlignmentFlag.AlignRight)
                grid.addWidget(self.note, line, 1, 1, 2, vertical)
                below.remove(self.note)
            line += 1
            grid.addWidget(self.widget, line, 0, 1, _COLUMNS)
        elif isinstance(self.widget, NumberBox):
            self._fit()
            grid.addWidget(self.label, line, 0, vertical)
            grid.addWidget(self.widget, line, 1, vertical)
            if self.unit is not None:
                grid.addWidget(self.unit, line, 2, vertical)
        else:
            grid.addWidget(self.label, line, 0, vertical)
            grid.addWidget(self.widget, line, 1, 1, 2, vertical)
        for widget in below:
            if widget is not None:
                line += 1
                grid.addWidget(widget, line, 0, 1, _COLUMNS)
        # Without a widget, the line of the reason has no height.
        self._fault_place = (grid, line + 1)
        grid.setRowMinimumHeight(line + 1, 0)
        self._place_fault()

    def tab_stops(self) -> list[QWidget]:
        """The widgets that Tab goes to, in order."""
        return [self.widget, self.slider] if self.slider else [self.widget]

    def _make_slider(self, parent: QWidget) -> LogSlider | None:
        bounds = self.field.bounds
        if bounds is None:
            return None
        start = self.field.start if isinstance(self.field.start, int | float) else None
        slider = LogSlider(scale_of(bounds, start), ladder_of(bounds), parent)
        slider.moved.connect(self.editor.show_data)
        slider.chosen.connect(self._enter)
        slider.sliderReleased.connect(self._show_value)
        slider.setAccessibleName(f"{self.field.label} slider")
        return slider

    def _enter(self, data: Any) -> None:
        self._typed_fault = self._reason(data)
        if self._typed_fault:
            self._mark_fault()
            return
        changed = not _same(data, self._value)
        if self._outside_fault and not changed:
            # The focus leaves a field whose value was refused: it is still not the value of the document.
            return
        self._outside_fault = ""
        self._mark_fault()
        self._value = data
        self._mark_changed()
        if not (self.slider and self.slider.isSliderDown()):
            self._show_value()
        if changed:
            self.edited.emit(data)

    def _retype(self, data: Any) -> None:
        """Remove the mark as soon as the text is valid. A new mark appears only when the text is entered."""
        if self._typed_fault:
            self._typed_fault = self._reason(data)
            self._mark_fault()

    def _take_back(self) -> None:
        if self._outside_fault:
            self._value, self._outside_fault = self._given, ""
        self._restore()

    def _restore(self) -> None:
        self._typed_fault = ""
        self._show_value()
        self._mark_fault()

    def _show_value(self) -> None:
        self.editor.show_data(self._value)
        if self.slider and isinstance(self._value, int | float):
            self.slider.show_number(self._value)

    def _reason(self, data: Any) -> str:
        reason = self.field.reason(data)
        return f"{reason}, {self._kind.codec.notation}" if reason and self._kind.codec.notation else reason

    def restyle(self) -> None:
        """Set fonts and sizes again, after a new style sheet or another size of text took them away."""
        self._mark_changed()
        self._fit()

    def _fit(self) -> None:
        if isinstance(self.widget, NumberBox):
            self.widget.setFixedWidth(max(_BOX_WIDTH, _BOX_CHARACTERS * self.widget.fontMetrics().averageCharWidth()))

    def _mark_changed(self) -> None:
        changed = not self.field.required and self._value != self.field.default
        set_mark(self.label, "changed", changed)
        font = self.label.font()
        font.setBold(changed)
        self.label.setFont(font)

    def _mark_fault(self) -> None:
        reason = self.fault
        if reason and self._fault is None:
            self._fault = text_label("", self._parent, "fault")
            self._place_fault()
        if self._fault is not None:
            self._fault.setText(reason)
            self._fault.setVisible(bool(reason) and self._is_shown)
        set_mark(self.widget, "fault", bool(reason))
        description = ". ".join(filter(None, (reason, self.field.description)))
        for stop in self.tab_stops():
            stop.setAccessibleDescription(description)

    def _place_fault(self) -> None:
        if self._fault is not None and self._fault_place is not None:
            grid, line = self._fault_place
            grid.addWidget(self._fault, line, 0, 1, _COLUMNS)

    def _describe(self) -> None:
        self.label.setBuddy(self.widget)
        self.widget.setAccessibleName(self.field.label)
        tip = _tip(self.field, self._kind.codec.write(self.field.default), self._kind.codec.notation)
        for widget in (self.label, self.unit, *self.tab_stops()):
            if widget is not None:
                widget.setToolTip(tip)


def _tip(field: FieldInfo, default: str, notation: str) -> str:
    lines = [field.description, ", ".join(filter(None, (field.expected, notation)))]
    if default:
        lines.append(f"default {default} {field.unit}".rstrip())
    elif not field.required:
        lines.append("default empty")
    return "<qt>" + "<br>".join(escape(line, quote=False) for line in lines if line) + "</qt>"


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal. Inside an object, 1 and true differ, though Python calls them equal."""
    return bool(one == other) and (not isinstance(one, dict) or repr(one) == repr(other))


def text_label(text: str, parent: QWidget, name: str = "") -> QLabel:
    """A label of plain text. A unit does not wrap, other labels do. ``name`` selects its rule in the style sheet."""
    label = PlainLabel(text, parent)
    label.setObjectName(name)
    if name == "unit":
        label.setContentsMargins(_SPACING, 0, 0, 0)
    else:
        label.setContentsMargins(0, 0, 0 if name else _SPACING, 0)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def set_mark(widget: QWidget, name: str, value: bool | str) -> None:
    """Set a property that the style sheet has a rule for, and apply the style sheet again."""
    if (widget.property(name) or type(value)()) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
