"""The options of ``run`` that write its result in formats of others: ``--html --junit --csv --markdown ...``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench_app.cli.console import echo_error
from bench_app.cli.report_command import html_option
from bench_app.cli.result_file import refuse_unwritable, write_text
from bench_app.errors import InputError

if TYPE_CHECKING:
    from bench_app.engine.result import RunResult
    from bench_app.engine.run_once import FinishedRun
    from bench_app.engine.session import Session
    from bench_app.reports.prometheus import Exporter
    from bench_app.reports.run_report import RunReport


def _file_option(name: str, help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(f"--{name}", f"{name}_file", type=click.Path(path_type=Path), metavar="FILE", help=help_text)


_OPTIONS = (
    html_option,
    _file_option("junit", "Write checks and verdict as JUnit XML, for a CI."),
    _file_option("csv", "Write a row for each handler and listener with all its counts and percentiles."),
    _file_option("markdown", "Write verdict, ledger and latencies as Markdown, for a pull request."),
    _file_option("perfetto", "Write sampled events as a trace for ui.perfetto.dev or chrome://tracing."),
    click.option(
        "--prometheus",
        "prometheus_port",
        type=click.IntRange(0, 65535),
        metavar="PORT",
        help="Serve counters, histograms and verdict on 127.0.0.1 while the run goes on; 0 chooses a port.",
    ),
)


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class Served:
    """The run while it goes on, for what watches it.

    Attributes:
        session: the session; None before it is made.
    """

    def __init__(self, exporter: Exporter | None) -> None:
        self.session: Session | None = None
        self._exporter = exporter

    def on_session(self, session: Session) -> None:
        """Take the session before it runs."""
        self.session = session
        if self._exporter is not None:
            self._exporter.follow(session)

    def finish(self, result: RunResult) -> None:
        """Take the result of the run."""
        if self._exporter is not None:
            self._exporter.finish(result)


@dataclass(frozen=True)
class RunOutputs:
    """Where the result goes besides terminal and JSON; None for a format that was not asked for."""

    html: Path | None = None
    junit: Path | None = None
    csv: Path | None = None
    markdown: Path | None = None
    perfetto: Path | None = None
    prometheus_port: int | None = None

    @property
    def needs_series(self) -> bool:
        """Whether the session must keep time series."""
        return self.html is not None

    def refuse_unwritable(self) -> None:
        """Raise InputError if a file cannot be written, or if two of them are the same. Call it before the run."""
        files = [file for file in (self.html, self.junit, self.csv, self.markdown, self.perfetto) if file is not None]
        for file in files:
            if file == Path("-"):
                raise InputError("only --json can be written to standard output")
            refuse_unwritable(file)
        if len({file.absolute() for file in files}) < len(files):
            raise InputError("two outputs have the same file")

    @contextmanager
    def served(self) -> Iterator[Served]:
        """Serve what is to be scraped, from before the run until after it. Raises InputError if that fails."""
        if self.prometheus_port is None:
            yield Served(None)
            return
        # Imported here, because the package is an extra.
        try:
            from bench_app.reports.prometheus import Exporter
        except ImportError:
            raise InputError(
                '--prometheus needs the package prometheus-client (pip install "zmq-bench[prometheus]" installs it)'
            ) from None
        with Exporter(self.prometheus_port) as exporter:
            echo_error(f"metrics at {exporter.url}")
            yield Served(exporter)

    def write(self, finished: FinishedRun, session: Session | None) -> None:
        """Write every file. Raises BenchError if that fails."""
        # Imported here, so that a run without them does not load them.
        result = finished.result
        if self.html is not None:
            from bench_app.reports.report import run_page
            from bench_app.reports.run_report import report_of

            write_text(run_page(report_of(finished)), self.html)
        if self.junit is not None:
            from bench_app.reports.junit import junit_xml

            write_text(junit_xml(result), self.junit)
        if self.csv is not None:
            from bench_app.archive.csv_tables import result_csv

            write_text(result_csv(result), self.csv)
        if self.markdown is not None:
            from bench_app.reports.markdown import run_markdown

            write_text(run_markdown(result), self.markdown)
        if self.perfetto is not None:
            write_trace(session, self.perfetto)

    def write_repeated(self, runs: Sequence[RunReport], results: Sequence[RunResult]) -> None:
        """Write every file with all runs. ``runs``: what is known of the first ones. Raises BenchError."""
        if self.html is not None:
            from bench_app.reports.page import page
            from bench_app.reports.repeat_report import repeat_sections

            title = results[0].preset if results else "no run"
            write_text(page(f"{title}: {len(results):,} runs", repeat_sections(runs, results)), self.html)
        if self.junit is not None:
            from bench_app.reports.junit import junit_xml

            write_text(junit_xml(*results), self.junit)
        if self.csv is not None:
            from bench_app.archive.csv_tables import results_csv

            write_text(results_csv(results), self.csv)
        if self.markdown is not None:
            from bench_app.reports.markdown import run_markdown

            write_text("\n".join(map(run_markdown, results)), self.markdown)


def write_trace(session: Session | None, file: Path) -> None:
    """Write the trace of a session's sampled events. Raises BenchError if that fails."""
    if session is not None:
        # Imported here, so that a run without it does not load it.
        from bench_app.reports.perfetto import trace_json

        write_text(trace_json(session), file)


NO_OUTPUTS = RunOutputs()
