"""Questions to the user. None of them blocks: each dialog is opened, and calls a function with the answer."""

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

from bench_app.archive.run_file import ENDING
from bench_app.errors import Fault
from bench_ui.widgets.plain_text import PlainLabel

_PRESETS = "Presets (*.json)"


def ask_open(parent: QWidget, opened: Callable[[str], None]) -> None:
    """Ask for the file to open: a preset, or the run of another bench."""
    dialog = QFileDialog(parent, "Open a preset or a run", "", f"{_PRESETS};;Kept runs (*{ENDING});;All files (*)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(opened)
    open_dialog(dialog)


def ask_file(
    parent: QWidget, title: str, chosen: Callable[[Path], None], kinds: str = "", folder: Path | None = None
) -> None:
    """Ask for a file to read. ``kinds`` are its usual names, as ``Captures (*.pcap)``; ``folder`` is shown first."""
    dialog = QFileDialog(parent, title, str(folder or ""), f"{kinds};;All files (*)" if kinds else "All files (*)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda file: chosen(Path(file)))
    open_dialog(dialog)


def ask_save_preset(parent: QWidget, name: str, chosen: Callable[[Path], None]) -> None:
    """Ask for the file to write a preset to; ``name`` is proposed."""
    _ask_save(QFileDialog(parent, "Save the preset", name, _PRESETS), name, chosen)


def ask_export(parent: QWidget, name: str, chosen: Callable[[Path], None]) -> None:
    """Ask for the file to export a run to; ``name`` is proposed."""
    _ask_save(QFileDialog(parent, "Export", name), name, chosen)


def ask_recording(parent: QWidget, name: str, chosen: Callable[[Path], None]) -> None:
    """Ask for the file to record the next run in; ``name`` is proposed."""
    _ask_save(QFileDialog(parent, "Record the next run", name, "Recordings (*.jsonl *.mcap)"), name, chosen)


def _ask_save(dialog: QFileDialog, name: str, chosen: Callable[[Path], None]) -> None:
    """Ask for a file to write. A name without an ending gets the ending of ``name``."""
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    dialog.fileSelected.connect(lambda file: chosen(Path(file)))
    open_dialog(dialog)


def ask_text(parent: QWidget, label: str, text: str, answered: Callable[[str], None]) -> None:
    """Ask for one line of text; ``text`` is proposed."""
    dialog = QInputDialog(parent)
    dialog.setLabelText(label)
    for part in dialog.findChildren(QLabel):
        part.setTextFormat(Qt.TextFormat.PlainText)
    dialog.setTextValue(text)
    dialog.textValueSelected.connect(lambda answer: answered(answer.strip()))
    open_dialog(dialog)


def ask_unsaved(parent: QWidget, name: str, discard: Callable[[], None], save: Callable[[], None]) -> None:
    """Ask about the unsaved changes of a preset, then call ``discard`` or ``save``. Cancel calls neither."""
    buttons = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{name} has unsaved changes. Save them?")
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    actions = {buttons.Discard: discard, buttons.Save: save}
    box.finished.connect(lambda answer: actions.get(buttons(answer), lambda: None)())
    open_dialog(box)


def ask_stop(parent: QWidget, question: str, stop: Callable[[], None]) -> None:
    """Ask whether a run is to stop, then call ``stop``. Cancel, the default, lets it continue."""
    buttons = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setStandardButtons(buttons.Cancel)
    confirmed = box.addButton("Stop", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(buttons.Cancel)
    box.finished.connect(lambda _: stop() if box.clickedButton() is confirmed else None)
    open_dialog(box)


def show_faults(parent: QWidget, name: str, faults: list[Fault]) -> None:
    """List all faults of a preset."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("This preset cannot be used")
    dialog.resize(720, 320)
    column = QVBoxLayout(dialog)
    count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
    column.addWidget(PlainLabel(f"{name}: {count}. The open preset stays as it is."))
    found = QListWidget()
    found.setAccessibleName("Faults")
    found.setWordWrap(True)
    found.addItems([str(fault) for fault in faults])
    column.addWidget(found)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column.addWidget(buttons)
    open_dialog(dialog)


def open_dialog(dialog: QDialog) -> None:
    """Open a dialog, and delete it when it is closed."""
    # Not exec(): its nested event loop would pause the tasks of the window while the dialog is open.
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
