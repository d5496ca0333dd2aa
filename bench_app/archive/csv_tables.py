"""Results and time series as CSV: record -> **CSV** -> spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from bench_app.archive.records import RunRecord
from bench_app.engine.result import RunResult
from bench_app.measure.arrays import Floats

MACHINE = "(machine)"


def result_csv(result: RunResult) -> str:
    """A row for each handler and listener with all its counts and percentiles."""
    return _csv(_rows(result))


def results_csv(results: Sequence[RunResult]) -> str:
    """The rows of :func:`result_csv` for each run, with the number of the run in the first column."""
    numbered = enumerate(results, start=1)
    return _csv([{"run": number, **row} for number, result in numbered for row in _rows(result)])


def _rows(result: RunResult) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name, handler in result.handlers.items():
        plain = msgspec.to_builtins(handler)
        rows.append({"handler": name, "listener": "", **_flat(plain, without=("listeners",))})
        rows += [{"handler": name, "listener": one, **_flat(counts)} for one, counts in plain["listeners"].items()]
    return rows


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def history_csv(record: RunRecord) -> str:
    """A row for each sample of each unit's time series, and of the machine's under the name *(machine)*.

    A column that a series does not have is empty.
    """
    tracks = [(key.title, series) for key, series in record.history.items()]
    if record.machine:
        tracks.append((MACHINE, record.machine))
    columns = list(dict.fromkeys(column for _, series in tracks for column in series))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["track", *columns])
    for title, series in tracks:
        arrays = {column: np.frombuffer(data, "<f8") for column, data in series.items()}
        for row in range(max((len(array) for array in arrays.values()), default=0)):
            writer.writerow([title, *(_cell(arrays.get(column), row) for column in columns)])
    return text.getvalue()


def _cell(array: Floats | None, row: int) -> str:
    if array is None or row >= len(array) or not np.isfinite(array[row]):
        return ""
    return f"{array[row]:.10g}"


def _flat(plain: dict[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in plain.items():
        if key in without:
            continue
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": number for inner, number in value.items()}
        else:
            flat[key] = value
    return flat
