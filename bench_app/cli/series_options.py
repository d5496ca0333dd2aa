"""What ``sweep`` and ``ab`` share: the preset with its length, the journal, the progress of a series."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from bench_app.cli.console import echo_error
from bench_app.cli.exit_codes import EXIT_INTERRUPTED
from bench_app.cli.lab_options import TrialOptions, TrialProgress
from bench_app.cli.time_left import format_left
from bench_app.preset import documents
from bench_app.preset.defaults import listener_names, listeners_of
from bench_app.preset.documents import Document
from bench_app.system.signals import CaughtSignals

if TYPE_CHECKING:
    from bench_app.sweeps.series import Series

duration_option = click.option(
    "--duration", type=float, metavar="S", help="Offer events for S seconds in each run.  [default: the preset's]"
)
seed_option = click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, metavar="N", help="Draw the order of the runs by N."
)


def load_for_series(preset: str, trials: TrialOptions, duration: float | None) -> Document:
    """The preset with the values of ``--set`` and ``--duration``."""
    document = trials.document(preset)
    return document if duration is None else documents.replace(document, "bench.duration_s", duration)


def check_metrics(document: Document, metrics: Sequence[str]) -> None:
    """Raise InputError if a metric, or its scope, does not exist in runs of a document. Call it before the runs."""
    from bench_app.comparison.metric_values import parse_metric

    preset = document.preset
    known = {
        name: listener_names(listeners_of(preset, name), handler.config.socket_type)
        for name, handler in preset.output.handlers.items()
        if handler.enabled
    }
    for metric in metrics:
        parse_metric(metric, known)


@contextmanager
def open_series(
    document: Document, console: Console, trials: TrialOptions, command: str, inputs: Mapping[str, Any]
) -> Iterator[Series]:
    """A series with journal, progress and signals. Ends the process with 130 if a user interrupts it."""
    # Imported here, so that the other commands start without the engine.
    from bench_app.lab.laboratory import StoppedError
    from bench_app.sweeps.series import Series

    journal = trials.journal(command, {"preset": document.raw, **inputs})
    try:
        with CaughtSignals() as caught, TrialProgress(console, trials.quiet) as progress:
            yield Series(
                document,
                journal,
                caught=caught,
                on_progress=progress.note,
                on_left=_teller(progress, console, trials.quiet),
            )
            caught.ignore_rest()
    except StoppedError:
        where = (
            f"; the same command goes on from {trials.resume}"
            if trials.resume is not None
            else "; nothing was kept (--resume)"
        )
        echo_error(f"interrupted{where}")
        raise SystemExit(EXIT_INTERRUPTED) from None
    finally:
        journal.close()


def _teller(progress: TrialProgress, console: Console, quiet: bool) -> Callable[[float], None]:
    """A function that shows what is left: in place on a terminal, elsewhere as one line at the beginning."""
    told = False

    def tell(seconds: float) -> None:
        nonlocal told
        if console.is_terminal:
            progress.left(format_left(seconds))
        elif not told and not quiet:
            progress.note(format_left(seconds))
        told = True

    return tell
