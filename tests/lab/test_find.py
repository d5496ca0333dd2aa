"""``find`` with simulated runs: what its result says in every case."""

from __future__ import annotations

import msgspec
import pytest

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.result import RunResult
from bench_app.lab.find import FORMAT, find, find_values, format_reading, result_of
from bench_app.lab.laboratory import StoppedError, Values
from bench_app.lab.rate_search import Goal, RateSearch, Trial
from bench_app.lab.trial import with_settings
from bench_app.preset import documents
from tests.cli.results import handler, listener, result
from tests.lab.links import Link
from tests.runs import preset

DOCUMENT = documents.parse(preset(), "test")
LOSSES = [Goal(0.0), Goal(0.005)]


class Bench:
    """Runs a simulated connection. ``stop_after`` runs the work is stopped."""

    def __init__(self, link: Link, verdict: str = "pass", stop_after: int = 1000, interrupted: bool = False) -> None:
        self.link, self.verdict, self.runs = link, verdict, 0
        self.stop_after, self.interrupted = stop_after, interrupted

    def run(self, values: Values) -> RunResult:
        if self.runs >= self.stop_after:
            raise StoppedError(self.interrupted)
        self.runs += 1
        bench = with_settings(DOCUMENT, values).raw["bench"]
        rate, seconds = bench["sources"]["events"]["load"]["rate"], bench["duration_s"]
        offered = min(rate, self.link.bench) * seconds
        reading = self.link.measure(Trial(rate, seconds))
        lost = round(reading.loss * offered)
        one = msgspec.structs.replace(listener(lost=lost), received_in_drain=round(reading.backlog_s * rate))
        figures = msgspec.structs.replace(handler({"l": one}, lost=lost), offered=round(offered), seconds=seconds)
        reasons = ["busy"] if self.verdict == "invalid" else []
        return msgspec.structs.replace(result(figures), verdict=self.verdict, reasons=reasons)

    def note(self, text: str) -> None:
        assert text


def test_the_result_has_both_bounds_of_each_goal() -> None:
    search = RateSearch(LOSSES)
    ended = find(DOCUMENT, Bench(Link(5_000)), search)
    found = result_of("test", search, ended, 12.34)
    assert ended == "done"
    assert found.has_result
    for goal in found.goals:
        assert goal.rate == goal.lower == pytest.approx(5_000, rel=0.02)
        assert goal.upper is not None
        assert goal.trials == len(found.trials)
        assert goal.reason == ""
    plain = msgspec.json.decode(msgspec.json.encode(found))
    assert plain["format"] == FORMAT
    assert set(plain["goals"][0]) == {
        *("loss", "rate", "lower", "upper", "width", "forwarded", "limited_by", "trials", "reason")
    }
    assert {"rate", "duration_s", "loss", "verdict"} <= set(plain["trials"][0])
    assert plain["took_s"] == 12.3


def test_a_goal_with_a_check_has_the_check_in_place_of_a_loss() -> None:
    search = RateSearch([Goal(check="drops == 0")])
    plain = msgspec.to_builtins(result_of("test", search, "done", 1.0).goals[0])
    assert plain["check"] == "drops == 0"
    assert "loss" not in plain


def test_the_limit_of_the_bench_is_no_result() -> None:
    search = RateSearch(LOSSES)
    found = result_of("test", search, find(DOCUMENT, Bench(Link(1e9, bench=20_000)), search), 1.0)
    assert not found.has_result
    assert found.goals[0].limited_by == "bench"
    assert found.goals[0].rate is found.goals[0].upper is None
    assert found.goals[0].lower == pytest.approx(20_000, rel=0.3)
    assert "the bench itself was the limit" in found.goals[0].reason
    assert "the bench offered" in found.goals[0].reason


def test_if_every_trial_is_invalid_the_reason_is_given() -> None:
    search = RateSearch(LOSSES)
    found = result_of("test", search, find(DOCUMENT, Bench(Link(5_000), verdict="invalid"), search), 1.0)
    assert not found.has_result
    assert found.goals[0].reason == "no trial was valid: 10 trials were invalid, most of them because busy"


@pytest.mark.parametrize(("interrupted", "reason"), [(True, "interrupted"), (False, "--max-time")])
def test_a_search_that_was_stopped_has_the_bounds_so_far(interrupted: bool, reason: str) -> None:
    search = RateSearch(LOSSES)
    ended = find(DOCUMENT, Bench(Link(5_000), stop_after=4, interrupted=interrupted), search)
    found = result_of("test", search, ended, 1.0)
    assert ended == ("interrupted" if interrupted else "time")
    assert not found.has_result
    assert found.goals[0].lower == pytest.approx(5_000, rel=0.02)
    assert reason in found.goals[0].reason


def test_trials_that_cannot_run_end_the_search() -> None:
    class Broken(Bench):
        def run(self, values: Values) -> RunResult:
            finding = Finding(FindingKind.FAILED, "h", None, None, "h: address already in use")
            return msgspec.structs.replace(
                super().run(values), verdict="invalid", reasons=[finding.message], findings=[finding]
            )

    search = RateSearch(LOSSES)
    found = result_of("test", search, find(DOCUMENT, Broken(Link(5_000)), search), 1.0)
    assert (found.ended, len(found.trials)) == ("failed", 3)
    assert "3 trials could not run: h: address already in use" in found.goals[0].reason
    assert "could not run" in format_reading(search.readings[0])


def test_a_goal_that_no_rate_fulfils_says_so() -> None:
    search = RateSearch([Goal(0.0)])
    found = result_of("test", search, find(DOCUMENT, Bench(Link(5_000, always_lost=0.1)), search), 1.0)
    assert "no rate fulfils the goal" in found.goals[0].reason


def test_a_trial_of_a_latency_measures_latencies() -> None:
    values = find_values(DOCUMENT, [Goal(check="latency.response.p99_ms < 5")], 100, 2.0)
    changed = with_settings(DOCUMENT, values)
    assert changed.preset.bench.warmup_s < 1
    assert changed.preset.bench.checks == ("latency.response.p99_ms < 5",)
    assert with_settings(DOCUMENT, find_values(DOCUMENT, LOSSES, 100, 2.0)).preset.bench.warmup_s > 1.9


def test_a_trial_is_a_line_of_progress() -> None:
    reading = Link(5_000).measure(Trial(6_000, 2.0))
    assert format_reading(reading) == "6,000/s for 2 s: 16 % lost, 18 ms of events late"
    assert "invalid (busy)" in format_reading(msgspec.structs.replace(reading, verdict="invalid", reasons=["busy"]))
    assert "the bench was the limit" in format_reading(msgspec.structs.replace(reading, bench_limit="x"))
    quiet = msgspec.structs.replace(reading, loss=0.0, backlog_s=0.0, checks={"a": False})
    assert format_reading(quiet) == "6,000/s for 2 s: nothing lost; missed: a"
