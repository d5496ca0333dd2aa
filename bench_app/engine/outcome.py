"""The result of a finished run: session -> **outcome** -> terminal, window, JSON, archive."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bench_app.engine.check_evaluation import evaluate
from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.notes import handler_notes, window_notes
from bench_app.engine.result import (
    CheckOutcome,
    GuiFigures,
    HandlerResult,
    ListenerResult,
    Outcome,
    RunResult,
    summary,
    this_machine,
)
from bench_app.engine.session import Session
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.engine.unit_key import HistogramKey
from bench_app.engine.verdict import Reason, bench_faults, outcome_of, verdict_of
from bench_app.measure.histogram import Histogram
from bench_app.measure.ledger import HandlerLedger
from bench_app.preset.checks import parse_check
from bench_app.preset.documents import Document

GUI_LAG_LIMIT_MS = 250.0
"""A run is invalid if the window lagged more than this, because the window did not show what happened."""


def histograms_of(session: Session) -> dict[HistogramKey, Histogram]:
    """Every distribution of the run so far."""
    found: dict[HistogramKey, Histogram] = {}
    for handler in session.handlers.values():
        found[HistogramKey(handler.key, "lateness")] = handler.lateness
        if handler.plan.pattern.gets_replies:
            found[HistogramKey(handler.key, "round_trip")] = handler.round_trip
    for listener in session.listeners.values():
        found[HistogramKey(listener.key, "service")] = listener.service
        found[HistogramKey(listener.key, "response")] = listener.response
    return found


def build_result(session: Session, gui: GuiFigures | None = None) -> tuple[RunResult, Outcome]:
    """The result of a finished session, and how the run ended.

    ``gui`` says how well the window kept up; None for a run without a window.
    """
    ledgers = {name: ledger_of(h, session.listeners_of(h), final=True) for name, h in session.handlers.items()}
    handlers = {
        name: _handler_result(handler, ledgers[name], session.listeners_of(handler), session.seconds_of(handler))
        for name, handler in session.handlers.items()
    }
    checks = _check(session.document, handlers)
    reasons = _reasons(session, ledgers, gui) + [Reason.check_failed(one.check) for one in checks if not one.passed]
    machine = this_machine()
    result = RunResult(
        preset=session.document.name,
        started_at=session.started_at.isoformat(timespec="milliseconds"),
        duration_s=round(session.elapsed_s, 3),
        verdict=verdict_of(reasons),
        reasons=[reason.text for reason in reasons],
        notes=handler_notes(session.handlers, ledgers) + window_notes(gui, machine.cpus),
        balanced=all(ledger.balanced for ledger in ledgers.values()),
        handlers=handlers,
        checks=checks,
        machine=machine,
        gui=msgspec.UNSET if gui is None else gui,
    )
    return result, outcome_of(reasons)


def _reasons(session: Session, ledgers: Mapping[str, HandlerLedger], gui: GuiFigures | None) -> list[Reason]:
    """The reasons why the result cannot be trusted."""
    reasons = [Reason.fault(text) for text in session.faults]
    if session.interrupted:
        reasons.append(Reason.interrupted(session.elapsed_s))
    texts = [f"{name}: {problem}" for name, ledger in ledgers.items() for problem in ledger.problems]
    texts += bench_faults(session.handlers.values(), session.listeners.values(), session.seconds_of)
    if gui is not None and gui.loop_lag_p99_ms > GUI_LAG_LIMIT_MS:
        texts.append(
            f"the window lagged: 1 % of the turns of its loop were more than {gui.loop_lag_p99_ms:.0f} ms late"
        )
    return reasons + [Reason.fault(text) for text in texts]


def _handler_result(
    handler: HandlerState, ledger: HandlerLedger, listeners: list[ListenerState], seconds: float
) -> HandlerResult:
    counts = ledger.counts
    return HandlerResult(
        socket_type=handler.plan.pattern.socket_type,
        endpoint=handler.endpoint or str(handler.plan.endpoint),
        offered=counts.offered,
        queue_overflow=counts.queue_overflow,
        send_timeout=counts.send_timeout,
        aborted=counts.aborted,
        accepted=counts.accepted,
        bytes=counts.bytes,
        replied=counts.replied,
        request_timeout=counts.request_timeout,
        retries=counts.retries,
        lost=ledger.lost,
        seconds=round(seconds, 3),
        rate=_rate(counts.accepted, seconds),
        balanced=ledger.balanced,
        arrivals_known=ledger.arrivals_known,
        lateness_us=summary(handler.lateness),
        round_trip_us=summary(handler.round_trip) if handler.plan.pattern.gets_replies else None,
        listeners={s.plan.name: _listener_result(s, ledger, seconds) for s in listeners},
    )


def _listener_result(listener: ListenerState, ledger: HandlerLedger, seconds: float) -> ListenerResult:
    account = ledger.listeners[listener.plan.name]
    counts = account.counts
    return ListenerResult(
        received=counts.received,
        lost=account.lost,
        before_join=account.before_join,
        duplicates=counts.duplicates,
        reordered=counts.reordered,
        foreign=counts.foreign,
        malformed=counts.malformed,
        rate=_rate(counts.received, seconds),
        service_us=summary(listener.service),
        response_us=summary(listener.response),
    )


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0


def _check(document: Document, handlers: dict[str, HandlerResult]) -> list[CheckOutcome]:
    known = {name: tuple(handler.listeners) for name, handler in handlers.items()}
    plain = msgspec.to_builtins(handlers)
    outcomes = []
    for text in document.preset.bench.checks:
        result = evaluate(parse_check(text, known), plain)
        outcomes.append(CheckOutcome(check=text, value=result.value, passed=result.passed))
    return outcomes
