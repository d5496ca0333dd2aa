"""The first words of a command line: a command, a preset for the window, or a mistake with a hint."""

from __future__ import annotations

from collections.abc import Sequence

import click
import pytest

from bench_app.cli.command_group import DefaultCommandGroup, ReaderGoneError


@click.group(cls=DefaultCommandGroup)
def group() -> None:
    """A group with the commands that these tests need."""


@group.command(name="open", hidden=True)
@click.argument("preset", required=False)
@click.option("--start", is_flag=True)
def open_bench(preset: str | None, start: bool) -> tuple[str, str | None, bool]:
    return "open", preset, start


@group.command()
@click.argument("preset")
@click.option("--debug", is_flag=True)
def run(preset: str, debug: bool) -> tuple[str, str, bool]:
    return "run", preset, debug


@group.command()
def gone() -> None:
    raise BrokenPipeError


def call(*arguments: str) -> Sequence[object]:
    found: Sequence[object] = group.main(list(arguments), standalone_mode=False)
    return found


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        ([], ("open", None, False)),
        (["slow-joiner"], ("open", "slow-joiner", False)),
        (["--start"], ("open", None, True)),
        (["slow-joiner", "--start"], ("open", "slow-joiner", True)),
        (["run", "p"], ("run", "p", False)),
        (["--debug", "run", "p"], ("run", "p", True)),
    ],
)
def test_without_a_command_the_window_opens(arguments: list[str], called: tuple[object, ...]) -> None:
    assert call(*arguments) == called


def test_a_file_is_a_preset_for_the_window(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("presets") / "my.json"
    file.touch()
    assert call(str(file)) == ("open", str(file), False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rn", "slow-joiner"], 'no command "rn"; did you mean run?'),
        (["frobnicate", "slow-joiner"], 'no command "frobnicate"; there are run, gone'),
        (["slow-joinr"], '"slow-joinr" is no command, and neither a file nor .*; did you mean slow-joiner?'),
        (["rnu", "--debug"], "did you mean run?"),
    ],
)
def test_an_unknown_first_word_is_refused_with_a_hint(arguments: list[str], message: str) -> None:
    with pytest.raises(click.UsageError, match=message.replace("?", r"\?")):
        call(*arguments)


def test_a_closed_pipe_passes_through_click() -> None:
    with pytest.raises(ReaderGoneError):
        call("gone")
