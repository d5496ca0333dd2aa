"""Questions the window asks. None of them blocks: each is opened, and calls back when it is answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QInputDialog,
    QLabel,
    QListWidget,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from bench_app.errors import Fault

_PRESETS = "Presets (*.json)"


def ask_open(parent: QWidget, opened: Callable[[str], None]) -> None:
    """Which preset's file?"""
    dialog = QFileDialog(parent, "Open a preset", "", f"{_PRESETS};;All files (*)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(opened)
    _open(dialog)


def ask_save(parent: QWidget, title: str, name: str, chosen: Callable[[Path], None]) -> None:
    """Write to which file? ``name`` is proposed, and its ending added where one forgets it."""
    is_preset = title.startswith("Save")
    dialog = QFileDialog(parent, title, name, _PRESETS if is_preset else "")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    dialog.fileSelected.connect(lambda file: chosen(Path(file)))
    _open(dialog)


def ask_text(parent: QWidget, label: str, text: str, answered: Callable[[str], None]) -> None:
    """One line of text."""
    dialog = QInputDialog(parent)
    dialog.setLabelText(label)
    dialog.setTextValue(text)
    dialog.textValueSelected.connect(lambda answer: answered(answer.strip()))
    _open(dialog)


def ask_unsaved(parent: QWidget, discard: Callable[[], None], save: Callable[[], None]) -> None:
    """What is to become of changes that no file holds?"""
    buttons = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setText("The preset has changes that no file holds.")
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    acts = {buttons.Discard: discard, buttons.Save: save}
    box.finished.connect(lambda answer: acts.get(buttons(answer), lambda: None)())
    _open(box)


def show_faults(parent: QWidget, name: str, faults: list[Fault]) -> None:
    """List everything that is wrong with a preset."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("This preset cannot be used")
    dialog.resize(720, 320)
    column = QVBoxLayout(dialog)
    many = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
    column.addWidget(QLabel(f"{name}: {many}. What was open before is unchanged."))
    found = QListWidget()
    found.setAccessibleName("Faults")
    found.setWordWrap(True)
    found.addItems([str(fault) for fault in faults])
    column.addWidget(found)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column.addWidget(buttons)
    _open(dialog)


def _open(dialog: QDialog) -> None:
    # Never exec(): a loop within the loop would hold up everything that runs beside the question.
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
