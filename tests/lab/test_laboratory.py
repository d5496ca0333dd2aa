"""The laboratory: runs from the journal, limits of time, and what every trial sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.engine.result import RunResult
from bench_app.lab import laboratory
from bench_app.lab.journal import Journal
from bench_app.lab.laboratory import Laboratory, StoppedError, run_valid, trial_values
from bench_app.lab.trial import with_settings
from bench_app.preset import documents
from bench_app.preset.documents import Document
from tests.cli.results import handler, listener, result
from tests.runs import preset


class Finished:
    def __init__(self, found: RunResult, interrupted: bool = False) -> None:
        self.result, self.interrupted = found, interrupted


def made(verdict: str = "pass") -> RunResult:
    return msgspec.structs.replace(
        result(handler({"a": listener()})), verdict=verdict, reasons=[] if verdict == "pass" else ["busy"]
    )


@pytest.fixture
def document() -> Document:
    return documents.parse(preset(), "test")


def test_a_run_is_kept_and_comes_from_the_journal_afterwards(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Any] = []

    def run(*arguments: Any, **options: Any) -> Finished:
        runs.append(arguments)
        return Finished(made("invalid"))

    monkeypatch.setattr(laboratory, "run_trial", run)
    values = trial_values(document, 1.0, reads_latency=False)
    for _ in range(2):
        journal = Journal(tmp_path / "j", "find", {})
        bench = Laboratory(document, journal=journal)
        assert bench.run(values).verdict == "invalid"
        assert bench.invalid == ["busy"]
        journal.close()
    assert len(runs) == 1


def test_a_run_that_measured_nothing_is_made_once_more(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = result(msgspec.structs.replace(handler({"a": listener()}), offered=0))
    made_now = [msgspec.structs.replace(nothing, verdict="invalid", reasons=["a port is in use"]), made()]
    monkeypatch.setattr(laboratory, "run_trial", lambda *arguments, **options: Finished(made_now.pop(0)))
    verdicts = []
    for _ in range(3):
        journal = Journal(tmp_path / "j", "find", {})
        verdicts.append(Laboratory(document, journal=journal).run([]).verdict)
        journal.close()
    assert verdicts == ["invalid", "pass", "pass"]


def test_the_work_ends_when_its_time_is_over(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laboratory, "run_trial", lambda *arguments, **options: Finished(made()))
    now = iter(range(0, 1000, 4))
    bench = Laboratory(document, max_time_s=20, clock=lambda: next(now))
    with pytest.raises(StoppedError) as stopped:
        for _ in range(10):
            bench.run([])
    assert not stopped.value.interrupted
    assert bench.runs >= 1
    assert bench.mean_s == 4


def test_an_interrupted_run_ends_the_work(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laboratory, "run_trial", lambda *arguments, **options: Finished(made(), interrupted=True))
    with pytest.raises(StoppedError) as stopped:
        Laboratory(document).run([])
    assert stopped.value.interrupted


def test_an_invalid_run_is_tried_again(document: Document) -> None:
    class Trials:
        def __init__(self, *verdicts: str) -> None:
            self.verdicts, self.notes = list(verdicts), 0

        def run(self, values: Any) -> RunResult:
            return made(self.verdicts.pop(0))

        def note(self, text: str) -> None:
            self.notes += 1

    trials = Trials("invalid", "invalid", "pass")
    found = run_valid(trials, [])
    assert not isinstance(found, str)
    assert found.verdict == "pass"
    assert trials.notes == 2
    assert str(run_valid(Trials("invalid", "invalid", "invalid"), [])).startswith("3 runs were invalid; the last one: ")


def test_every_trial_has_a_short_linger_and_its_own_checks(document: Document) -> None:
    raw = preset({"linger": -1}, checks=["drops == 0"])
    endless = documents.parse(raw, "test")
    changed = with_settings(endless, trial_values(endless, 2.0, reads_latency=False))
    assert changed.preset.output.handlers["h"].config.linger == 500
    assert changed.preset.bench.checks == ()
    assert changed.preset.bench.duration_s == 2.0
    assert 1.99 < changed.preset.bench.warmup_s < 2.0
    checked = with_settings(document, trial_values(document, 2.0, True, ("drops == 0",)))
    assert checked.preset.bench.checks == ("drops == 0",)
    assert checked.preset.bench.warmup_s == pytest.approx(0.2)
