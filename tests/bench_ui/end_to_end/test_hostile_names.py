"""A preset whose names and texts are HTML: every label, tooltip, cell and dialog of the window shows them as text."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyqtgraph as pg
from bench_ui.window import dialogs
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex
from PySide6.QtGui import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QGraphicsTextItem,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QMessageBox,
    QTextEdit,
    QWidget,
)

from bench_app.errors import Fault
from tests.bench_ui.driving import InWindow, open_preset, until_ended, until_running
from tests.runs import preset, until


def hostile_preset(picture: Path) -> tuple[dict[str, Any], str]:
    """A preset with HTML wherever a text is free, and the name of its handler."""
    name = f'<img src="file://{picture}"> & <h1>BIG</h1>'
    raw = preset(
        {"socket_type": "PUB", "topic": f"{name}t"},
        listeners=[{"name": f"{name}l"}],
        title=f"{name}<s>1000</s>",
        description=f"{name}description",
        checks=["drops == 0"],
        duration_s=1.0,
    )
    raw["output"]["handlers"][name] = raw["output"]["handlers"].pop("h") | {"sink": name}
    raw["bench"]["sources"] = {name: raw["bench"]["sources"]["events"]}
    for section in ("handlers", "listeners"):
        raw["bench"][section] = {name: raw["bench"][section]["h"]}
    return raw, name


def is_rich(text: str) -> bool:
    """Whether Qt would draw the text as HTML, and the text has a tag of the preset unescaped."""
    return Qt.mightBeRichText(text) and any(tag in text for tag in ("<img", "<h1", "<s>"))


def rich_texts() -> Iterator[str]:
    """Everything of all windows that Qt would draw as HTML."""
    for widget in QApplication.allWidgets():
        name = type(widget).__name__
        if is_rich(widget.toolTip() + widget.statusTip() + widget.whatsThis()):
            yield f"tooltip of {name}: {widget.toolTip()}"
        yield from (f"{name}: {text}" for text in rich_parts(widget))


def rich_parts(widget: QWidget) -> Iterator[str]:
    match widget:
        case QLabel() if widget.textFormat() != Qt.TextFormat.PlainText and is_rich(widget.text()):
            yield widget.text()
        case QMessageBox() if widget.textFormat() != Qt.TextFormat.PlainText:
            yield widget.text()
        case QHeaderView() | QComboBox() | QAbstractItemView() if (model := widget.model()) is not None:
            yield from filter(is_rich, tips_of(model, QModelIndex()))
        case QTextEdit() if is_rich(widget.toHtml()):
            yield widget.toHtml()
        case QGraphicsView():
            for item in widget.scene().items() if widget.scene() is not None else ():
                if isinstance(item, QGraphicsTextItem) and "<img" in item.toHtml():
                    yield item.toHtml()
                if isinstance(item, pg.LabelItem) and is_rich(item.text):
                    yield item.text


def tips_of(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    """The tooltips of all cells and headers of a model."""
    role = Qt.ItemDataRole.ToolTipRole
    # PySide hides the method of list models, which have one column.
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
    for column in range(columns):
        yield str(model.headerData(column, Qt.Orientation.Horizontal, role) or "")
        for row in range(model.rowCount(parent)):
            index = model.index(row, column, parent)
            yield str(index.data(role) or "")
            yield from tips_of(model, index) if not column else ()


def test_html_in_a_preset_is_shown_as_text(in_window: InWindow, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    raw, name = hostile_preset(pipe)

    async def scenario(window: MainWindow) -> None:
        found: set[str] = set()
        open_preset(window, raw)
        window.bench.start()
        await until_running(window)
        for selected in (name, ""):
            window.panels.handlers.select(selected)
            for tab in range(window.panel_layout.tabs.count()):
                window.panel_layout.tabs.setCurrentIndex(tab)
                for page in range(window.panels.inspector.count()):
                    window.panels.inspector.setCurrentIndex(page)
                    await asyncio.sleep(0)
                    found |= set(rich_texts())
        await until_ended(window)
        await until(lambda: window.panels.runs.findChild(QAbstractItemView).model().rowCount() > 0)
        window.user_messages.show_until_closed(name)
        dialogs.show_faults(window, name, [Fault(name, name, name)])
        dialogs.ask_text(window, name, name, lambda answer: None)
        dialogs.ask_unsaved(window, name, lambda: None, lambda: None)
        await asyncio.sleep(0)
        found |= set(rich_texts())
        texts = [label.text() for label in window.findChildren(QLabel)]
        for dialog in window.findChildren(dialogs.QDialog):
            dialog.close()
        assert found == set()
        assert any(name in text for text in texts), "the name is nowhere to be seen"

    in_window(scenario)
