"""The preferences: what the user chooses -> **preferences** -> color scheme, text size, run store, settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.window import dialogs
from bench_ui.window.color_scheme import ColorScheme
from bench_ui.window.settings import SCHEME_NAMES
from bench_ui.window.text_size import SIZES, TextSize

_RUNS_NOTE = "Runs kept so far stay where they are; choose their folder again to see them."


@dataclass(frozen=True)
class RunsFolder:
    """Where runs are kept.

    Attributes:
        shown: returns the folder.
        choose: keeps runs in another folder; None for the usual one.
    """

    shown: Callable[[], Path]
    choose: Callable[[Path | None], None]


class PreferencesDialog(QDialog):
    """Theme, text size and the folder of kept runs. Each choice takes effect at once.

    Attributes:
        scheme, size_list: the lists of choices.
        folder: the line that shows the folder.
    """

    def __init__(self, color_scheme: ColorScheme, text_size: TextSize, runs: RunsFolder, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._runs = runs
        self.scheme = QComboBox()
        for scheme, name in SCHEME_NAMES.items():
            self.scheme.addItem(name, scheme)
        self.scheme.setCurrentIndex(list(SCHEME_NAMES).index(color_scheme.choice))
        self.scheme.setToolTip("The colours of the window")
        self.scheme.activated.connect(lambda place: color_scheme.choose(list(SCHEME_NAMES)[place]))
        self.size_list = QComboBox()
        for percent in SIZES:
            self.size_list.addItem(f"{percent} %", percent)
        self.size_list.setCurrentText(f"{text_size.percent} %")
        self.size_list.setToolTip("Of the size that the desktop uses (Ctrl++, Ctrl+-, Ctrl+0)")
        self.size_list.activated.connect(lambda place: text_size.choose(SIZES[place]))
        self.folder = QLineEdit()
        self.folder.setReadOnly(True)
        self.folder.setMinimumWidth(self.fontMetrics().averageCharWidth() * 40)
        form = QFormLayout()
        for label, widget in (("Theme", self.scheme), ("Text size", self.size_list), ("Runs are kept in", self.folder)):
            widget.setAccessibleName(label)
            form.addRow(PlainLabel(label), widget)
        form.addRow("", self._folder_buttons())
        note = PlainLabel(_RUNS_NOTE)
        note.setObjectName("muted")
        note.setWordWrap(True)
        form.addRow("", note)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)
        self.show_folder()

    def _folder_buttons(self) -> QWidget:
        other, usual = QPushButton("Another folder…"), QPushButton("Usual folder")
        other.clicked.connect(lambda _=False: self._ask_folder())
        usual.clicked.connect(lambda _=False: self.choose_folder(None))
        parent = QWidget()
        row = QHBoxLayout(parent)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (other, usual):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        return parent

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self, "Keep runs in", str(self._runs.shown()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self.choose_folder(Path(folder)))
        dialogs.open_dialog(dialog)

    def choose_folder(self, folder: Path | None) -> None:
        """Keep runs in this folder from now on; None for the usual one."""
        self._runs.choose(folder)
        self.show_folder()

    def show_folder(self) -> None:
        """Show where runs are kept."""
        self.folder.setText(str(self._runs.shown()))
