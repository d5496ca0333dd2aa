"""The preferences."""

from __future__ import annotations

from pathlib import Path

from bench_ui.window.main_window import RUNS_FILE, MainWindow
from bench_ui.window.preferences import PreferencesDialog
from bench_ui.window.settings import SCHEME_NAMES, Scheme
from bench_ui.window.text_size import SIZES
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from tests.archive.runs import a_record
from tests.bench_ui.driving import InWindow
from tests.runs import until


def choose(choices: QComboBox, text: str) -> None:
    choices.setCurrentText(text)
    choices.activated.emit(choices.currentIndex())


def test_each_choice_takes_effect_at_once_and_is_remembered(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        window.run_store.archive.add(a_record(), name="before")
        window.load_runs()
        await until(lambda: [one.name for one in window.panels.runs.summaries] == ["before"])
        window.activateWindow()
        await until(window.isActiveWindow)
        QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
        dialog = window.findChild(PreferencesDialog)
        assert isinstance(dialog, PreferencesDialog)
        choose(dialog.scheme, SCHEME_NAMES[Scheme.DARK])
        assert window.color_scheme.theme.dark and window.settings.scheme is Scheme.DARK
        choose(dialog.size_list, f"{SIZES[-1]} %")
        assert window.text_size.percent == SIZES[-1] == window.settings.text_percent
        usual = dialog.folder.text()
        dialog.choose_folder(tmp_path / "mine")
        await until(lambda: window.panels.runs.summaries == [])
        assert dialog.folder.text() == str(tmp_path / "mine") == str(window.settings.runs_folder)
        assert window.run_store.archive.file == tmp_path / "mine" / RUNS_FILE
        dialog.choose_folder(None)
        await until(lambda: len(window.panels.runs.summaries) == 1)
        assert dialog.folder.text() == usual and window.settings.runs_folder is None
        dialog.close()

    in_window(scenario)
