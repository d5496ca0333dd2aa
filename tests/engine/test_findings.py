from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.engine.control.messages import BusiestThread, WorkerReport
from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.findings import (
    MOST_WAITING_NOTES,
    summarised,
    unit_findings,
    unsound_check,
    waiting_findings,
    window_findings,
    without_own_waiting,
    worker_findings,
)
from bench_app.engine.result import GuiFigures
from bench_app.engine.state import HandlerState
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.histogram_delta import EMPTY_DELTA
from bench_app.preset.checks import parse_check
from bench_app.system.process_usage import ProcessUsage
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
    stall(handled.workers["worker-2"], 20)
    bent, (noted,) = found(handled)
    assert not bent and not noted.invalidates
    assert noted.message.startswith("h/l: service p99 of 1,0") and "includes up to 2" in noted.message


def test_what_any_machine_does_bends_nothing(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[2 * MS] * 2000))
    stall(handled.workers["worker-2"], 2)
    bent, noted = found(handled)
    assert not bent and metrics(noted) == ["latency.service.p99_ms"]


def test_a_percentile_of_too_few_messages_is_not_judged(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[100 * MS] * 900))
    stall(handled.workers["worker-2"], 50)
    bent, _ = found(handled)
    assert "latency.service.p99_ms" not in metrics(bent)


def test_a_high_percentile_is_judged_where_a_check_uses_it(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[100 * MS] * 20_000))
    handled.workers["worker-2"].stall.merge(latencies(*[0] * 5000, *[50 * MS] * 20))
    assert metrics(found(handled)[0]) == []
    assert metrics(found(handled)[1]) == ["latency.service.p99_9_ms"]
    assert metrics(found(handled, "latency.service.p99_9_ms < 500")[0]) == ["latency.service.p99_9_ms"]


def test_of_many_notes_the_worst_are_shown() -> None:
    notes = [Finding(FindingKind.WAITING, "", None, number / 100, f"note {number}", False) for number in range(9)]
    shown = summarised(notes)
    assert shown[:MOST_WAITING_NOTES] == ["note 8", "note 7", "note 6"]
    assert shown[MOST_WAITING_NOTES].startswith("6 more latencies include")
    assert summarised(notes[: MOST_WAITING_NOTES + 1])[-1].startswith("1 more latency includes")
    assert summarised(notes[:2]) == ["note 1", "note 0"]


def test_latencies_without_the_own_waiting_are_shorter_by_it(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[100 * MS] * 2000))
    stall(handled.workers["worker-2"], 20)
    summary = {"count": 2000, "mean": 100_000.0, "p99": 100_000.0, "max": 100_000.0}
    handlers = {"h": {"lateness_us": {}, "listeners": {"l": {"received": 5, "service_us": summary}}}}
    reduced = without_own_waiting(handlers, [handled.named("service")])
    service = reduced["h"]["listeners"]["l"]["service_us"]
    assert service["count"] == 2000
    assert service["p99"] == pytest.approx(80_000, rel=0.01)
    assert service["mean"] == pytest.approx(100_000 - 20_000 / 11, rel=0.01)
    assert handlers["h"]["listeners"]["l"]["service_us"]["p99"] == 100_000.0  # type: ignore[index]


def test_a_check_that_is_not_decided_names_its_metric() -> None:
    finding = unsound_check(parse_check("h/l: latency.service.p99_ms < 5", KNOWN))
    assert (finding.unit, finding.metric, finding.invalidates) == ("h/l", "latency.service.p99_ms", True)


def second(worker: WorkerState, at_s: int, share: float) -> None:
    report = WorkerReport(
        worker=worker.name,
        since_ns=0,
        at_ns=at_s * NS_PER_S,
        stall=EMPTY_DELTA,
        usage=ProcessUsage(at_s),
        busiest=BusiestThread(worker.units[0], share),
    )
    worker.take(report, is_offering=True)


def kinds(handled: Handled) -> list[FindingKind]:
    units = {unit.unit: unit for unit in (handled.handler, handled.listener)}
    return [finding.kind for finding in worker_findings(handled.workers.values(), units)]


def test_a_process_that_stood_still_is_found_from_a_third_of_a_second(handled: Handled) -> None:
    stall(handled.workers["worker-1"], 299)
    assert kinds(handled) == []
    stall(handled.workers["worker-1"], 300)
    assert kinds(handled) == [FindingKind.STALLED]


@pytest.mark.parametrize(("rate", "expected"), [(1000.0, [FindingKind.SATURATED]), (None, [])])
def test_a_process_with_too_much_work_is_found_unless_it_works_at_full_speed(
    tmp_path: Path, rate: float | None, expected: list[FindingKind]
) -> None:
    handled = Handled(tmp_path, rate=rate)
    for at_s, share in enumerate((0.5, 0.5, 0.99, 1.0, 1.0)):
        second(handled.workers["worker-2"], at_s, share)
    assert kinds(handled) == expected


def test_a_short_peak_of_work_is_not_found(handled: Handled) -> None:
    for at_s, share in enumerate((0.5, 0.5, 0.99, 0.5)):
        second(handled.workers["worker-2"], at_s, share)
    assert kinds(handled) == []


def unit_kinds(handler: HandlerState) -> list[FindingKind]:
    return [finding.kind for finding in unit_findings([handler])]


def test_a_unit_that_failed_has_no_other_finding(handled: Handled) -> None:
    handled.handler.failed, handled.handler.crashed = "no port", True
    assert unit_kinds(handled.handler) == [FindingKind.FAILED]


def test_an_end_that_nobody_asked_for_is_a_crash_and_a_kill_is_none(handled: Handled) -> None:
    handled.handler.restarts = 1
    assert unit_kinds(handled.handler) == [FindingKind.CRASHED]
    handled.handler.kills = 1
    assert unit_kinds(handled.handler) == []


def test_silence_of_a_unit_is_found(handled: Handled) -> None:
    handled.handler.longest_silence_ns = 2 * NS_PER_S + 1
    assert unit_kinds(handled.handler) == [FindingKind.SILENT]


def test_a_source_that_failed_is_found(handled: Handled) -> None:
    handled.handler.source_failure = "line 5: not JSON"
    assert unit_kinds(handled.handler) == [FindingKind.SOURCE]


@pytest.mark.parametrize(("rate", "expected"), [(1000.0, []), (None, [FindingKind.SOURCE])])
def test_a_source_without_an_event_ready_is_found_at_full_speed_only(
    tmp_path: Path, rate: float | None, expected: list[FindingKind]
) -> None:
    handler = Handled(tmp_path, rate=rate).handler
    handler.source_underruns = 3
    assert unit_kinds(handler) == expected


def test_a_window_that_lagged_is_found() -> None:
    assert not list(window_findings(GuiFigures(30.0, 1.0, 250.0)))
    (finding,) = window_findings(GuiFigures(30.0, 1.0, 260.0))
    assert finding.kind is FindingKind.WINDOW
