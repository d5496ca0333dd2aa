"""The result of a session that is over: figures of every unit, checks, and the reasons for the verdict."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bench_app.engine import outcome
from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.findings import GUI_LAG_LIMIT_MS
from bench_app.engine.outcome import build_result, histograms_of
from bench_app.engine.result import GuiFigures, Outcome
from bench_app.engine.session import Session
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.engine.worker_state import WorkerState
from bench_app.preset import documents
from tests.runs import assert_balanced, preset

pytestmark = pytest.mark.usefixtures("single_worker")

UNITS = {UnitKey("h"), UnitKey("h", "a"), UnitKey("req"), UnitKey("req", "rep-1")}


def raw_preset() -> dict[str, Any]:
    raw = preset({"socket_type": "PUSH"}, rate=200, duration_s=0.3, listeners=[{"name": "a"}])
    raw["output"]["handlers"]["req"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "REQ"}}
    raw["bench"]["checks"] = ["h: accepted > 0", "req: replied == 0"]
    return raw


@pytest.fixture(scope="module")
def session() -> Session:
    """A session that is over. Tests only read it."""
    session = Session(documents.parse(raw_preset(), "two.json"))
    asyncio.run(session.run())
    return session


def gui(lag_ms: float) -> GuiFigures:
    return GuiFigures(frames_per_s=20.0, loop_lag_p50_ms=1.0, loop_lag_p99_ms=lag_ms)


def test_the_result_has_every_handler_with_its_listeners(session: Session) -> None:
    result, _ = build_result(session)
    assert_balanced(result)
    assert result.preset == "two.json"
    assert {name: list(handler.listeners) for name, handler in result.handlers.items()} == {
        "h": ["a"],
        "req": ["rep-1"],
    }
    push, req = result.handlers.values()
    assert (push.socket_type, req.socket_type) == ("PUSH", "REQ")
    assert push.offered == 60 and push.listeners["a"].received == push.accepted > 0
    assert push.endpoint == session.handlers["h"].endpoint
    assert push.round_trip_us is None
    assert req.round_trip_us is not None and req.round_trip_us.count == req.replied > 0
    assert push.rate == pytest.approx(push.accepted / push.seconds, rel=0.01)


def test_a_check_that_fails_is_the_verdict_and_its_reason(session: Session) -> None:
    result, outcome = build_result(session)
    assert [(check.check, check.passed) for check in result.checks] == [
        ("h: accepted > 0", True),
        ("req: replied == 0", False),
    ]
    assert result.checks[1].value == result.handlers["req"].replied
    assert result.reasons[-1] == "check failed: req: replied == 0"
    # On a machine that was too busy the result is invalid, whatever the checks say.
    assert (result.verdict, outcome) in (("fail", Outcome.FAIL), ("invalid", Outcome.INVALID))


@pytest.mark.parametrize(
    ("unit", "is_decided"),
    [("handler-1", True), ("handler-1/listener-1", True), ("handler-2", False), ("handler-2/listener-1", False)],
)
def test_a_check_that_fails_in_a_saturated_process_is_not_decided(
    unit: str, is_decided: bool, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = Finding(FindingKind.SATURATED, "worker-9", None, None, "too much work")
    monkeypatch.setitem(session.workers, "worker-9", WorkerState("worker-9", (unit,)))
    monkeypatch.setattr(outcome, "worker_findings", lambda workers, units: [finding])
    result, _ = build_result(session)
    assert result.verdict == "invalid"
    assert [check.passed for check in result.checks] == [True, False]
    assert any(reason.startswith("check failed: req") for reason in result.reasons) is is_decided
    text = "check not decided: req: replied == 0 does not hold, but a process of the bench had more work than it could"
    assert any(reason.startswith(text) for reason in result.reasons) is not is_decided


@pytest.mark.parametrize(("lag_ms", "is_reason"), [(GUI_LAG_LIMIT_MS, False), (GUI_LAG_LIMIT_MS + 1, True)])
def test_a_window_that_lagged_too_much_makes_the_result_invalid(
    lag_ms: float, is_reason: bool, session: Session
) -> None:
    result, outcome = build_result(session, gui(lag_ms))
    assert any("the window lagged" in reason for reason in result.reasons) is is_reason
    assert result.gui == gui(lag_ms)
    assert not is_reason or (result.verdict, outcome) == ("invalid", Outcome.INVALID)


def test_every_unit_has_its_distributions(session: Session) -> None:
    histograms = histograms_of(session)
    assert {key.unit for key in histograms} == UNITS
    measures = {unit: {key.measure for key in histograms if key.unit == unit} for unit in UNITS}
    assert measures == {
        UnitKey("h"): {"lateness"},
        UnitKey("h", "a"): {"service", "response"},
        UnitKey("req"): {"lateness", "round_trip"},
        UnitKey("req", "rep-1"): {"service", "response"},
    }
    service = histograms[HistogramKey(UnitKey("h", "a"), "service")]
    assert service is session.listeners["handler-1/listener-1"].service and service.count > 0


def test_a_session_that_never_ran_has_an_empty_result() -> None:
    raw = raw_preset()
    raw["bench"]["checks"] = []
    result, outcome = build_result(Session(documents.parse(raw, "two.json")))
    assert (result.handlers, result.reasons, result.duration_s, outcome) == ({}, [], 0.0, Outcome.PASS)


def test_a_session_that_was_stopped_is_interrupted() -> None:
    raw = raw_preset()
    raw["bench"]["checks"] = []
    session = Session(documents.parse(raw, "two.json"))
    session.stop()
    result, outcome = build_result(session)
    assert result.reasons == ["interrupted after 0.0 s"]
    assert (result.verdict, outcome) == ("invalid", Outcome.INTERRUPTED)


def test_a_fault_of_the_run_makes_the_result_invalid() -> None:
    raw = raw_preset()
    raw["bench"]["checks"] = []
    session = Session(documents.parse(raw, "two.json"))
    session.faults.append("h: not all of its listeners were connected")
    result, outcome = build_result(session)
    assert result.reasons == ["h: not all of its listeners were connected"]
    assert (result.verdict, outcome) == ("invalid", Outcome.INVALID)
