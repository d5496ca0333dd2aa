"""What the window remembers between starts: its size and docks, the colour scheme, the files opened last."""

from __future__ import annotations

from enum import Enum
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

RECENT_FILES = 8
SMALLEST_FIRST_SIZE = QSize(1280, 720)
FIRST_SHARE = 0.8
"""The first window takes this part of a large screen."""
FRAME = QSize(16, 48)
"""Room for the frame and the title bar, which the screen must have as well."""


class Scheme(Enum):
    """The colour scheme that the user chose."""

    LIGHT = "light"
    DARK = "dark"


class WindowSettings:
    """Typed access to the settings file of the window."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def save_layout(self, window: QMainWindow) -> None:
        """Remember the size of the window and the places of its docks."""
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("docks", window.saveState())

    def restore_size(self, window: QMainWindow) -> None:
        """Give the window the remembered size, or one that fits on the screen."""
        # The screen of this platform is small and nobody sees it: a picture of the window has the usual size.
        is_drawn_for_nobody = QGuiApplication.platformName() == "offscreen"
        size = SMALLEST_FIRST_SIZE if is_drawn_for_nobody else first_size(window.screen().availableSize())
        window.resize(size.expandedTo(window.minimumSize()))
        if (geometry := self._bytes("geometry")) is not None:
            window.restoreGeometry(geometry)

    def restore_docks(self, window: QMainWindow) -> None:
        """Put the docks where they were; without remembered places they stay where they are."""
        if (docks := self._bytes("docks")) is not None:
            window.restoreState(docks)

    @property
    def scheme(self) -> Scheme | None:
        """The colour scheme that the user chose; None to follow the system."""
        value = self._settings.value("scheme")
        return next((scheme for scheme in Scheme if scheme.value == value), None)

    @scheme.setter
    def scheme(self, scheme: Scheme | None) -> None:
        if scheme is None:
            self._settings.remove("scheme")
        else:
            self._settings.setValue("scheme", scheme.value)

    @property
    def closed_docks(self) -> list[str]:
        """The object names of the docks that the user closed."""
        return self._texts("closed-docks")

    @closed_docks.setter
    def closed_docks(self, names: list[str]) -> None:
        self._settings.setValue("closed-docks", names)

    @property
    def folded_groups(self) -> list[str]:
        """The titles of the groups of settings that the user folded."""
        return self._texts("folded")

    def save_folded_groups(self, titles: list[str]) -> None:
        """Remember the groups of settings that are folded."""
        self._settings.setValue("folded", titles)

    def table(self, key: str) -> QByteArray | None:
        """The columns and the order of a table; None if the user changed neither."""
        return self._bytes(f"tables/{_safe(key)}")

    def save_table(self, key: str, arrangement: QByteArray) -> None:
        """Remember the columns and the order of a table."""
        self._settings.setValue(f"tables/{_safe(key)}", arrangement)

    @property
    def recent_files(self) -> list[str]:
        """The preset files opened last, the newest first."""
        return self._texts("recent")

    def add_recent_file(self, name: str) -> None:
        """Put a file first in the list of recent files."""
        before = self.recent_files
        after = [name, *(other for other in before if other != name)]
        if after != before:
            self._settings.setValue("recent", after[:RECENT_FILES])

    def _texts(self, key: str) -> list[str]:
        value: Any = self._settings.value(key)
        if not value:
            return []
        # QSettings returns a list with one text as that text, without the list.
        return [str(name) for name in value] if isinstance(value, list) else [str(value)]

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else None


def _safe(key: str) -> str:
    """A key without the characters that a settings file takes as parts of a path."""
    return key.replace("/", "|").replace("\\", "|")


def first_size(available: QSize) -> QSize:
    """The size of the first window on a screen with this much room."""
    wanted = QSize(int(available.width() * FIRST_SHARE), int(available.height() * FIRST_SHARE))
    return wanted.expandedTo(SMALLEST_FIRST_SIZE).boundedTo(available - FRAME)
