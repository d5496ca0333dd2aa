"""Qt's own widgets in the colours of a theme."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from bench_ui.widgets.style_sheet import apply_theme, style_sheet
from bench_ui.widgets.theme import DARK, LIGHT, Theme
from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QToolButton
from pytestqt.qtbot import QtBot


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.palette(), qapp.styleSheet()
    yield qapp
    qapp.setPalette(before[0])
    qapp.setStyleSheet(before[1])


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_application_has_the_colours_of_the_theme(theme: Theme, app: QApplication) -> None:
    apply_theme(app, theme)
    palette = app.palette()
    assert palette.color(QPalette.ColorRole.Window) == theme.color("window")
    assert palette.color(QPalette.ColorRole.Text) == theme.color("text")
    assert palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text) == theme.color("muted")
    assert app.styleSheet() == style_sheet(theme)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_rules_are_complete(theme: Theme) -> None:
    sheet = style_sheet(theme)
    assert sheet.count("{") == sheet.count("}")
    colors = set(re.findall(r"#[0-9a-f]{6}", sheet))
    assert colors >= {theme.panel, theme.text, theme.focus, theme.lost}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_theme_that_is_shown_already_is_not_applied_again(theme: Theme, app: QApplication) -> None:
    apply_theme(app, theme)
    watched = Mock(wraps=app)
    apply_theme(watched, theme)
    assert not watched.setPalette.called and not watched.setStyleSheet.called
    apply_theme(watched, DARK if theme is LIGHT else LIGHT)
    assert watched.setPalette.called and watched.setStyleSheet.called


class Listening(QLabel):
    """Notes whether the collector was on when Qt told it of another look."""

    noted: list[bool]

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        self.noted.append(gc.isenabled())
        super().changeEvent(event)


def test_the_collector_deletes_no_widget_while_qt_goes_through_all_of_them(app: QApplication, qtbot: QtBot) -> None:
    # Qt goes through a list of all widgets, and calls Python for some. A collection there deletes others of the list.
    apply_theme(app, LIGHT)
    label = Listening()
    label.noted = []
    qtbot.addWidget(label)
    label.show()
    gc.enable()
    try:
        label.noted.clear()
        apply_theme(app, DARK)
        assert label.noted and not any(label.noted)
        assert gc.isenabled()
    finally:
        gc.disable()


def painted_size(image: QImage, border: int) -> tuple[int, int]:
    """Width and height of what is painted inside the border of a button."""
    ground = image.pixel(border, border)
    inner = range(border, image.width() - border), range(border, image.height() - border)
    painted = [(x, y) for x in inner[0] for y in inner[1] if image.pixel(x, y) != ground]
    columns, rows = zip(*painted, strict=True) if painted else ((0,), (0,))
    return max(columns) - min(columns), max(rows) - min(rows)


def test_the_buttons_of_a_file_dialog_have_room_for_their_icons(app: QApplication, qtbot: QtBot) -> None:
    apply_theme(app, LIGHT)
    dialog = QFileDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    buttons = [one for one in dialog.findChildren(QToolButton) if one.isVisible() and one.isEnabled()]
    assert buttons
    for button in buttons:
        assert min(painted_size(button.grab().toImage(), 3)) >= 6, button.objectName()
