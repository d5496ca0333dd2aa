"""What the window remembers between starts: its size and docks, the colour scheme, the files opened last."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from bench_ui.panels.sent_events import SentEvents

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


SCHEME_NAMES = {None: "As the system", Scheme.LIGHT: "Light", Scheme.DARK: "Dark"}
"""The choices of the colour scheme for the user; None follows the system."""


@dataclass(frozen=True)
class DockLayout:
    """The places of the docks as Qt writes them, and the object names of those that are closed."""

    state: QByteArray
    closed: tuple[str, ...] = ()


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
    def text_percent(self) -> int:
        """The size of text that the user chose, in percent of the desktop's."""
        try:
            percent = int(str(self._settings.value("text-percent", 100)))
        except ValueError:
            return 100
        return percent if 50 <= percent <= 300 else 100

    @text_percent.setter
    def text_percent(self, percent: int) -> None:
        self._settings.setValue("text-percent", percent)

    @property
    def runs_folder(self) -> Path | None:
        """The folder that the user chose for kept runs; None for the usual one."""
        value = self._settings.value("runs-folder")
        return Path(str(value)) if value else None

    @runs_folder.setter
    def runs_folder(self, folder: Path | None) -> None:
        if folder is None:
            self._settings.remove("runs-folder")
        else:
            self._settings.setValue("runs-folder", str(folder))

    @property
    def layouts(self) -> dict[str, DockLayout]:
        """The layouts that the user saved, by name."""
        found: dict[str, DockLayout] = {}
        for number in range(self._settings.beginReadArray("layouts")):
            self._settings.setArrayIndex(number)
            state = self._bytes("state")
            if state is not None:
                found[str(self._settings.value("name"))] = DockLayout(state, tuple(self._texts("closed")))
        self._settings.endArray()
        return found

    def save_layout_as(self, name: str, layout: DockLayout) -> None:
        """Remember a layout under a name."""
        self._write_layouts(self.layouts | {name: layout})

    def delete_layout(self, name: str) -> None:
        """Forget a layout."""
        self._write_layouts({other: layout for other, layout in self.layouts.items() if other != name})

    def _write_layouts(self, layouts: dict[str, DockLayout]) -> None:
        self._settings.remove("layouts")
        self._settings.beginWriteArray("layouts", len(layouts))
        for number, (name, layout) in enumerate(layouts.items()):
            self._settings.setArrayIndex(number)
            self._settings.setValue("name", name)
            self._settings.setValue("state", layout.state)
            self._settings.setValue("closed", list(layout.closed))
        self._settings.endArray()

    @property
    def handler_details(self) -> list[str] | None:
        """What the lines of the handlers panel show; None if the user never chose."""
        return self._texts("handlers") if self._settings.contains("handlers") else None

    def save_handler_details(self, details: list[str]) -> None:
        """Remember what the lines of the handlers panel show."""
        self._settings.setValue("handlers", details)

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

    @property
    def sent_events(self) -> SentEvents:
        """Templates of events to send by hand, and what was sent."""
        return SentEvents.from_json(str(self._settings.value("sent-events", "")))

    @sent_events.setter
    def sent_events(self, events: SentEvents) -> None:
        self._settings.setValue("sent-events", events.as_json())

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
