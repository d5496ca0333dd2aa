"""Where commands print: lines and tables -> **text without control characters** -> standard output or error.

All output of the commands passes here. So no name, title, message or file name can send an escape sequence to the
terminal, and no character that the output cannot encode ends a command.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from typing import Any

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from bench_app.untrusted.visible_text import harmless_json, visible_lines


class CommandConsole(Console):
    """A rich console that shows control characters as escapes and takes no text for markup.

    It raises BrokenPipeError when the reader of its output (`| head`) is gone. rich itself would end the process with
    exit code 1, which means "a check failed" in this program.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of a renderable, with harmless text. rich's own control codes stay."""
        return _harmless(super().render(renderable, options))

    def on_broken_pipe(self) -> None:
        """Raise instead of exiting."""
        raise BrokenPipeError


def _harmless(segments: Iterable[Segment]) -> Iterator[Segment]:
    for segment in segments:
        yield segment if segment.control else Segment(visible_lines(segment.text), segment.style)


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
