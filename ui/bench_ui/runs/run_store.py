"""Writes runs to the archive when they begin and end, and reads kept runs back for the window."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from bench_app.archive import Archive, LabelledRun, RunRecord, RunSummary, Settings
from bench_app.archive.csv_tables import history_csv, result_csv
from bench_app.archive.records import record_of, settings_of
from bench_app.engine.events import RunEvent
from bench_app.engine.result import RunResult, to_json
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.session import Session
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.errors import BenchError
from bench_app.measure.histogram import Histogram
from bench_app.measure.time_series import TimeSeries
from bench_app.system.files import write_out
from bench_ui.runs.export_kind import ExportKind
from bench_ui.runs.run_controller import RunController, StartTask

if TYPE_CHECKING:
    from bench_app.reports.side_by_side import SideBySide


@dataclass(frozen=True)
class KeptRun:
    """A run read from the archive, ready to be drawn."""

    id: int
    name: str
    record: RunRecord
    series: dict[UnitKey, TimeSeries]
    machine: TimeSeries
    histograms: dict[HistogramKey, Histogram]


class RunStore(QObject):
    """The archive as the window uses it."""

    changed = Signal(object)
    """With the summaries of all runs, each time that the list is read."""

    def __init__(self, run: RunController, start_task: StartTask, file: Path) -> None:
        super().__init__(run)
        self.archive = Archive(file)
        self._run, self._start_task = run, start_task
        self._begun: dict[Session, asyncio.Task[int]] = {}
        """For each run that has not ended: the task that returns its id in the archive."""
        self._finishing: set[asyncio.Task[None]] = set()
        """The tasks that write runs that have ended."""
        self._last: int | None = None
        """The id of the run that ended last."""
        self._deleted: list[tuple[object, ...]] = []
        """The rows deleted last, for :meth:`undelete`."""
        run.started.connect(self._begin)
        run.ended.connect(self._start_finishing)
        run.failed.connect(lambda session: start_task(self._give_up(session), "archive-give-up"))

    def use(self, file: Path) -> None:
        """Keep runs in another file from now on. No run may be under way; those kept so far stay where they are."""
        assert not self._run.running
        self.archive = Archive(file)
        self._deleted = []
        self.refresh()

    def _begin(self) -> None:
        session = self._run.session
        assert session is not None
        work = asyncio.to_thread(self._write_beginning, session)
        self._begun[session] = self._start_task(work, "archive-begin")

    def _write_beginning(self, session: Session) -> int:
        started = session.started_at.astimezone().isoformat(timespec="seconds")
        return self.archive.begin(settings_of(session.document), session.document.preset.bench.title, started)

    def _start_finishing(self, session: Session, finished: FinishedRun) -> None:
        task = self._start_task(self._finish(session, finished), "archive-finish")
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _finish(self, session: Session, finished: FinishedRun) -> None:
        try:
            run = await self._begun[session]
        except BenchError:
            # The user saw this error when the run began. Write both parts now: the archive may be usable again.
            run = None
        finally:
            del self._begun[session]
        self._last = await asyncio.to_thread(self._write, run, session, finished)
        await self._refresh()

    async def _give_up(self, session: Session) -> None:
        """The run failed, and the user has seen the error. Its settings stay in the archive."""
        begun = self._begun.pop(session)
        await asyncio.wait({begun})
        if begun.exception() is None:
            self.archive.give_up(begun.result())
        await self._refresh()

    def _write(self, run: int | None, session: Session, finished: FinishedRun) -> int:
        record = record_of(finished)
        if run is None:
            run = self._write_beginning(session)
        self.archive.finish(run, record, finished.interrupted)
        return run

    async def flush(self) -> None:
        """Wait until every run is on disk."""
        while due := {task for task in (*self._begun.values(), *self._finishing) if not task.done()}:
            await asyncio.wait(due)

    def refresh(self) -> None:
        """Read the list of runs again."""
        self._start_task(self._refresh(), "archive-list")

    async def _refresh(self) -> None:
        self.changed.emit(await asyncio.to_thread(self.archive.summaries))

    async def load(self, run: int) -> KeptRun:
        """Read a kept run with its time series and histograms."""
        return await asyncio.to_thread(self._load, run)

    def _load(self, run: int) -> KeptRun:
        record = self.archive.load(run)
        histograms = {}
        for key, delta in record.histograms.items():
            histograms[key] = Histogram()
            histograms[key].merge(delta)
        series = {unit: TimeSeries.from_bytes(columns) for unit, columns in record.history.items()}
        summary = summary_of(self.archive.summaries(), run)
        name = record.settings.preset_name if summary is None else summary.name
        return KeptRun(run, name, record, series, TimeSeries.from_bytes(record.machine), histograms)

    async def export(self, run: int, kind: ExportKind, file: Path) -> None:
        """Write a kept run to a file."""
        labelled = await asyncio.to_thread(self.archive.labelled, run)
        try:
            await asyncio.to_thread(lambda: write_out(file, _exported(labelled, kind)))
        except OSError as error:
            raise BenchError(f"{file} could not be written: {error.strerror or error}") from error

    async def add_event(self, run: int, event: RunEvent) -> None:
        """Add an event to a kept run: a note that the user wrote after its end."""
        await asyncio.to_thread(self.archive.add_event, run, event)

    async def add_event_to_last(self, event: RunEvent) -> None:
        """Add an event to the run that ended last, once its record is written."""
        await self.flush()
        if self._last is not None:
            await self.add_event(self._last, event)

    async def replace_result(self, run: int | None, result: RunResult) -> int | None:
        """Replace the result of a kept run, or of the run that ended last. Returns its id; None if it is not kept."""
        if run is None:
            await self.flush()
            run = self._last
        if run is not None:
            await asyncio.to_thread(self.archive.replace_result, run, result)
            await self._refresh()
        return run

    async def delete(self, runs: list[int]) -> None:
        """Delete runs; :meth:`undelete` brings back the runs of the last call."""
        if rows := await asyncio.to_thread(self.archive.delete, runs):
            self._deleted = rows
        await self._refresh()

    async def undelete(self) -> None:
        """Bring back the runs deleted last."""
        rows, self._deleted = self._deleted, []
        await asyncio.to_thread(self.archive.undelete, rows)
        await self._refresh()

    @property
    def can_undelete(self) -> bool:
        """True if :meth:`undelete` has something to bring back."""
        return bool(self._deleted)

    async def rename(self, run: int, name: str) -> None:
        """Rename a run."""
        await asyncio.to_thread(self.archive.rename, run, name)
        await self._refresh()

    async def set_note(self, run: int, note: str) -> None:
        """Replace the note on a run."""
        await asyncio.to_thread(self.archive.set_note, run, note)
        await self._refresh()

    async def set_tags(self, run: int, tags: Sequence[str]) -> None:
        """Replace the tags of a run."""
        await asyncio.to_thread(self.archive.set_tags, run, tags)
        await self._refresh()

    async def put_work(self, work: str, settings: Settings, name: str, started_at: str, state: str) -> None:
        """Add a work of the lab to the list, or change its state."""
        await asyncio.to_thread(self.archive.put_work, work, settings, name, started_at, state)
        await self._refresh()

    async def take_in(self, file: Path) -> int:
        """Add the run of a run file to the archive. Returns its id."""
        # Imported here, so that the window starts without it.
        from bench_app.archive.run_file import read_run_file

        run = await asyncio.to_thread(lambda: self.archive.take_in(read_run_file(file)))
        await self._refresh()
        return run

    async def side_by_side(self, runs: Sequence[int]) -> SideBySide:
        """Compare kept runs, the first of them as side A."""
        # Imported here, so that the window starts without it.
        from bench_app.reports.kept_run import side_run_of_kept
        from bench_app.reports.side_by_side import put_side_by_side

        def compare() -> SideBySide:
            return put_side_by_side([side_run_of_kept(self.archive.labelled(run)) for run in runs])

        return await asyncio.to_thread(compare)

    async def set_baseline(self, run: int | None) -> KeptRun | None:
        """Make a run the baseline; None removes the baseline. Returns the baseline."""
        await asyncio.to_thread(self.archive.set_baseline, run)
        await self._refresh()
        return None if run is None else await self.load(run)

    async def baseline(self) -> KeptRun | None:
        """Read the run that is the baseline in the archive; None if there is none."""
        run = await asyncio.to_thread(self.archive.baseline)
        return None if run is None else await self.load(run)


def _exported(run: LabelledRun, kind: ExportKind) -> bytes:
    # Imported here, so that the window starts without them.
    from bench_app.archive.run_file import run_file_bytes
    from bench_app.reports.junit import junit_xml
    from bench_app.reports.kept_run import report_of_kept
    from bench_app.reports.markdown import run_markdown
    from bench_app.reports.report import run_page

    record = run.record
    match kind:
        case ExportKind.REPORT:
            return run_page(report_of_kept(run)).encode(errors="replace")
        case ExportKind.RUN_FILE:
            return run_file_bytes(run)
        case ExportKind.MARKDOWN:
            return run_markdown(record.result).encode(errors="replace")
        case ExportKind.JUNIT:
            return junit_xml(record.result).encode(errors="replace")
        case ExportKind.RESULT_JSON:
            return to_json(record.result)
        case ExportKind.RESULT_CSV:
            return result_csv(record.result).encode()
        case ExportKind.HISTORY_CSV:
            return history_csv(record).encode()


def summary_of(summaries: list[RunSummary], run: int) -> RunSummary | None:
    """The summary of one run; None if the run is gone."""
    return next((summary for summary in summaries if summary.id == run), None)
