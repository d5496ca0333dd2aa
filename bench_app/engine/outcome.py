"""The result of a finished run: session -> **outcome** -> terminal, window, JSON, archive."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from bench_app.engine.advising import final_advice
from bench_app.engine.bent_readings import (
    saturated_check,
    summarised,
    unsound_check,
    waiting_findings,
    without_own_waiting,
)
from bench_app.engine.check_evaluation import evaluate
from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.findings import (
    engine_finding,
    unbalanced_finding,
    unit_findings,
    window_findings,
    worker_findings,
)
from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.notes import handler_notes, recording_notes, window_notes
from bench_app.engine.own_losses import OwnLosses, own_losses, without_own_losses
from bench_app.engine.own_waiting import MeasuredLatency, latencies_of
from bench_app.engine.processor_notes import processor_notes
from bench_app.engine.result import (
    CheckOutcome,
    GuiFigures,
    HandlerResult,
    ListenerResult,
    Outcome,
    RunResult,
    WorkerResult,
    summary,
)
from bench_app.engine.running_conditions import machine_of, worker_result
from bench_app.engine.session import Session
from bench_app.engine.source_account import source_notes, source_results
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.engine.unit_key import HistogramKey, UnitKey
from bench_app.engine.verdict import Reason, faults_of, outcome_of, verdict_of
from bench_app.measure.histogram import Histogram
from bench_app.measure.ledger import HandlerLedger
from bench_app.preset.checks import Check, parse_check
from bench_app.preset.documents import Document


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
    listeners = {name: session.listeners_of(handler) for name, handler in session.handlers.items()}
    ledgers = {name: ledger_of(handler, listeners[name], final=True) for name, handler in session.handlers.items()}
    handlers = {
        name: _handler_result(handler, ledgers[name], listeners[name], session.seconds_of(handler))
        for name, handler in session.handlers.items()
    }
    latencies = measured_latencies(session)
    bent, noted = waiting_findings(latencies, _parsed_checks(session.document, handlers))
    losses = {
        name: own_losses(handler, listeners[name], session.workers, session.seconds_of(handler))
        for name, handler in session.handlers.items()
    }
    found = list(_run_findings(session, ledgers, gui))
    checks, unsound, failed = _check(session.document, handlers, latencies, losses, _saturated_units(session, found))
    findings = [*found, *bent, *unsound]
    reasons = faults_of(findings) + failed
    if session.interrupted:
        reasons.insert(0, Reason.interrupted(session.elapsed_s))
    machine = machine_of(
        *session.machine_usage,
        session.elapsed_s + session.paused_s,
        session.plane,
        io_threads=session.bench.io_threads,
        pinned_to=session.pinned_to,
    )
    result = RunResult(
        preset=session.document.name,
        started_at=session.started_at.isoformat(timespec="milliseconds"),
        duration_s=round(session.elapsed_s, 3),
        verdict=verdict_of(reasons),
        reasons=[reason.text for reason in reasons],
        notes=[
            *handler_notes(session.handlers, ledgers, listeners),
            *source_notes(session.handlers.values(), session.document.preset.bench.warmup_s),
            *summarised(noted, bent),
            *recording_notes(session.recording),
            *window_notes(gui, machine.cpus),
            *processor_notes(
                session.listeners.values(),
                session.workers.values(),
                session.bench.cpu_affinity,
                session.pinned_to,
                machine.cpus,
            ),
        ],
        balanced=all(ledger.balanced for ledger in ledgers.values()),
        handlers=handlers,
        checks=checks,
        machine=machine,
        sources=source_results(session.handlers.values()),
        workers=_workers(session),
        findings=[*findings, *noted],
        advice=final_advice(session, ledgers, findings),
        run=f"{session.run_number:08x}",
        start_ns=session.start_ns or 0,
        start_wall_ns=session.start_wall_ns,
        warmup_s=session.document.preset.bench.warmup_s,
        timeline=session.steps or msgspec.UNSET,
        recording=msgspec.UNSET if session.recording is None else session.recording,
        gui=msgspec.UNSET if gui is None else gui,
    )
    return result, outcome_of(reasons)


def measured_latencies(session: Session) -> list[MeasuredLatency]:
    """Every latency of a finished session, with the places at which the bench can have lengthened it."""
    return [
        latency
        for handler in session.handlers.values()
        for latency in latencies_of(handler, session.listeners_of(handler), session.workers)
    ]


def _run_findings(session: Session, ledgers: Mapping[str, HandlerLedger], gui: GuiFigures | None) -> Iterator[Finding]:
    """Why the reading is not sound, apart from the bench's own waiting."""
    yield from (engine_finding(text) for text in session.faults)
    yield from (unbalanced_finding(name, problem) for name, one in ledgers.items() for problem in one.problems)
    yield from unit_findings(session.units.values(), session.workers.values())
    yield from worker_findings(session.workers.values(), session.units)
    if gui is not None:
        yield from window_findings(gui)


