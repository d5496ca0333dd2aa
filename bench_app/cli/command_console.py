"""The console of tables and live displays: rich -> **harmless text** -> standard output or error.

Apart from :mod:`bench_app.cli.console`: rich takes a moment to load, and commands that print lines do not need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from bench_app.untrusted.visible_text import visible_lines


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

    def render_str(self, text: str, **options: Any) -> Text:
        """The text as rich shows it. Here, because rich removes some control characters, such as the bell."""
        return super().render_str(visible_lines(text), **options)

    def on_broken_pipe(self) -> None:
        """Raise instead of exiting."""
        raise BrokenPipeError


def _harmless(segments: Iterable[Segment]) -> Iterator[Segment]:
    for segment in segments:
        yield segment if segment.control else Segment(visible_lines(segment.text), segment.style)
