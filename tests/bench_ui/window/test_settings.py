"""What the window remembers comes back in the next window."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.window.settings import RECENT_FILES, Scheme, WindowSettings, first_size
from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow
from pytestqt.qtbot import QtBot


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "window.ini"


def settings_in(file: Path) -> WindowSettings:
    return WindowSettings(QSettings(str(file), QSettings.Format.IniFormat))


def a_window(qtbot: QtBot) -> tuple[QMainWindow, QDockWidget]:
    window, dock = QMainWindow(), QDockWidget("handlers")
    dock.setObjectName("dock-handlers")
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    qtbot.addWidget(window)
    return window, dock


def test_without_a_file_the_defaults_hold(qtbot: QtBot, file: Path) -> None:
    settings = settings_in(file)
    assert settings.scheme is None and settings.recent_files == []
    window, _ = a_window(qtbot)
    settings.restore_size(window)
    settings.restore_docks(window)
    assert window.size() == QSize(1280, 720) and settings.closed_docks == []


@pytest.mark.parametrize(
    ("screen", "first"),
    [
        (QSize(1280, 720), QSize(1264, 672)),
        (QSize(1366, 728), QSize(1280, 680)),
        (QSize(1920, 1040), QSize(1536, 832)),
        (QSize(3840, 2120), QSize(3072, 1696)),
    ],
)
def test_the_first_window_fits_on_the_screen_and_uses_a_large_one(screen: QSize, first: QSize) -> None:
    assert first_size(screen) == first


@pytest.mark.parametrize("scheme", list(Scheme))
def test_the_scheme_comes_back(file: Path, scheme: Scheme) -> None:
    settings_in(file).scheme = scheme
    assert settings_in(file).scheme is scheme


def test_the_scheme_of_the_system_can_be_chosen_again(file: Path) -> None:
    settings = settings_in(file)
    settings.scheme = Scheme.DARK
    settings.scheme = None
    assert settings_in(file).scheme is None


@pytest.mark.parametrize("names", [[], ["dock-run"], ["dock-handlers", "dock-run"]])
def test_closed_docks_come_back(file: Path, names: list[str]) -> None:
    settings_in(file).closed_docks = names
    assert settings_in(file).closed_docks == names


def test_an_unknown_scheme_counts_as_none(file: Path) -> None:
    QSettings(str(file), QSettings.Format.IniFormat).setValue("scheme", "sepia")
    assert settings_in(file).scheme is None


def test_size_and_docks_come_back(qtbot: QtBot, file: Path) -> None:
    window, dock = a_window(qtbot)
    window.resize(700, 500)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    settings_in(file).save_layout(window)

    again, dock = a_window(qtbot)
    settings = settings_in(file)
    settings.restore_size(again)
    settings.restore_docks(again)
    assert again.size() == QSize(700, 500)
    assert again.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea


def test_recent_files_are_the_newest_first_each_once_and_not_too_many(file: Path) -> None:
    settings_in(file).add_recent_file("a")
    assert settings_in(file).recent_files == ["a"], "one name alone comes back as a list, too"
    for name in ("b", "a"):
        settings_in(file).add_recent_file(name)
    assert settings_in(file).recent_files == ["a", "b"]
    for number in range(20):
        settings_in(file).add_recent_file(str(number))
    assert settings_in(file).recent_files == [str(number) for number in range(19, 19 - RECENT_FILES, -1)]
