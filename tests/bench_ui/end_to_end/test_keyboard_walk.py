"""A walk through the whole window with Tab: each stop has a name, and shows that it has the focus."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.bench_ui.driving import InWindow, open_preset, three_patterns
from tests.runs import preset, until

MORE_THAN_ALL = 300


def picture_around(window: MainWindow, widget: QWidget) -> QImage:
    """The window where a widget is, with a little of its surroundings."""
    place = QRect(widget.mapTo(window, QPoint()), widget.size()).adjusted(-3, -3, 3, 3)
    return window.grab(place).toImage()


def name_of(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName() or widget.property('text') or ''}"


async def walk(window: MainWindow) -> tuple[list[QWidget], list[str]]:
    """All stops from Start back to Start, and the names of those that look the same without the focus."""
    stops: list[QWidget] = []
    unseen: list[str] = []
    window.panels.run_bar.start.setFocus(Qt.FocusReason.TabFocusReason)
    widget = window.focusWidget()
    while widget not in stops and len(stops) < MORE_THAN_ALL:
        stops.append(widget)
        # A field of a form is scrolled to before it is painted.
        await asyncio.sleep(0)
        with_focus = picture_around(window, widget)
        widget.clearFocus()
        if picture_around(window, widget) == with_focus:
            unseen.append(name_of(widget))
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        widget = window.focusWidget()
    assert widget is window.panels.run_bar.start
    return stops, unseen


@pytest.mark.parametrize("percent", [100, 200])
def test_tab_goes_through_the_whole_window(in_window: InWindow, percent: int) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns())
        window.text_size.show(percent)
        window.activateWindow()
        await until(window.isActiveWindow)
        stops, unseen = await walk(window)
        assert unseen == []
        assert [name_of(one) for one in stops if len(name_of(one).split()) == 1] == []
        panels, layout = window.panels, window.panel_layout
        in_order = [
            panels.run_bar.start,
            panels.flow,
            panels.handlers.tree,
            panels.settings.filter_line,
            panels.inspector.handler_pages["PUB"].config.widget("high_water_mark"),
            layout.tabs.tabBar(),
            panels.events.view,
        ]
        assert [stops.index(one) for one in in_order] == sorted(stops.index(one) for one in in_order)
        if percent != 100:
            wide = QApplication.font().pointSizeF()
            assert panels.run_bar.start.font().pointSizeF() == wide
            assert window.minimumWidth() == 900, "the window still fits on a small screen"

    in_window(scenario)


def test_a_user_without_a_mouse_opens_edits_runs_stops_and_saves_on_a_screen_that_doubles_all(tmp_path: Path) -> None:
    file, result = tmp_path / "preset.json", tmp_path / "result.json"
    file.write_text(json.dumps(preset({"socket_type": "PUSH"}, rate=300, duration_s=60)))
    command = [sys.executable, "-m", "tests.bench_ui.end_to_end.keyboard_user", str(file), str(result), str(tmp_path)]
    env = {**os.environ, "QT_SCALE_FACTOR": "2"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    saved = json.loads(result.read_bytes())
    assert saved["balanced"] and saved["handlers"]["h"]["offered"] > 20
