"""A kept run for a report: record of the archive -> **report of the run, run of a comparison**."""

from __future__ import annotations

from bench_app.archive.records import LabelledRun, RunRecord
from bench_app.errors import BenchError
from bench_app.measure.time_series import TimeSeries
from bench_app.model import Preset
from bench_app.preset import documents
from bench_app.reports.run_report import RunReport
from bench_app.reports.side_by_side import SideRun


def report_of_kept(run: LabelledRun) -> RunReport:
    """Everything that is known of a kept run, as a report shows it."""
    record = run.record
    title = f"{run.title or run.name}" if run.name == record.settings.preset_name else run.name
    series = {unit: TimeSeries.from_bytes(columns) for unit, columns in record.history.items()}
    machine = TimeSeries.from_bytes(record.machine)
    return RunReport(record.result, preset_of(record), title, series, machine, record.events)


def side_run_of_kept(run: LabelledRun) -> SideRun:
    """A kept run as one of a comparison."""
    series = {unit: TimeSeries.from_bytes(columns) for unit, columns in run.record.history.items()}
    return SideRun(run.name, run.record.result, preset_of(run.record), series)


def preset_of(record: RunRecord) -> Preset | None:
    """The settings of a kept run; None if this version of the bench does not know them any more."""
    settings = record.settings
    try:
        return documents.parse(settings.preset, settings.preset_name, settings.base_dir).preset
    except BenchError:
        return None
