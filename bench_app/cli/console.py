"""The console on which commands print their tables."""

from __future__ import annotations

from rich.console import Console


class CommandConsole(Console):
    """A rich console that raises BrokenPipeError when the reader of its output (`| head`) is gone.

    rich itself would end the process with exit code 1, which means "a check failed" in this program.
    """

    def on_broken_pipe(self) -> None:
        """Raise instead of exiting."""
        raise BrokenPipeError
