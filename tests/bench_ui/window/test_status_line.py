"""The line at the foot of the window."""

from __future__ import annotations

import re

from bench_ui.window.status_line import StatusLine
from PySide6.QtWidgets import QLabel, QStatusBar
from pytestqt.qtbot import QtBot


def test_the_line_has_figures_of_the_window_and_the_state_of_the_run(qtbot: QtBot) -> None:
    bar = QStatusBar()
    qtbot.addWidget(bar)
    line = StatusLine(bar)
    line.show_status(4, 1.25, "running")
    assert re.fullmatch(r"workers 4  ·  window lag 1\.2 ms  ·  CPU \d+%  ·  running", line.status)
    line.show_status(4, 1.25, "running", "compiled")
    assert line.status.endswith("%  ·  data plane compiled  ·  running")
    line.show_status(0, 0.0, "")
    assert re.fullmatch(r"workers 0  ·  window lag 0\.0 ms  ·  CPU \d+%", line.status)
    assert line.baseline == ""
    line.show_baseline("★ first")
    assert line.baseline == "★ first"
    assert all(label.toolTip() for label in bar.findChildren(QLabel))
