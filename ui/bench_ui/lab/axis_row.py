"""One key that a sweep varies, with its values: document -> **axis row** -> axis."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from bench_app.errors import InputError
from bench_app.sweeps.axes import Axis
from bench_ui.lab.heat_view import label
from bench_ui.lab.value_range import MOST_VALUES, RangeKind, ValueRange, axis_of, usual_range, value_text
from bench_ui.lab.varied_keys import VariedKey
from bench_ui.widgets.number_box import decimal_box, whole_box
from bench_ui.widgets.plain_text import PlainLabel, plain_tip

NO_KEY = "(none)"
_MOST_SHOWN = 8


class AxisRow(QWidget):
    """The key, how its values are given, and the values.

    Attributes:
        keys: the choice of the key.
        kind: list, linear or logarithmic.
        listed: the values of a list.
        first, last, count: a range.
        hint: the values, or what is wrong with them.
    """

    edited = Signal()

    def __init__(self, number: int, is_optional: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known: list[VariedKey] = []
        self._is_optional = is_optional
        self.keys = QComboBox()
        self.keys.setEditable(True)
        self.keys.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.keys.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.keys.setMinimumContentsLength(12)
        completer = QCompleter(self.keys.model(), self.keys)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.keys.setCompleter(completer)
        self.kind = QComboBox()
        for kind in RangeKind:
            self.kind.addItem(kind.value, kind)
        self.listed = QLineEdit()
        self.listed.setPlaceholderText("10, 100, 1000")
        self.first, self.last = _number_box(), _number_box()
        self.count = whole_box()
        self.count.setRange(2, MOST_VALUES)
        self.count.setPrefix("× ")
        self.count.setMinimumWidth(56)
        self.hint = PlainLabel()
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        for widget, name in (
            (self.keys, "key"),
            (self.kind, "how its values are given"),
            (self.listed, "values, separated by commas"),
            (self.first, "first value"),
            (self.last, "last value"),
            (self.count, "number of values"),
        ):
            widget.setAccessibleName(f"Key {number}: {name}")
        self._values = QStackedWidget()
        self._lay_out()
        self.keys.currentIndexChanged.connect(lambda _: self._choose_key())
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        self.listed.textChanged.connect(lambda _: self._change())
        for box in (self.first, self.last):
            box.valueChanged.connect(lambda _: self._change())
        self.count.valueChanged.connect(lambda _: self._change())

    def _lay_out(self) -> None:
        ends = QWidget()
        row = QHBoxLayout(ends)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.first, PlainLabel("to"), self.last, self.count):
            row.addWidget(widget)
        self._values.addWidget(self.listed)
        self._values.addWidget(ends)
        self._values.setFixedHeight(self.listed.sizeHint().height() + 4)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        # The key has the whole line: its name begins with that of the handler.
        grid.addWidget(self.keys, 0, 0, 1, 2)
        grid.addWidget(self.kind, 1, 0)
        grid.addWidget(self._values, 1, 1)
        grid.addWidget(self.hint, 3, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self._grid = grid

    def show_keys(self, keys: Sequence[VariedKey], chosen: str) -> None:
        """Offer these keys. The one that was chosen stays; at first it is ``chosen``, a path, or none."""
        wanted = (self.key.path if self.key is not None else "") if self._known else chosen
        self._known = list(keys)
        self.keys.blockSignals(True)
        self.keys.clear()
        if self._is_optional:
            self.keys.addItem(NO_KEY, "")
        for key in keys:
            self.keys.addItem(key.title, key.path)
            self.keys.setItemData(
                self.keys.count() - 1, plain_tip(f"{key.path}\n{key.description}"), Qt.ItemDataRole.ToolTipRole
            )
        place = max(0, self.keys.findData(wanted))
        self.keys.setCurrentIndex(place)
        self._show_beginning()
        self.keys.blockSignals(False)
        if self.keys.currentData() != wanted or not self.listed.text():
            self._choose_key()
        else:
            self._change()

    def show_axis(self, axis: Axis) -> None:
        """Show an axis as a list of values."""
        place = self.keys.findData(axis.path)
        if place >= 0:
            self.keys.setCurrentIndex(place)
        self.kind.setCurrentIndex(0)
        self.listed.setText(", ".join(value_text(value) for value in axis.values))

    def show_none(self) -> None:
        """Vary no key in this row."""
        if self._is_optional:
            self.keys.setCurrentIndex(0)

    @property
    def key(self) -> VariedKey | None:
        """The chosen key; None if there is none."""
        return next((key for key in self._known if key.path == self.keys.currentData()), None)

    @property
    def axis(self) -> Axis | None:
        """The axis; None without a key. Raises InputError with what is wrong."""
        key = self.key
        if key is None:
            return None
        kind: RangeKind = self.kind.currentData()
        return axis_of(
            key, ValueRange(kind, self.listed.text(), self.first.value(), self.last.value(), self.count.value())
        )

    def _show_beginning(self) -> None:
        """Show the beginning of a long name: it names the handler."""
        if (line := self.keys.lineEdit()) is not None:
            line.setCursorPosition(0)

    def _choose_key(self) -> None:
        key = self.key
        self._show_beginning()
        if key is not None:
            usual = usual_range(key)
            for box, value in ((self.first, usual.first), (self.last, usual.last)):
                box.setDecimals(0 if key.is_whole else 3)
                box.setValue(value)
            self.count.setValue(usual.count)
            self.listed.setText(usual.listed)
        if key is not None and not key.is_number:
            self.kind.setCurrentIndex(0)
        self.kind.setEnabled(key is not None and key.is_number)
        self._change()

    def _show_kind(self) -> None:
        is_list = self.kind.currentData() is RangeKind.LIST
        self._values.setCurrentIndex(0 if is_list else 1)
        # Three boxes need the whole line.
        self._grid.addWidget(self._values, *((1, 1, 1, 1) if is_list else (2, 0, 1, 2)))
        self._change()

    def _change(self) -> None:
        key = self.key
        for widget in (self.kind, self._values, self.hint):
            widget.setVisible(key is not None)
        if key is not None:
            self.hint.setText(self._hint(key))
        self.edited.emit()

    def _hint(self, key: VariedKey) -> str:
        try:
            axis = self.axis
        except InputError as error:
            return str(error)
        assert axis is not None
        unit = f" {key.unit}" if key.unit else ""
        if self.kind.currentData() is RangeKind.LIST:
            return f"{len(axis.values):,} values{f', in {key.unit}' if key.unit else ''}; now {label(key.current)}"
        shown = ", ".join(label(value) for value in axis.values[:_MOST_SHOWN])
        return f"{shown}{' …' if len(axis.values) > _MOST_SHOWN else ''}{unit}"


def _number_box() -> QDoubleSpinBox:
    box = decimal_box()
    box.setRange(-1, 1e12)
    box.setDecimals(3)
    # Room for a number of usual size, not for the largest one that is possible.
    box.setMinimumWidth(48)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box
