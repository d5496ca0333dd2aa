"""The line about the machine below the tables of a run."""

from __future__ import annotations

import msgspec
import pytest

from bench_app.cli.machine_line import machine_line
from bench_app.engine.result import RunResult, StallSummary, WorkerResult
from tests.cli.results import handler, listener, result


def worker(stall_us: float, *units: str) -> WorkerResult:
    return WorkerResult(
        units=list(units),
        cpu_s=1.0,
        run_wait_s=None,
        stall_us=StallSummary(10.0, 20.0, stall_us),
        rss_mb=None,
        switches_voluntary=None,
        switches_involuntary=None,
        page_faults=None,
        per_second=[],
    )


def measured(workers: dict[str, WorkerResult] | None = None, **machine: float) -> RunResult:
    run = result(handler({"one": listener()}))
    return msgspec.structs.replace(
        run, machine=msgspec.structs.replace(run.machine, **machine), workers={} if workers is None else workers
    )


def test_a_run_on_a_quiet_machine_has_no_line() -> None:
    assert machine_line(measured()) == "", "a result of a former version"
    quiet = measured({"worker-1": worker(900, "pub")}, cpu_pressure_pct=2.0, steal_pct=0.1, throttled_ms=0.0)
    assert machine_line(quiet) == ""


def test_the_line_has_all_figures_and_the_worker_that_stalled_longest() -> None:
    workers = {"worker-1": worker(4_000, "pub"), "worker-2": worker(1_120_000, "pub/one", "push/two")}
    run = measured(workers, cpu_pressure_pct=97.4, steal_pct=0.42, throttled_ms=120.0)
    assert machine_line(run) == (
        "machine: cpu pressure 97 %; steal 0.4 %; throttled 120.0 ms; "
        "longest stall 1.12 s, worker-2 (pub/one, push/two)"
    )


@pytest.mark.parametrize(
    ("notable", "line"),
    [
        ({"cpu_pressure_pct": 50.0}, "machine: cpu pressure 50 %"),
        ({"steal_pct": 3.0}, "machine: steal 3.0 %"),
        ({"throttled_ms": 0.5}, "machine: throttled 500 us"),
    ],
)
def test_one_notable_figure_is_enough_and_unknown_ones_are_left_out(notable: dict[str, float], line: str) -> None:
    assert machine_line(measured(None, **notable)) == line


def test_of_many_units_the_first_ones_are_named() -> None:
    run = measured({"worker-1": worker(5_000, *"abcde")})
    assert machine_line(run) == "machine: longest stall 5.0 ms, worker-1 (a, b, c and 2 more)"
