"""What the adviser knows of a run: session, ledgers, findings -> **situations** -> advice -> result, window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from bench_app.advice.advice import Advice
from bench_app.advice.adviser import costliest
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.engine.events import EventKind
from bench_app.engine.finding import Finding
from bench_app.engine.findings import unit_findings, worker_findings
from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.session import Session
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.ledger import HandlerLedger, ListenerCounts, ListenerLedger
from bench_app.model import Preset
from bench_app.model.json_path import JsonPath
from bench_app.preset.defaults import listener_names
from bench_app.transport.connection import ConnectionState


def final_advice(session: Session, ledgers: Mapping[str, HandlerLedger], findings: Iterable[Finding]) -> Advice | None:
    """The advice about the greatest loss of a finished run; None if there is none.

    If the reading is not sound, only a loss that follows from the settings alone has an advice, and the advice says
    first why the reading is bent.
    """
    bent = next((finding.message for finding in findings if finding.invalidates), None)
    found = costliest(_situations(session, ledgers), only_certain=bent is not None)
    if found is None or bent is None:
        return found
    return msgspec.structs.replace(found, caveat=f"The reading is bent: {bent}")


def live_advice(session: Session) -> Advice | None:
    """The advice about the greatest loss so far of a run under way."""
    ledgers = {
        name: ledger_of(handler, session.listeners_of(handler), final=False)
        for name, handler in session.handlers.items()
        if not handler.has_left
    }
    # The percentiles that the bench bent are known at the end only. Speeds are wrong if a worker did not run.
    findings = (*unit_findings(session.units.values()), *worker_findings(session.workers.values(), session.units))
    return final_advice(session, ledgers, findings)


def _situations(session: Session, ledgers: Mapping[str, HandlerLedger]) -> list[HandlerSituation]:
    """The situation of each handler that has not left the run: only its settings can still be changed."""
    return [
        _situation(session, handler, ledgers[name])
        for name, handler in session.handlers.items()
        if not handler.has_left
    ]


def _situation(session: Session, handler: HandlerState, ledger: HandlerLedger) -> HandlerSituation:
    plan, counts = handler.plan, ledger.counts
    elapsed_s = session.elapsed_s
    return HandlerSituation(
        name=plan.name,
        config=plan.spec.config,
        bench=plan.bench,
        binds=plan.bind,
        endpoint=handler.endpoint or str(plan.endpoint),
        load=plan.source.load,
        offered_rate=counts.offered / elapsed_s if elapsed_s else 0.0,
        duration_s=elapsed_s if session.interrupted else session.duration_s,
        counts=counts,
        lost=ledger.lost,
        listeners=tuple(
            _listener(session, one, ledger.listeners[one.plan.name], counts.accepted)
            for one in session.listeners_of(handler)
        ),
        ever_connected=handler.ever_connected or not handler.opened,
        gave_up=handler.connection.state is ConnectionState.GAVE_UP,
        message_bytes=counts.bytes / counts.accepted if counts.accepted else 0.0,
    )


def _listener(session: Session, listener: ListenerState, account: ListenerLedger, accepted: int) -> ListenerSituation:
    plan, counts = listener.plan, account.counts
    each_gets_all = listener.handler.plan.pattern.each_gets_all
    return ListenerSituation(
        title=listener.title,
        name=plan.name,
        spec=plan.spec,
        path=None if plan.counts_receipts else _path(session.document.preset, plan.handler, plan.name),
        lost=account.lost,
        before_join=account.before_join,
        share=account.expected / accepted if accepted and each_gets_all else 1.0,
        rate=_measured_rate(session, listener, counts),
        holds=_holds(listener, account),
        deaths=listener.restarts + listener.crashed,
    )


def _measured_rate(session: Session, listener: ListenerState, counts: ListenerCounts) -> float:
    """Messages per second while it read; 0 after a change of settings, when the mean is that of several speeds."""
    if any(event.kind is EventKind.CHANGE for event in session.events):
        return 0.0
    until_s = _reported_s(session, listener)
    reading_s = until_s - _stalled_s(listener.plan.spec.stall, until_s)
    return (counts.received - counts.received_in_drain) / reading_s if reading_s > 0 else 0.0


def _reported_s(session: Session, listener: ListenerState) -> float:
    """Until when the counts of a listener are known, in seconds of offering."""
    if session.start_ns is None:
        return 0.0
    reported_s = (listener.last_report_ns - session.start_ns) / NS_PER_S - session.paused_s
    return min(session.elapsed_s, max(0.0, reported_s))


def _holds(listener: ListenerState, account: ListenerLedger) -> int | None:
    """How many messages waited in the connection when the handler stopped; in a run, how many fit at most."""
    if account.counts.received_in_drain:
        return account.counts.received_in_drain
    return None if listener.overfull is None else listener.overfull.fits


def _stalled_s(stall: tuple[float, float] | None, until_s: float) -> float:
    return 0.0 if stall is None else max(0.0, min(stall[1], until_s) - min(stall[0], until_s))


def _path(preset: Preset, handler: str, name: str) -> JsonPath | None:
    """Where the settings of a listener are in the preset; None if the preset does not have them."""
    given = preset.bench.listeners.get(handler, ())
    names = listener_names(given, preset.output.handlers[handler].config.socket_type)
    return ("bench", "listeners", handler, names.index(name)) if name in names else None
