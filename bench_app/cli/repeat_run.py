"""``zmq-bench run --repeat N``: a preset N times -> verdict of each run, spread of the percentiles, exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from bench_app.cli.exit_codes import EXIT_CODES, EXIT_INTERRUPTED
from bench_app.cli.live_table import print_explanation, verdict_line
from bench_app.cli.result_file import write_json
from bench_app.cli.run_outputs import NO_OUTPUTS, RunOutputs, Served, write_trace
from bench_app.cli.spread_table import DOUBTFUL, print_spread
from bench_app.cli.terminal_run import interrupt_on_second, open_console, run_to_end, write_histograms
from bench_app.comparison.result_files import REPEAT_FORMAT
from bench_app.data_plane.choice import AS_INSTALLED, PlaneChoice
from bench_app.engine.result import Outcome, RunResult
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.spread import Spread, spread_of
from bench_app.preset.documents import Document
from bench_app.recording.recorder import RecordOptions
from bench_app.reports.repeat_report import MOST_RUNS
from bench_app.reports.run_report import RunReport, report_of
from bench_app.system.signals import CaughtSignals

_ENDINGS = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "failed",
    Outcome.INVALID: "invalid",
    Outcome.INTERRUPTED: "interrupted",
}


class RepeatResult(msgspec.Struct, frozen=True, kw_only=True):
    """What ``--json`` writes: the whole result of each run, and the spread of their percentiles."""

    format: str = REPEAT_FORMAT
    runs: list[RunResult]
    spread: list[Spread]


@dataclass(frozen=True)
class _FilesOfRuns:
    """What each run has a file of its own for; None for what is not wanted."""

    hdr: Path | None
    record: RecordOptions | None
    trace: Path | None

    def of_run(self, number: int) -> _FilesOfRuns:
        """The files of one run, with its number in their names."""
        record = self.record
        if record is not None:
            record = msgspec.structs.replace(record, path=numbered(record.path, number))
        hdr, trace = (None if file is None else numbered(file, number) for file in (self.hdr, self.trace))
        return _FilesOfRuns(hdr, record, trace)


def numbered(file: Path, number: int) -> Path:
    """A file name with the number of a run before its ending: ``trace.json`` becomes ``trace-2.json``."""
    return file.with_name(f"{file.stem}-{number}{file.suffix}")


@dataclass
class RepeatedRuns:
    """The runs so far.

    Attributes:
        planned: how many runs were asked for.
        results: the result of each finished run, in their order.
        outcomes: how each of them ended.
        interrupted: whether a user ended the repetition.
        keeps_reports: whether a page of the runs is wanted.
        reports: what the page shows of the first runs, one by one.
    """

    planned: int
    results: list[RunResult] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    interrupted: bool = False
    keeps_reports: bool = False
    reports: list[RunReport] = field(default_factory=list)

    @property
    def wants_report(self) -> bool:
        """Whether the next run is one of those that the page shows one by one."""
        return self.keeps_reports and len(self.reports) < MOST_RUNS

    def add(self, finished: FinishedRun) -> None:
        """Keep the result of a finished run. Its histograms are not kept: a thousand runs would fill the memory."""
        if self.wants_report:
            self.reports.append(report_of(finished))
        self.results.append(finished.result)
        self.outcomes.append(finished.outcome)
        self.interrupted = finished.interrupted

    @property
    def exit_code(self) -> int:
        """The exit code of the worst run, or of an interruption."""
        if self.interrupted:
            return EXIT_INTERRUPTED
        return max(EXIT_CODES[result.verdict] for result in self.results)


def run_repeatedly(
    document: Document,
    count: int,
    json_file: Path | None,
    hdr_file: Path | None,
    quiet: bool,
    choice: PlaneChoice = AS_INSTALLED,
    outputs: RunOutputs = NO_OUTPUTS,
    record: RecordOptions | None = None,
) -> None:
    """Run the document ``count`` times, then write and print verdicts and spread. Ends the process.

    The runs so far are written and printed, too, when a user interrupts the repetition or when a run cannot work.
    ``outputs``: files in other formats, each with all runs. Histograms, recordings and traces have a file for each run,
    with its number in the name.
    """
    console = open_console(document, json_file, hdr_file)
    outputs.refuse_unwritable()
    runs = RepeatedRuns(count, keeps_reports=outputs.needs_series)
    files = _FilesOfRuns(hdr_file, record, outputs.perfetto)
    with CaughtSignals() as caught, outputs.served() as served:
        try:
            _run_all(document, runs, console, files, quiet, choice, caught, served)
        finally:
            caught.pass_to(interrupt_on_second())
            # Without a run there is nothing to write, only the error that ended it.
            if runs.results or runs.interrupted:
                _finish(runs, console, json_file, quiet, outputs)
        caught.ignore_rest()
    raise SystemExit(runs.exit_code)


def _run_all(
    document: Document,
    runs: RepeatedRuns,
    console: Console,
    files: _FilesOfRuns,
    quiet: bool,
    choice: PlaneChoice,
    caught: CaughtSignals,
    served: Served,
) -> None:
    while len(runs.results) < runs.planned and not runs.interrupted:
        if caught.waiting:
            # It came between two runs.
            runs.interrupted = True
            return
        number = len(runs.results) + 1
        if not quiet:
            console.print(Text(f"run {number:,} of {runs.planned:,}", style="bold"))
        own = files if runs.planned == 1 else files.of_run(number)
        finished = run_to_end(
            document,
            console,
            quiet,
            choice,
            caught,
            own.record,
            keep_series=runs.wants_report,
            on_session=served.on_session,
        )
        served.finish(finished.result)
        runs.add(finished)
        if own.hdr is not None:
            write_histograms(finished, own.hdr)
        if own.trace is not None:
            write_trace(served.session, own.trace)


def _finish(runs: RepeatedRuns, console: Console, json_file: Path | None, quiet: bool, outputs: RunOutputs) -> None:
    """Write the files, then print. The runs are printed even if a file cannot be written."""
    spread = spread_of(runs.results)
    try:
        write_json(repeat_json(runs.results, spread), json_file)
        outputs.write_repeated(runs.reports, runs.results)
    finally:
        print_runs(console, runs, spread, quiet)


def repeat_json(results: list[RunResult], spread: list[Spread]) -> bytes:
    """The bytes of the file of ``--json``."""
    return msgspec.json.format(msgspec.json.encode(RepeatResult(runs=results, spread=spread)), indent=2) + b"\n"


def print_runs(console: Console, runs: RepeatedRuns, spread: list[Spread], quiet: bool) -> None:
    """Print each run's verdict, the spread, and a line for all runs. ``quiet`` omits reasons, notes and spread."""
    for number, (result, outcome) in enumerate(zip(runs.results, runs.outcomes, strict=True), start=1):
        console.print(Text.assemble(f"run {number:,}  ", verdict_line(result, outcome)), soft_wrap=True)
        if not quiet:
            print_explanation(console, result)
    if not quiet:
        print_spread(console, spread, len(runs.results))
    console.print(Text(format_whole(runs, spread)), soft_wrap=True)


def format_whole(runs: RepeatedRuns, spread: list[Spread]) -> str:
    """How many runs ended how, and how many figures cannot be relied on."""
    made, planned = len(runs.results), runs.planned
    of_planned = f"{made:,} of {planned:,}" if made < planned else f"{planned:,}"
    endings = ", ".join(f"{number:,} {_ENDINGS[outcome]}" for outcome, number in Counter(runs.outcomes).items())
    text = f"{of_planned} run{'s' * (planned != 1)}{f': {endings}' if endings else ''}"
    doubtful = sum(one.is_doubtful for one in spread)
    if doubtful:
        text += f"; {doubtful:,} of {len(spread):,} figures differ by more than themselves ({DOUBTFUL})"
    return text
