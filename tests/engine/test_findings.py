from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.engine.control.messages import BusiestThread, WorkerReport
from bench_app.engine.finding import FindingKind
from bench_app.engine.findings import unit_findings, window_findings, worker_findings
from bench_app.engine.result import GuiFigures
from bench_app.engine.state import HandlerState
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.histogram_delta import EMPTY_DELTA
from bench_app.system.process_usage import ProcessUsage
from tests.engine.test_own_waiting import Handled, stall


@pytest.fixture
def handled(tmp_path: Path) -> Handled:
    return Handled(tmp_path)


def second(worker: WorkerState, at_s: int, share: float, run_wait_ns: int | None = None) -> None:
    report = WorkerReport(
        worker=worker.name,
        since_ns=0,
        at_ns=at_s * NS_PER_S,
        stall=EMPTY_DELTA,
        usage=ProcessUsage(at_s, run_wait_ns),
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


def test_a_saturated_process_that_waited_for_processors_says_how_much(handled: Handled) -> None:
    for at_s in range(4):
        second(handled.workers["worker-1"], at_s, 1.0, at_s * NS_PER_S)
    units = {unit.unit: unit for unit in (handled.handler, handled.listener)}
    (found,) = worker_findings(handled.workers.values(), units)
    assert "h: the bench's own process (worker-1)" in found.message
    assert "for 3 of 3 s, and waited for a processor for 100 % of it" in found.message


def test_a_saturated_process_that_units_share_says_what_would_help(handled: Handled) -> None:
    worker = handled.workers["worker-2"]
    units = {unit.unit: unit for unit in (handled.handler, handled.listener)}
    for at_s in range(4):
        second(worker, at_s, 1.0)
    (alone,) = worker_findings([worker], units)
    assert alone.message.endswith("and not the socket")
    worker.units = (handled.handler.unit, handled.listener.unit)
    (shared,) = worker_findings([worker], units)
    assert shared.message.endswith("and not the socket: fewer units in it, or a lower rate, would help")


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
    handled.handler.longest_silence_ns = 3 * NS_PER_S // 10
    assert unit_kinds(handled.handler) == []
    handled.handler.longest_silence_ns += 1
    assert unit_kinds(handled.handler) == [FindingKind.SILENT]


def test_a_silence_of_a_process_that_stood_still_is_no_other_finding(handled: Handled) -> None:
    handled.handler.longest_silence_ns = NS_PER_S
    worker = handled.workers["worker-1"]
    for stall_s, expected in ((0.7, [FindingKind.SILENT]), (0.9, [])):
        worker.longest_stall_ns = int(stall_s * NS_PER_S)
        assert [one.kind for one in unit_findings([handled.handler], handled.workers.values())] == expected


def test_a_unit_that_was_ended_because_it_hung_is_no_crash_of_its_own(handled: Handled) -> None:
    handled.handler.hung, handled.handler.crashed = "did not close in 5 s", True
    handled.handler.ending = "was killed by SIGKILL"
    (finding,) = unit_findings([handled.handler])
    assert finding.message == "h: it did not close in 5 s, so its worker process was ended by force"


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
