"""The options of the command line reach the window, and its exit code says whether the files were written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench_ui import app as app_module
from bench_ui.app import make_app, open_window
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from bench_app.errors import InputError
from bench_app.system import scheduling_groups
from tests.runs import preset


@pytest.fixture
def windows(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MainWindow]]:
    """The windows that are opened, with settings and runs of their own and no signal handlers."""
    made: list[MainWindow] = []

    def make_window() -> MainWindow:
        settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        made.append(MainWindow(settings, tmp_path / "runs.sqlite"))
        return made[-1]

    monkeypatch.setattr(app_module, "make_window", make_window)
    monkeypatch.setattr(app_module, "_close_on_signals", lambda _window: None)
    monkeypatch.setattr(scheduling_groups, "leave_shared_session", lambda: None)
    monkeypatch.setattr(app_module.gc, "freeze", lambda: None)
    yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(preset({"socket_type": "PUSH"}, duration_s=0.3)))
    return file


def test_the_application_has_the_name_that_its_folders_have(qapp: QApplication) -> None:
    assert make_app() is QApplication.instance()
    assert (qapp.applicationName(), qapp.applicationDisplayName()) == ("zmq-bench", "ZMQ Test Bench")


def test_the_application_has_the_icon_of_its_desktop_entry(qapp: QApplication) -> None:
    make_app()
    entry = (Path(__file__).parents[2] / "packaging" / "linux" / "zmq-bench.desktop").read_text().splitlines()
    assert {"Exec=zmq-bench", f"Icon={app_module.ICON.stem}", f"StartupWMClass={qapp.desktopFileName()}"} <= set(entry)
    assert not qapp.windowIcon().pixmap(64, 64).isNull()


@pytest.mark.parametrize("home", [None, ""])
def test_without_home_the_folder_of_the_user_is_found(
    qapp: QApplication, home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt takes the root folder of the disk for the user's, and writes there."""
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    users = str(Path.home())
    if home is not None:
        monkeypatch.setenv("HOME", home)
    make_app()
    assert os.environ["HOME"] == users
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    assert Path(folder).is_relative_to(users)


def test_a_preset_that_cannot_be_used_opens_no_window(windows: list[MainWindow], tmp_path: Path) -> None:
    with pytest.raises(InputError):
        open_window(str(tmp_path / "missing.json"), False, None, 0.0, None)
    assert windows == []


def test_without_a_preset_the_gallery_is_shown_until_the_time_is_over(windows: list[MainWindow]) -> None:
    assert open_window(None, False, None, 0.1, None) == 0
    (window,) = windows
    assert window.closed.is_set() and window.bench.editor.document is None


def test_a_run_is_started_pictured_and_its_result_written(
    windows: list[MainWindow], file: Path, tmp_path: Path
) -> None:
    picture, result = tmp_path / "window.png", tmp_path / "result.json"
    assert open_window(str(file), True, picture, 6.0, result) == 0
    assert json.loads(result.read_text())["handlers"]["h"]["offered"] == 600
    assert QImage(str(picture)).width() >= 960
    assert windows[0].bench.editor.document is not None and windows[0].bench.editor.document.name == "mine"


def test_files_that_cannot_be_written_are_named_at_the_end(
    windows: list[MainWindow], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "no"
    assert open_window(str(file), True, nowhere / "window.png", 6.0, nowhere / "result.json") == 3
    errors = capsys.readouterr().err
    assert f"the result could not be written to {nowhere / 'result.json'}" in errors
    assert f"the picture could not be written to {nowhere / 'window.png'}" in errors


def test_the_result_goes_to_the_standard_output(
    windows: list[MainWindow], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert open_window(str(file), True, None, 6.0, Path("-")) == 0
    assert json.loads(capsys.readouterr().out)["preset"] == "mine"


def test_the_window_is_imported_without_the_library_of_its_plots() -> None:
    command = [sys.executable, "-c", "import sys, bench_ui.app; print('pyqtgraph' in sys.modules)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"
