"""Commands that are loaded when they are needed: names load nothing, and every place has its command."""

from __future__ import annotations

import sys

import click
import pytest

from bench_app.cli.command_table import CommandTable
from bench_app.cli.commands import cli


def test_a_command_is_loaded_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bench_app.cli.import_command", raising=False)
    table = CommandTable({"import": "bench_app.cli.import_command:import_command"})
    assert (list(table), len(table)) == (["import"], 1)
    assert "bench_app.cli.import_command" not in sys.modules
    command = table["import"]
    assert command is table["import"] and command.name == "import"
    assert "bench_app.cli.import_command" in sys.modules


def test_commands_can_be_added_and_removed() -> None:
    table = CommandTable({})
    table["one"] = command = click.Command("one")
    assert table["one"] is command
    del table["one"]
    assert not table and "one" not in table


def test_every_command_has_the_name_by_which_it_is_called() -> None:
    assert {name: command.name for name, command in cli.commands.items()} == {name: name for name in cli.commands}
