"""What the commands of the lab share: their options, their document, and the lines of progress."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.status import Status
from rich.text import Text

from bench_app.cli.console import echo_error
from bench_app.data_plane.choice import PlaneChoice, PlaneName, usable_libzmq
from bench_app.model.json_path import parse_assignment
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.untrusted.visible_text import visible

if TYPE_CHECKING:
    from bench_app.lab.journal import Journal

_SETTINGS = (
    click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="PATH=VALUE",
        help="Set any value of the preset (`zmq-bench schema` lists them); may be repeated.",
    ),
    click.option(
        "--plane",
        type=click.Choice(["compiled", "python"]),
        help="Run the loops compiled, or in Python.  [default: compiled where that is possible]",
    ),
    click.option(
        "--libzmq", type=click.Path(path_type=Path), metavar="FILE", help="Run the workers on another libzmq."
    ),
    click.option(
        "--resume",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Keep each trial in FILE. The same command with the same FILE goes on where it was, also after a crash.",
    ),
    click.option(
        "--keep-runs",
        "keeps_runs",
        is_flag=True,
        help="With --resume: keep each run with its curves, as a file (.zmqrun) in the folder FILE.runs.",
    ),
    click.option("--quiet", is_flag=True, help="Print only the result, without progress."),
)


@dataclass(frozen=True)
class TrialOptions:
    """The values of the options of a command that runs many trials.

    Attributes:
        assignments: the values of ``--set``.
        choice: the data plane and the libzmq of all trials.
        resume: the file of the journal; None without one.
        keeps_runs: whether each run is kept with its curves.
        quiet: whether only the result is printed.
    """

    assignments: tuple[str, ...]
    choice: PlaneChoice
    resume: Path | None
    keeps_runs: bool
    quiet: bool

    def document(self, preset: str) -> Document:
        """The preset with the values of ``--set``, after its notes on standard error."""
        return load_document(preset, self.assignments)

    def journal(self, command: str, inputs: Mapping[str, Any]) -> Journal:
        """The journal of a command. Raises InputError if the file is of another one, or of other ``inputs``."""
        # Imported here, so that the other commands start without it.
        from bench_app.lab.journal import Journal

        return Journal(self.resume, command, {**inputs, "plane": str(self.choice)}, self.keeps_runs)


def trial_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that runs many trials, which get their values as ``trials``, a TrialOptions."""

    @functools.wraps(command)
    def gathered(
        *given: Any,
        assignments: tuple[str, ...],
        plane: PlaneName | None,
        libzmq: Path | None,
        resume: Path | None,
        keeps_runs: bool,
        quiet: bool,
        **others: Any,
    ) -> Any:
        if keeps_runs and resume is None:
            raise click.UsageError("--keep-runs needs --resume FILE, beside which the runs are kept")
        choice = PlaneChoice(plane, None if libzmq is None else usable_libzmq(libzmq))
        return command(*given, trials=TrialOptions(assignments, choice, resume, keeps_runs, quiet), **others)

    for option in reversed(_SETTINGS):
        gathered = option(gathered)
    return gathered


def load_document(preset: str, assignments: tuple[str, ...]) -> Document:
    """The preset with the values of ``--set``, after its notes on standard error."""
    document = documents.load(preset)
    if assignments:
        document = documents.replace_all(document, [parse_assignment(text) for text in assignments])
    for note in document.notes:
        echo_error(f"note: {visible(str(note))}")
    return document


class TrialProgress:
    """Shows what a long work does: a line for each trial, and what is left. A context."""

    def __init__(self, console: Console, quiet: bool) -> None:
        self._console, self._quiet = console, quiet
        self._status: Status | None = None

    def __enter__(self) -> TrialProgress:
        if self._console.is_terminal and not self._quiet:
            self._status = self._console.status(Text("starting ..."))
            self._status.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._status is not None:
            self._status.stop()

    def note(self, text: str) -> None:
        """A line that stays."""
        if not self._quiet:
            self._console.print(Text(visible(text)), soft_wrap=True)

    def left(self, text: str) -> None:
        """What is left, such as *about 20 s left*. Only a terminal shows it."""
        if self._status is not None:
            self._status.update(Text(visible(text)))
