"""Ctrl+F: the panel in focus -> **find** -> the line that filters this panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from bench_ui.widgets.table_tools import FilterLine


@dataclass(frozen=True)
class Searchable:
    """A part of the window with a line that filters it.

    Attributes:
        line: the line.
        parts: the widgets in which the focus means this part.
    """

    line: FilterLine
    parts: tuple[QWidget, ...]

    def has(self, focus: QWidget | None) -> bool:
        """Whether the focus is in this part."""
        return focus is not None and any(part is focus or part.isAncestorOf(focus) for part in self.parts)


def find(searchables: Sequence[Searchable], focus: QWidget | None) -> FilterLine | None:
    """Move the focus to the line of the part in focus, else of the first part on screen. Returns the line."""
    shown = [one for one in searchables if one.line.isVisible()]
    found = next((one for one in shown if one.has(focus)), shown[0] if shown else None)
    if found is None:
        return None
    found.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
    found.line.selectAll()
    return found.line
