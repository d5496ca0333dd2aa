"""The inspector with its search: what the user searches for -> **settings panel** -> inspector."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from bench_ui.forms.row_filter import RowFilter
from bench_ui.panels.inspector.inspector import Inspector
from bench_ui.widgets.table_tools import FilterLine


class SettingsPanel(QWidget):
    """The inspector below a line that searches its fields, and a switch that leaves out the defaults.

    Attributes:
        inspector: the forms.
        filter_line: the text to search for.
        only_changed: the switch.
    """

    def __init__(self, inspector: Inspector, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.inspector = inspector
        self.filter_line = FilterLine("Find a setting")
        self.filter_line.fill_room()
        self.only_changed = QToolButton()
        self.only_changed.setText("Changed")
        self.only_changed.setCheckable(True)
        self.only_changed.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.only_changed.setToolTip("Show only settings that differ from their defaults, or have none")
        self.only_changed.setAccessibleName("Only settings that differ from their defaults")
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 4)
        row.setSpacing(4)
        row.addWidget(self.filter_line, 1)
        row.addWidget(self.only_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(inspector, 1)
        self.filter_line.textChanged.connect(lambda _: self._show_rows())
        self.only_changed.toggled.connect(lambda _: self._show_rows())
        inspector.shown_changed.connect(self._show_rows_again)
        self._is_filtered = False

    def _show_rows_again(self) -> None:
        """Apply the filter to the handler that is shown now; without one, there is nothing to do."""
        if self._is_filtered:
            self._show_rows()

    def _show_rows(self) -> None:
        wanted = RowFilter(self.filter_line.text(), self.only_changed.isChecked())
        self._is_filtered = wanted.is_active
        shown, all_of_them = self.inspector.show_rows(wanted)
        self.filter_line.show_count(shown, all_of_them)