def _saturated_units(session: Session, findings: Iterable[Finding]) -> set[UnitKey]:
    """The units in worker processes that had more work than they could do."""
    saturated = [session.workers[one.unit] for one in findings if one.kind is FindingKind.SATURATED]
    return {session.units[unit].key for worker in saturated for unit in worker.units}


def _workers(session: Session) -> dict[str, WorkerResult]:
    start_ns = session.start_ns or 0
    return {
        name: worker_result(worker, [session.units[unit].title for unit in worker.units], start_ns)
        for name, worker in session.workers.items()
    }


def _handler_result(
    handler: HandlerState, ledger: HandlerLedger, listeners: list[ListenerState], seconds: float
) -> HandlerResult:
    counts = ledger.counts
    return HandlerResult(
        number=handler.plan.number,
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
        before_subscribed=handler.before_subscribed,
        seconds=round(seconds, 3),
        rate=_rate(counts.accepted, seconds),
        balanced=ledger.balanced,
        arrivals_known=ledger.arrivals_known,
        lateness_us=summary(handler.lateness),
        fidelity_us=summary(handler.fidelity) if handler.fidelity.count else None,
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
        received_in_drain=counts.received_in_drain,
        rate=_rate(counts.received - counts.received_in_drain, seconds),
        wait=listener.plan.spec.wait,
        service_us=summary(listener.service),
        response_us=summary(listener.response),
    )


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0


def _parsed_checks(document: Document, handlers: Mapping[str, HandlerResult]) -> list[Check]:
    known = {name: tuple(handler.listeners) for name, handler in handlers.items()}
    return [parse_check(text, known) for text in document.preset.bench.checks]


def _check(
    document: Document,
    handlers: Mapping[str, HandlerResult],
    latencies: Sequence[MeasuredLatency],
    losses: Mapping[str, OwnLosses],
    saturated: Collection[UnitKey],
) -> tuple[list[CheckOutcome], list[Finding], list[Reason]]:
    """How each check came out, the checks that are not decided, and the reasons that the failed ones give."""
    plain = msgspec.to_builtins(handlers)
    outcomes, unsound, failed = [], [], []
    reduced = without_own_waiting(plain, latencies)
    for check in _parsed_checks(document, handlers):
        found = evaluate(check, plain)
        outcomes.append(CheckOutcome(check=check.text, value=found.value, passed=found.passed))
        is_decided = evaluate(check, reduced).passed == found.passed
        if is_decided and not found.passed:
            is_decided = not evaluate(check, without_own_losses(reduced, losses)).passed
        if not is_decided:
            unsound.append(unsound_check(check, found.passed))
        elif not found.passed and any(_can_bend(unit, check) for unit in saturated):
            unsound.append(saturated_check(check))
        elif not found.passed:
            failed.append(Reason.check_failed(check.text))
    return outcomes, unsound, failed


def _can_bend(unit: UnitKey, check: Check) -> bool:
    """Whether what this unit does is in the reading of a check. What a handler does is in those of its listeners."""
    return check.handler in (None, unit.name) and (not unit.listener or check.listener in (None, unit.listener))
