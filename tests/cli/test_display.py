"""Whether a window can be opened here, and the reason if not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench_app.cli import display
from bench_app.cli.display import why_no_window

LACKS_A_LIBRARY = b"""\
qt.qpa.plugin: From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb plugin.
qt.qpa.plugin: Could not load the Qt platform plugin "xcb" in "" even though it was found.
This application failed to start because no Qt platform plugin could be initialized.
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="DISPLAY is X11's")


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def test_no_display() -> None:
    assert why_no_window() == "There is no display"


@pytest.mark.parametrize("missing", ["PySide6", "pyqtgraph", "qasync"])
def test_without_the_extra_the_reason_has_the_command_that_installs_it(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "find_spec", lambda name: None if name == missing else "found")
    assert why_no_window() == 'The window is not installed (pip install "zmq-bench[window]" installs it)'


def test_a_display_without_a_server_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    # If a library of X11 is missing, the reason in brackets is another one.
    assert why_no_window().startswith("The display cannot be used (")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    done = subprocess.CompletedProcess([], -6, b"", LACKS_A_LIBRARY)
    monkeypatch.setattr(display.subprocess, "run", lambda *_, **__: done)
    assert "libxcb-cursor0 is needed" in why_no_window()


def test_offscreen_is_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert why_no_window() == ""
