"""Finished runs, kept between starts in one SQLite file: run -> **archive** -> list of runs, baseline, export."""

from __future__ import annotations

from bench_app.archive.archive import Archive
from bench_app.archive.key_figures import KeyFigures
from bench_app.archive.records import LabelledRun, RunRecord, RunSummary, Settings

__all__ = ["Archive", "KeyFigures", "LabelledRun", "RunRecord", "RunSummary", "Settings"]
