"""Where commands print lines and JSON: **text without control characters** -> standard output or error.

All output of the commands passes here, or through :mod:`bench_app.cli.command_console`. So no name, title, message or
file name can send an escape sequence to the terminal, and no character that the output cannot encode ends a command.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from bench_app.untrusted.visible_text import harmless_json, visible_lines


def echo(text: str) -> None:
    """Print a text to standard output."""
    click.echo(visible_lines(text))


def echo_error(text: str) -> None:
    """Print a text to standard error."""
    click.echo(visible_lines(text), err=True)


def echo_json(data: bytes) -> None:
    """Print JSON to standard output, in UTF-8 whatever the encoding of the terminal is."""
    click.echo(harmless_json(data), nl=False)


def replace_unencodable() -> None:
    """From now on, show a replacement for each character that standard output or error cannot encode."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
