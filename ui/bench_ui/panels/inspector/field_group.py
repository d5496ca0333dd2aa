"""A group of fields that can be folded: forms -> **field group** -> page of the inspector."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from bench_ui.forms import ChoiceForm, Form
from bench_ui.forms.row_filter import RowFilter

_OPEN, _FOLDED = "▾", "▸"


class FieldGroup(QWidget):
    """The title of a group above its fields. A click on the title folds the fields away.

    While a filter is active, the fields that it chooses are shown even if the group is folded.

    Attributes:
        title: the name of the group, under which the window remembers whether it is folded.
        fold: the title, as a button.
    """

    fold_wanted = Signal(str, bool)
    """With the title, and True to fold the group."""

    def __init__(self, title: str, contents: Sequence[QWidget], beside: QWidget | None = None) -> None:
        super().__init__()
        self.title = title
        self._contents = tuple(contents)
        self._is_folded = self._is_filtered = False
        self.fold = QPushButton()
        self.fold.setObjectName("fold")
        self.fold.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.fold.clicked.connect(lambda _=False: self.fold_wanted.emit(title, not self._is_folded))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.fold, 1)
        if beside is not None:
            row.addWidget(beside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        for widget in contents:
            column.addWidget(widget)
        self._show()

    @property
    def forms(self) -> list[Form | ChoiceForm]:
        """The forms of the group."""
        return [widget for widget in self._contents if isinstance(widget, Form | ChoiceForm)]

    @property
    def is_folded(self) -> bool:
        """True if the user folded the group."""
        return self._is_folded

    def set_folded(self, folded: bool) -> None:
        """Fold the fields away, or show them."""
        self._is_folded = folded
        self._show()

    def show_rows(self, wanted: RowFilter) -> int:
        """Show the fields that a filter chooses; returns their number. Without any, the group is hidden."""
        self._is_filtered = wanted.is_active
        shown = 0
        for form in self.forms:
            found = form.show_rows(wanted, self.title)
            form.setProperty("found", found)
            shown += found
        self.setVisible(bool(shown) or not self._is_filtered)
        self._show()
        return shown

    def _show(self) -> None:
        is_open = self._is_filtered or not self._is_folded
        self.fold.setText(f"{_OPEN if is_open else _FOLDED} {self.title}")
        self.fold.setAccessibleName(self.title)
        self.fold.setAccessibleDescription("shown" if is_open else "folded")
        self.fold.setToolTip("Show these settings" if self._is_folded else "Fold these settings away")
        for widget in self._contents:
            is_empty = self._is_filtered and not widget.property("found")
            widget.setVisible(is_open and not (is_empty and isinstance(widget, Form | ChoiceForm)))
