"""The commands of the window, each once with its key: **commands** -> menu bar, keys, the list of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


class MenuName(Enum):
    """A menu of the menu bar, in its order from left to right."""

    FILE = "&File"
    EDIT = "&Edit"
    VIEW = "&View"
    RUN = "&Run"
    LAB = "&Lab"
    HELP = "&Help"


@dataclass(frozen=True)
class Command:
    """Something that the user can make the window do.

    Attributes:
        menu: the menu that has the command.
        text: its name in the menu and in the list of keys.
        carry_out: called when the user chooses the command or presses its key.
        key: its key; "" if it has none.
        ends_group: a line follows it in the menu.
        is_enabled: whether the command has an effect now, which its menu shows; None if it always has. Its key is never
            switched off, because nothing would switch it on again at the right moment.
        is_checked: whether what the command switches is on, which its menu shows; None if it switches nothing.
    """

    menu: MenuName
    text: str
    carry_out: Callable[[], Any]
    key: QKeySequence.StandardKey | str = ""
    ends_group: bool = False
    is_enabled: Callable[[], bool] | None = None
    is_checked: Callable[[], bool] | None = None


class Commands:
    """The actions of all commands.

    The window has each action itself, so that the keys work while the menu bar is hidden, wherever the focus is.

    Attributes:
        all: the commands, in the order of the menus.
    """

    def __init__(self, window: QWidget, commands: Sequence[Command]) -> None:
        self.all = tuple(commands)
        self._actions = {command.text: _action(window, command) for command in commands}
        for action in self._actions.values():
            window.addAction(action)

    def action(self, command: Command) -> QAction:
        """The action of a command."""
        return self._actions[command.text]

    @property
    def list_of_keys(self) -> list[tuple[str, str]]:
        """The name and the key of each command that has a key, as the system of the user writes keys."""
        native = QKeySequence.SequenceFormat.NativeText
        found = [(command.text, self.action(command).shortcut().toString(native)) for command in self.all]
        return [(text.rstrip("…"), key) for text, key in found if key]


def _action(window: QWidget, command: Command) -> QAction:
    action = QAction(command.text, window)
    action.setShortcut(QKeySequence(command.key))
    action.setCheckable(command.is_checked is not None)
    action.triggered.connect(lambda _=False: command.carry_out())
    return action
