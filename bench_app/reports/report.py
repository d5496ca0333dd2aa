"""One page from results of any command: files -> **report** -> HTML file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench_app.comparison.comparison import FORMAT as AB_FORMAT
from bench_app.comparison.comparison import Comparison, compare_groups
from bench_app.comparison.metric_values import metric_values
from bench_app.comparison.result_files import REPEAT_FORMAT, read_json_file
from bench_app.engine.result import FORMAT as RUN_FORMAT
from bench_app.engine.result import RunResult
from bench_app.errors import InputError
from bench_app.lab.card import FORMAT as CARD_FORMAT
from bench_app.lab.card import Card
from bench_app.lab.find import FORMAT as FIND_FORMAT
from bench_app.lab.find import FindResult
from bench_app.lab.hwm import FORMAT as HWM_FORMAT
from bench_app.lab.hwm import HwmResult
from bench_app.reports.page import page
from bench_app.reports.repeat_report import repeat_sections
from bench_app.reports.run_report import RunReport, run_sections
from bench_app.reports.study_report import (
    card_sections,
    comparison_sections,
    find_sections,
    hwm_sections,
    plain_sections,
    sweep_sections,
)
from bench_app.sweeps.sweep import FORMAT as SWEEP_FORMAT
from bench_app.sweeps.sweep import SweepResult
from bench_app.untrusted.visible_text import visible


def report_of_files(files: Sequence[Path]) -> str:
    """One page from the results in files. Two files of runs are compared as well. Raises InputError."""
    plain = [read_json_file(file) for file in files]
    sections = [part for one, file in zip(plain, files, strict=True) for part in sections_of(one, file)]
    runs = [_runs_of(one) for one in plain]
    if len(runs) == 2 and all(runs):
        a, b = ([metric_values(run) for run in side] for side in runs)
        sections += comparison_sections(compare_groups(a, b), f"{files[0].name} and {files[1].name}")
    return page(", ".join(file.stem for file in files), sections)


def sections_of(plain: Any, file: Path) -> list[str]:
    """The sections of one result as plain JSON. Raises InputError if it is none; ``file`` is for the message."""
    found = plain.get("format") if isinstance(plain, dict) else None
    if not isinstance(found, str) or not found.startswith("zmq-bench-"):
        raise InputError(f"{file} is no result of zmq-bench: it has no format")
    try:
        return _SECTIONS.get(found, plain_sections)(plain)
    except msgspec.ValidationError as error:
        raise InputError(f"{file} is no {visible(found)}: {visible(str(error))}") from error


def run_page(run: RunReport) -> str:
    """The page of one run."""
    return page(f"{run.title or run.result.preset}: {run.result.verdict}", run_sections(run))


def _run(plain: dict[str, Any]) -> list[str]:
    return run_sections(RunReport(msgspec.convert(plain, RunResult)))


def _repeated(plain: dict[str, Any]) -> list[str]:
    results = msgspec.convert(plain.get("runs"), list[RunResult])
    return repeat_sections([RunReport(result) for result in results], results)


def _runs_of(plain: Any) -> list[RunResult]:
    if plain.get("format") == RUN_FORMAT:
        return [msgspec.convert(plain, RunResult)]
    if plain.get("format") == REPEAT_FORMAT:
        return msgspec.convert(plain["runs"], list[RunResult])
    return []


_SECTIONS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    RUN_FORMAT: _run,
    REPEAT_FORMAT: _repeated,
    AB_FORMAT: lambda plain: comparison_sections(msgspec.convert(plain, Comparison)),
    SWEEP_FORMAT: lambda plain: sweep_sections(msgspec.convert(plain, SweepResult)),
    FIND_FORMAT: lambda plain: find_sections(msgspec.convert(plain, FindResult)),
    CARD_FORMAT: lambda plain: card_sections(msgspec.convert(plain, Card)),
    HWM_FORMAT: lambda plain: hwm_sections(msgspec.convert(plain, HwmResult)),
}
