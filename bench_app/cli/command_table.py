"""The commands by name. A command is loaded when it is needed first, so that no command waits for the others."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click


class CommandTable(MutableMapping[str, click.Command]):
    """Commands by name, in order. ``places`` has the place of each command, as ``MODULE:NAME``.

    Going through the names loads nothing.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._commands: dict[str, str | click.Command] = dict(places)

    def __getitem__(self, name: str) -> click.Command:
        """The command; loads it if it was not needed before."""
        command = self._commands[name]
        if isinstance(command, str):
            command = self._commands[name] = _load(command)
        return command

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Add a command."""
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        """Remove a command."""
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._commands)

    def __len__(self) -> int:
        """How many commands there are."""
        return len(self._commands)


def _load(place: str) -> click.Command:
    module, _, name = place.partition(":")
    # As in bench_app.start: the garbage collector would search modules that stay anyway.
    gc.disable()
    try:
        command = getattr(import_module(module), name)
        gc.freeze()
    finally:
        gc.enable()
    assert isinstance(command, click.Command)
    return command
