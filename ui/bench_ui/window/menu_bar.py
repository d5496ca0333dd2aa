"""The menu bar: commands, recent files, themes, panels -> **menu bar**."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu

from bench_ui.runs.export_kind import MENU_ORDER, ExportKind
from bench_ui.window.commands import Commands, MenuName
from bench_ui.window.settings import SCHEME_NAMES, Scheme

NO_RECENT_FILES = "No files yet"


class MenuBar:
    """Fills the menu bar of a window. Every command stands in it once, with its key.

    Attributes:
        menus: the menus by name.
        recent, themes: the menus inside of menus.
    """

    def __init__(self, window: QMainWindow, commands: Commands) -> None:
        self._commands = commands
        self.menus: dict[MenuName, QMenu] = {}
        for name in MenuName:
            menu = self.menus[name] = window.menuBar().addMenu(name.value)
            menu.aboutToShow.connect(partial(self._show_state, name))
            menu.aboutToHide.connect(partial(self._enable, name))
        self.recent = QMenu("Open &recent", window)
        self.themes = QMenu("&Theme", window)
        self.exports = QMenu("&Export run", window)
        for command in commands.all:
            menu = self.menus[command.menu]
            menu.addAction(commands.action(command))
            if command.ends_group:
                menu.addSeparator()

    def add_recent_files(self, files: Callable[[], Sequence[str]], opened: Callable[[str], None]) -> None:
        """Add the files opened last, with their folders, to the File menu. ``files`` is asked each time."""

        def fill() -> None:
            self.recent.clear()
            for file in files():
                action = self.recent.addAction(_shown_path(file))
                action.triggered.connect(lambda _=False, file=file: opened(file))
            if self.recent.isEmpty():
                self.recent.addAction(NO_RECENT_FILES).setEnabled(False)

        self.recent.aboutToShow.connect(fill)
        file_menu = self.menus[MenuName.FILE]
        file_menu.insertMenu(file_menu.actions()[2], self.recent)

    def add_exports(self, is_possible: Callable[[], bool], chosen: Callable[[ExportKind], None]) -> None:
        """Add the exports of a run to the File menu, before *Import run*. ``is_possible`` is asked each time."""
        for kind in MENU_ORDER:
            self.exports.addAction(kind.menu_text, partial(chosen, kind))
        file_menu = self.menus[MenuName.FILE]
        before = next(action for action in file_menu.actions() if action.text().startswith("Import"))
        file_menu.insertMenu(before, self.exports)
        file_menu.aboutToShow.connect(lambda: self.exports.setEnabled(is_possible()))

    def add_themes(self, shown: Callable[[], Scheme | None], chosen: Callable[[Scheme | None], None]) -> None:
        """Add the choice of the colours to the View menu. ``shown`` is asked each time."""
        group = QActionGroup(self.themes)
        actions: dict[Scheme | None, QAction] = {}
        for scheme, text in SCHEME_NAMES.items():
            action = actions[scheme] = group.addAction(text)
            action.setCheckable(True)
            action.triggered.connect(partial(lambda scheme, _=False: chosen(scheme), scheme))
            self.themes.addAction(action)
        self.themes.aboutToShow.connect(lambda: actions[shown()].setChecked(True))
        self.menus[MenuName.VIEW].addMenu(self.themes)

    def add_menu(self, name: MenuName, menu: QMenu) -> None:
        """Add a menu inside of a menu, at its end."""
        self.menus[name].addMenu(menu)

    def _show_state(self, name: MenuName) -> None:
        for command in self._commands.all:
            action = self._commands.action(command)
            if command.menu is name and command.is_enabled is not None:
                action.setEnabled(command.is_enabled())
            if command.menu is name and command.is_checked is not None:
                action.setChecked(command.is_checked())

    def _enable(self, name: MenuName) -> None:
        """Enable all commands of a menu again, because the key of a disabled action does nothing."""
        for command in self._commands.all:
            if command.menu is name:
                self._commands.action(command).setEnabled(True)


def _shown_path(file: str) -> str:
    """A path as menu text: with ~ for the user's folder, and with no character that a menu takes as a key."""
    path = Path(file)
    try:
        shown = f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        shown = file
    return shown.replace("&", "&&")
