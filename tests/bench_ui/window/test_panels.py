"""The panels of the window are made once."""

from __future__ import annotations

from bench_ui.document.document_editor import DocumentEditor
from bench_ui.window.panels import Panels
from PySide6.QtWidgets import QMainWindow, QPushButton, QWidget
from pytestqt.qtbot import QtBot


def test_every_panel_is_there_and_the_gallery_offers_the_recent_files(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    panels = Panels(window, DocumentEditor(window), window.statusBar(), ["/home/me/mine.json"])
    widgets = [part for part in vars(panels).values() if isinstance(part, QWidget)]
    assert len(widgets) == len(set(widgets)) == 16
    buttons = {button.text(): button.toolTip() for button in panels.gallery.findChildren(QPushButton)}
    assert buttons["mine.json"] == "/home/me/mine.json"
    for widget in widgets:
        qtbot.addWidget(widget)
