"""``--debug`` and ``--log-file``: two options that every command with sockets has."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench_app.cli import logs
from bench_app.cli.console import echo_error
from bench_app.errors import InputError

_DEBUG = "--debug"
_FILE = "--log-file"


def log_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a click command, and log while the command runs."""

    @click.option(_DEBUG, is_flag=True, help="Log what each socket does, to standard error or to the --log-file.")
    @click.option(
        _FILE,
        "log_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Append the log to FILE as JSON Lines; without --debug only the events that the terminal shows.",
    )
    @functools.wraps(command)
    def with_log(*arguments: Any, debug: bool, log_file: Path | None, **options: Any) -> None:
        if log_file == Path("-"):
            raise InputError("the log (--log-file) needs a file; --debug alone writes it to standard error")
        with logs.logging_to(log_file, debug, _print_error):
            command(*arguments, **options)

    return with_log


def move_behind_command(arguments: list[str], commands: list[str]) -> list[str]:
    """Move log options from before the command's name to after it: ``--debug run P`` means ``run --debug P``."""
    end = 0
    while end < len(arguments):
        if arguments[end] == _FILE:
            end += 2
        elif arguments[end] == _DEBUG or arguments[end].startswith(f"{_FILE}="):
            end += 1
        else:
            break
    if not end or end >= len(arguments) or arguments[end] not in commands:
        return arguments
    return [arguments[end], *arguments[:end], *arguments[end + 1 :]]


def _print_error(message: str) -> None:
    echo_error(f"zmq-bench: {message}")
