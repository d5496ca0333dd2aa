from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.engine.bent_readings import (
    MOST_WAITING_NOTES,
    ORDINARY_WAITS_NS,
    QUANTILES,
    summarised,
    unsound_check,
    waiting_findings,
    without_own_waiting,
)
from bench_app.engine.finding import Finding, FindingKind
from bench_app.measure.clock import NS_PER_MS
from bench_app.preset.checks import parse_check
from tests.engine.test_own_waiting import Handled, stall
from tests.engine.units import latencies

MS = NS_PER_MS
KNOWN = {"h": ("l",)}


@pytest.fixture
def handled(tmp_path: Path) -> Handled:
    return Handled(tmp_path)


def found(handled: Handled, *checks: str) -> tuple[list[Finding], list[Finding]]:
    return waiting_findings([handled.named("service")], [parse_check(text, KNOWN) for text in checks])


def metrics(findings: list[Finding]) -> list[str | None]:
    return [finding.metric for finding in findings]


def service(*names: str) -> list[str]:
    return [f"latency.service.{name}_ms" for name in names]


def late_beats(handled: Handled, share: float, ms: float) -> None:
    """Let this share of the beats of the listener's process be late."""
    worker, late = handled.workers["worker-2"], round(share * 100_000)
    worker.stall.merge(latencies(*[0] * (100_000 - late), *[round(ms * MS)] * late))


def test_a_sound_reading_has_no_finding(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[200 * MS] * 2000))
    assert found(handled) == ([], [])


def test_a_percentile_is_bent_by_more_than_a_tenth_of_it(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[100 * MS] * 2000))
    stall(handled.workers["worker-2"], 20)
    (bent,), noted = found(handled)
    assert (bent.kind, bent.unit, bent.metric) == (FindingKind.WAITING, "h/l", "latency.service.p99_ms")
    assert bent.share == pytest.approx(0.2, rel=0.02)
    assert bent.invalidates and not noted


def test_a_smaller_part_is_a_note(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[1000 * MS] * 2000))
    stall(handled.workers["worker-2"], 30)
    bent, (noted, _) = found(handled)
    assert not bent and not noted.invalidates
    assert noted.message.startswith("h/l: service p99 of 1,0") and "includes up to 30.0" in noted.message
    assert "(maximum of 1,0" in noted.message


@pytest.mark.parametrize(("name", "limit_ns"), ORDINARY_WAITS_NS.items())
@pytest.mark.parametrize(("part", "is_bent"), [(0.95, False), (1.05, True)])
def test_each_percentile_has_its_ordinary_wait(
    handled: Handled, name: str, limit_ns: int, part: float, is_bent: bool
) -> None:
    handled.listener.service.merge(latencies(*[2 * limit_ns] * 200_000))
    # Late for a few more than lie beyond the percentile, so that no lower one is concerned.
    late_beats(handled, 1.2 * (1 - QUANTILES[name] / 100) or 0.00005, part * limit_ns / MS)
    bent, noted = found(handled)
    assert (service(name)[0] in metrics(bent)) == is_bent
    if not is_bent and name != "p50":
        assert metrics(noted)[:1] == service(name)


def test_a_single_long_stall_bends_the_maximum(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[MS // 10] * 20, 150 * MS))
    late_beats(handled, 0.00002, 140)
    (bent,), _ = found(handled)
    assert bent.metric == "latency.service.max_ms" and "service maximum of 150 ms" in bent.message


def test_a_percentile_of_too_few_messages_is_judged_only_where_a_check_uses_it(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[60 * MS] * 900))
    stall(handled.workers["worker-2"], 50)
    assert "latency.service.p99_ms" not in metrics(found(handled)[0])
    assert "latency.service.p99_ms" in metrics(found(handled, "latency.service.p99_ms < 500")[0])


def test_notes_have_one_sentence_for_each_latency() -> None:
    notes = [
        Finding(
            FindingKind.WAITING, f"h{number}", f"latency.service.{name}_ms", number / 100, f"{name} {number}", False
        )
        for number in range(9)
        for name, metric in (("p99", "latency.service.p99_ms"), ("p99_9", "latency.service.p99_9_ms"))
    ]
    shown = summarised(notes)
    assert shown[:MOST_WAITING_NOTES] == ["p99 8", "p99 7", "p99 6"]
    assert shown[MOST_WAITING_NOTES].startswith("6 more latencies include")
    assert summarised(notes[: 2 * (MOST_WAITING_NOTES + 1)])[-1].startswith("1 more latency includes")
    assert summarised(notes[:4]) == ["p99 1", "p99 0"]
    assert summarised(notes[:4], bent=notes[3:4]) == ["p99 0"], "a reason of the verdict names the latency already"


def test_latencies_without_the_own_waiting_are_shorter_by_it(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[100 * MS] * 2000))
    stall(handled.workers["worker-2"], 20)
    summary = {"count": 2000, "mean": 100_000.0, "p99": 100_000.0, "max": 100_000.0}
    handlers = {"h": {"lateness_us": {}, "listeners": {"l": {"received": 5, "service_us": summary}}}}
    reduced = without_own_waiting(handlers, [handled.named("service")])
    shorter = reduced["h"]["listeners"]["l"]["service_us"]
    assert shorter["count"] == 2000
    assert shorter["p99"] == shorter["max"] == pytest.approx(80_000, rel=0.01)
    assert shorter["mean"] == pytest.approx(100_000 - 20_000 / 11, rel=0.01)
    assert handlers["h"]["listeners"]["l"]["service_us"]["p99"] == 100_000.0  # type: ignore[index]


@pytest.mark.parametrize(("holds", "words"), [(False, "does not hold, but would"), (True, "holds, but would not")])
def test_a_check_that_is_not_decided_names_its_metric(holds: bool, words: str) -> None:
    finding = unsound_check(parse_check("h/l: latency.service.p99_ms < 5", KNOWN), holds)
    assert (finding.unit, finding.metric, finding.invalidates) == ("h/l", "latency.service.p99_ms", True)
    assert words in finding.message
