"""Keys that call a function of the window wherever the focus is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Shortcut:
    """A key and the function that it calls. ``name`` is the text of its action."""

    name: str
    key: QKeySequence.StandardKey | str
    action: Callable[[], Any]


def add_shortcuts(window: QWidget, shortcuts: Iterable[Shortcut]) -> None:
    """Add these keys to the window."""
    for shortcut in shortcuts:
        window.addAction(_action(window, shortcut))


def _action(window: QWidget, shortcut: Shortcut) -> QAction:
    action = QAction(shortcut.name, window)
    action.setShortcut(QKeySequence(shortcut.key))
    action.triggered.connect(lambda _=False: shortcut.action())
    return action
