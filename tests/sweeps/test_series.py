from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import pytest

from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine.result import RunResult
from bench_app.lab.journal import Journal
from bench_app.lab.laboratory import StoppedError
from bench_app.sweeps.axes import Setting
from bench_app.sweeps.series import PlannedTrial
from tests.comparison.results import handler, result
from tests.sweeps.fake_runs import FakeRuns, latency_of_threads, series


def trial(threads: int) -> PlannedTrial:
    return PlannedTrial(str(threads), f"{threads} threads", Setting((("bench.io_threads", threads),), PlaneChoice()))


def test_an_invalid_trial_is_tried_once_more_at_the_end() -> None:
    tries = {1: ["pass"], 2: ["invalid", "fail"], 3: ["invalid", "invalid"], 4: ["pass"]}
    order: list[int] = []

    def run(setting: Setting) -> RunResult:
        threads = dict(setting.assignments)["bench.io_threads"]
        order.append(threads)
        verdict = tries[threads].pop(0)
        return result(verdict, ("busy",))  # type: ignore[arg-type]

    told: list[str] = []
    results = series(FakeRuns(run), told=told).run_all([trial(number) for number in (1, 2, 3, 4)])
    assert order == [1, 2, 3, 4, 2, 3]
    assert [one.verdict for one in results] == ["pass", "fail", "invalid", "pass"]
    assert told[1] == "2 of 4: 2 threads: invalid (busy)"
    assert told[-1] == "again 2 of 2: 3 threads: invalid (busy)"


@pytest.mark.parametrize("stop_after", range(6))
def test_a_series_that_ended_goes_on_where_it_was(tmp_path: Path, stop_after: int) -> None:
    file = tmp_path / "series.jsonl"
    trials = [trial(number) for number in (1, 2, 1, 3, 1)]
    whole = series(FakeRuns(latency_of_threads)).run_all(trials)
    first = FakeRuns(latency_of_threads, stop_after)
    journal = Journal(file, "test", {})
    with contextlib.suppress(StoppedError):
        series(first, journal).run_all(trials)
    journal.close()
    if stop_after < len(trials):
        # What a SIGKILL in the middle of writing leaves.
        with file.open("ab") as half:
            half.write(b'{"key": "1", "val')
    second = FakeRuns(latency_of_threads)
    journal = Journal(file, "test", {})
    assert series(second, journal).run_all(trials) == whole
    journal.close()
    assert len(first.made) + len(second.made) == len(trials)


def test_a_repeated_series_tries_what_measured_nothing_or_stayed_invalid(tmp_path: Path) -> None:
    broken = result("invalid", ("a port is in use",), pub=msgspec.structs.replace(handler(), offered=0))
    busy, good = result("invalid", ("busy",)), result()

    def repeated(*made: RunResult) -> list[RunResult]:
        waiting = list(made)
        journal = Journal(tmp_path / "series.jsonl", "test", {})
        results = series(FakeRuns(lambda setting: waiting.pop(0)), journal).run_all([trial(1), trial(2)])
        journal.close()
        assert not waiting
        return results

    assert repeated(broken, good, broken) == [broken, good]
    # The first of two comes once more under its own key, and again at the end.
    assert repeated(busy, busy) == [busy, good]
    assert repeated(good) == [good, good]
    assert repeated() == [good, good]
