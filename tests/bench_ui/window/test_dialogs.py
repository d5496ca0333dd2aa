"""Questions to the user are opened, and call back with the answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.window import dialogs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QInputDialog, QListWidget, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from bench_app.errors import Fault


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_the_file_to_open_must_exist(parent: QWidget, tmp_path: Path) -> None:
    opened: list[str] = []
    dialogs.ask_open(parent, opened.append)
    dialog = parent.findChild(QFileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFile
    dialog.fileSelected.emit(str(tmp_path / "a.json"))
    assert opened == [str(tmp_path / "a.json")]


def test_a_preset_and_an_export_are_saved_with_the_ending_of_the_proposed_name(parent: QWidget, tmp_path: Path) -> None:
    chosen: list[Path] = []
    dialogs.ask_save_preset(parent, "mine.json", chosen.append)
    dialogs.ask_export(parent, "run-1-csv.csv", chosen.append)
    save, export = parent.findChildren(QFileDialog)
    assert [(one.acceptMode(), one.defaultSuffix()) for one in (save, export)] == [
        (QFileDialog.AcceptMode.AcceptSave, "json"),
        (QFileDialog.AcceptMode.AcceptSave, "csv"),
    ]
    assert (save.windowTitle(), export.windowTitle()) == ("Save the preset", "Export")
    export.fileSelected.emit(str(tmp_path / "b.csv"))
    assert chosen == [tmp_path / "b.csv"]


def test_a_text_is_asked_for_without_blanks_around_it(parent: QWidget) -> None:
    answers: list[str] = []
    dialogs.ask_text(parent, "New name", "h", answers.append)
    dialog = parent.findChild(QInputDialog)
    assert (dialog.labelText(), dialog.textValue()) == ("New name", "h")
    dialog.setTextValue("  publisher ")
    dialog.accept()
    assert answers == ["publisher"]


@pytest.mark.parametrize(
    ("button", "called"),
    [
        (QMessageBox.StandardButton.Save, ["save"]),
        (QMessageBox.StandardButton.Discard, ["discard"]),
        (QMessageBox.StandardButton.Cancel, []),
    ],
)
def test_unsaved_changes_are_saved_or_discarded_or_stay(
    parent: QWidget, button: QMessageBox.StandardButton, called: list[str]
) -> None:
    answers: list[str] = []
    dialogs.ask_unsaved(parent, "mine", lambda: answers.append("discard"), lambda: answers.append("save"))
    parent.findChild(QMessageBox).button(button).click()
    assert answers == called


def test_all_faults_are_listed_in_a_dialog_that_blocks_nothing(parent: QWidget) -> None:
    faults = [Fault("output", "[]", "an object"), Fault("bench.duration_s", "", "missing")]
    dialogs.show_faults(parent, "mine.json", faults)
    dialog = parent.findChild(QDialog)
    assert dialog.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    shown = dialog.findChild(QListWidget)
    assert [shown.item(row).text() for row in range(shown.count())] == [str(fault) for fault in faults]
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Close).click()
    assert not dialog.isVisible()
