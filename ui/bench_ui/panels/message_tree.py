"""One message in detail: its frames, and the keys of frames that are JSON."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from bench_app.measure.message_samples import MessageSample
from bench_app.transport import stamp
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import fixed_font

_DEEPEST = 20
_MOST_CHARACTERS = 500
_MOST_BYTES = 4000
_STAMP_TIP = "The bench's stamp: format, run, handler, sequence number, due time, send time (hex ns)"


class MessageTree(QTreeWidget):
    """The frames of a message, each with its size and its content as a tree."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderLabels(["key", "value"])
        self.setAccessibleName("The selected message")
        self.setFont(fixed_font())
        self.setColumnWidth(0, 160)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        copy = QAction("Copy with headings", self, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy_selected)
        self.addAction(copy)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Show the menu, at the pointer or, for the keyboard, at the current line."""
        place = event.pos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).bottomLeft()
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(place))

    def menu(self) -> QMenu:
        """What can be done with the selected lines."""
        menu = QMenu(self)
        chosen = self.selectedItems()
        menu.addAction("Copy the value", self.copy_values).setEnabled(bool(chosen))
        menu.addAction("Copy with headings", self.copy_selected).setEnabled(bool(chosen))
        menu.addAction("Select all", self.selectAll)
        menu.addSeparator()
        menu.addAction("Unfold all", self.expandAll)
        menu.addAction("Fold all", self.collapseAll)
        return menu

    def copy_values(self) -> None:
        """Copy the values of the selected lines, a line each."""
        QGuiApplication.clipboard().setText("\n".join(item.text(1) for item in self.selectedItems()))

    def copy_selected(self) -> None:
        """Copy the selected lines below headings: the path of each key within the message, a tab, and its value."""
        lines = ["key\tvalue", *(f"{_path(item)}\t{item.text(1)}" for item in self.selectedItems())]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def show_message(self, sample: MessageSample | None) -> None:
        """Show a message; None shows nothing."""
        self.clear()
        frames = () if sample is None else sample.frames
        for number, frame in enumerate(frames, start=1):
            top = QTreeWidgetItem(self, [f"frame {number}", number_format.size(len(frame))])
            try:
                _add_children(top, ANY_JSON.read(frame))
            except BadJsonError:
                QTreeWidgetItem(top, ["text", text_of(frame[:_MOST_BYTES])])
            top.setExpanded(True)


def _path(item: QTreeWidgetItem) -> str:
    """The keys that lead to a line, from its frame on."""
    keys = [item.text(0)]
    while (parent := item.parent()) is not None:
        item = parent
        keys.insert(0, item.text(0))
    return ".".join(keys)


def _add_children(parent: QTreeWidgetItem, value: Any, depth: int = 0) -> None:
    if depth > _DEEPEST:
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        item = QTreeWidgetItem(parent, [str(key), _value_text(inner)[:_MOST_CHARACTERS]])
        if str(key) == stamp.FIELD:
            item.setToolTip(1, _STAMP_TIP)
        _add_children(item, inner, depth + 1)


def _value_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{len(value)} entries" if isinstance(value, dict | list) else json.dumps(value)


def text_of(data: bytes) -> str:
    """Bytes as UTF-8 text; bytes that are not UTF-8 as escapes."""
    return data.decode("utf-8", "backslashreplace")
