"""The options of commands that record messages: ``--record``, ``--record-size``, ``--record-every``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from bench_app.recording.recorder import RecordOptions

_Command = TypeVar("_Command", bound=Callable[..., Any])
_BYTES_PER_MB = 1_000_000


def record_options(command: _Command) -> _Command:
    """Add the options to a command."""
    options = (
        click.option(
            "--record",
            "record_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write every received message to FILE: JSON Lines, or MCAP if its name ends in .mcap.",
        ),
        click.option(
            "--record-size",
            type=click.FloatRange(min=0.001),
            metavar="MB",
            help="Continue in another file after this many megabytes.",
        ),
        click.option(
            "--record-every",
            type=click.FloatRange(min=0.1),
            metavar="S",
            help="Continue in another file after this many seconds.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def record_options_of(file: Path | None, size_mb: float | None, every_s: float | None) -> RecordOptions | None:
    """What the user wants to have recorded; None for nothing. Raises ``click.UsageError``."""
    if file is None:
        if size_mb is not None or every_s is not None:
            raise click.UsageError("--record-size and --record-every need --record FILE")
        return None
    # Imported here, so that the other commands start without it.
    from bench_app.recording.recorder import RecordOptions

    return RecordOptions(file, int((size_mb or 0) * _BYTES_PER_MB), every_s or 0.0)
