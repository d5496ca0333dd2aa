"""Closing a run's books: unit states -> ledgers -> verdict and result. Also the live ledger, which is the same sums."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from bench_app.engine.notes import caveats, window_caveats
from bench_app.engine.result import (
    CheckOutcome,
    HandlerResult,
    ListenerResult,
    RunResult,
    Verdict,
    failed_check_words,
    interrupted_words,
    summary,
    this_machine,
)
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.engine.verdict import bench_faults
from bench_app.engine.worker.handler_unit import LINGER_LIMIT_MS
from bench_app.measure.histogram import Histogram
from bench_app.measure.ledger import HandlerLedger, ListenerInput, expected, make_ledger
from bench_app.preset.checks import evaluate, parse_check
from bench_app.preset.documents import Document

if TYPE_CHECKING:
    from bench_app.engine.session import Session

LINGER_LIMIT_S = LINGER_LIMIT_MS / 1000
QUIET_NS = 300_000_000
"""A listener whose peers are gone and that had nothing for so long gets nothing more."""
QUIET_CONNECTED_NS = 1_000_000_000
QUIET_REPLIES_NS = 100_000_000
GUI_LAG_LIMIT_MS = 250.0
"""What one sees in a window that lags more is not what happens."""


def ledger_of(handler: HandlerState, listeners: list[ListenerState], final: bool) -> HandlerLedger:
    """The handler's ledger as the states have it now."""
    return make_ledger(
        handler.plan.spec.config.socket_type,
        handler.counts,
        {s.plan.name: _listener_input(handler, s) for s in listeners},
        spans=handler.spans,
        final=final,
        never_connected=handler.opened and not handler.ever_connected,
    )


def in_flight_of(handler: HandlerState, listeners: list[ListenerState], ledger: HandlerLedger) -> int:
    """What is on the way, as far as it can be known while a run goes on.

    Handler and listeners report at different moments. Taken as they are, a tenth of a second of traffic would seem to
    be on the way, or to have arrived before it was sent; so all are compared at the moment of the oldest report.
    """
    socket_type = handler.plan.spec.config.socket_type
    at_ns = min((unit.last_report_ns for unit in (handler, *listeners)), default=0)
    if socket_type == "REQ" or not listeners or not at_ns or all(unit.done for unit in (handler, *listeners)):
        return max(0, ledger.in_flight)
    since = handler.counts.accepted - handler.window.totals_at(at_ns)[1]
    received = [one.window.totals_at(at_ns)[0] for one in listeners]
    if socket_type == "PUSH":
        return max(0, round(handler.counts.accepted - since - sum(received)))
    total = 0.0
    for listener, had in zip(listeners, received, strict=True):
        books = ledger.listeners[listener.plan.name]
        wanted = expected(handler.spans, handler.counts.accepted, _prefixes(listener))
        if wanted:
            total += max(0.0, wanted - since - had - books.lost - books.before_join)
    return round(total)


def _prefixes(listener: ListenerState) -> tuple[str, ...]:
    return ("",) if listener.plan.spec.topics is None else listener.plan.spec.topics


def _listener_input(handler: HandlerState, listener: ListenerState) -> ListenerInput:
    name = listener.plan.name
    return ListenerInput(
        counts=listener.counts,
        prefixes=_prefixes(listener),
        join=handler.joins.get(name),
    )


def is_quiet(listener: ListenerState, siblings: list[ListenerState]) -> bool:
    """True when this listener can get nothing more: it has all, or its peers are gone and nothing came for a while."""
    handler = listener.handler
    socket_type = handler.plan.spec.config.socket_type
    if socket_type != "REQ" and not _misses(listener, siblings):
        return True
    quiet_ns = _quiet_since(handler.finished_ns, listener)
    if socket_type == "REQ":
        return quiet_ns >= QUIET_REPLIES_NS
    return quiet_ns >= (QUIET_NS if listener.peers == 0 else QUIET_CONNECTED_NS)


def _misses(listener: ListenerState, siblings: list[ListenerState]) -> bool:
    return _is_missed(ledger_of(listener.handler, siblings, final=True), listener)


def _is_missed(ledger: HandlerLedger, listener: ListenerState) -> bool:
    if listener.handler.plan.spec.config.socket_type == "PUB":
        return ledger.listeners[listener.plan.name].lost != 0
    return ledger.lost != 0


def may_close(handler: HandlerState, listeners: list[ListenerState]) -> bool:
    """True when a handler whose queue is empty can close its socket and cut nothing off: its listeners have all it
    sent, or have had nothing for a while although they would have taken it."""
    if not handler.drained_ns:
        return False
    ledger = ledger_of(handler, listeners, final=True)
    waiting = [s for s in listeners if s.opened and not s.done]
    return all(not _is_missed(ledger, s) or _quiet_since(handler.drained_ns, s) >= QUIET_NS for s in waiting)


def _quiet_since(since_ns: int, listener: ListenerState) -> int:
    """How long, in ns, nothing has come to it since then, as of its last report."""
    return listener.last_report_ns - max(since_ns, listener.last_report_ns - listener.idle_ns)


def close_books(handlers: Iterable[HandlerState], listeners: Iterable[ListenerState]) -> None:
    """Close the books of units that never said they had finished, from what they left on disk."""
    for unit in [*handlers, *listeners]:
        if unit.opened and not unit.done:
            unit.close_crashed_book()
            unit.crashed = True


def named_histograms(handlers: dict[str, HandlerState], listeners: dict[str, ListenerState]) -> dict[str, Histogram]:
    """Every distribution of the run, by ``handler/measure`` or ``handler/listener/measure``."""
    named: dict[str, Histogram] = {}
    for name, handler in handlers.items():
        named[f"{name}/lateness"] = handler.lateness
        if handler.plan.spec.config.socket_type == "REQ":
            named[f"{name}/round_trip"] = handler.round_trip
    for listener in listeners.values():
        named[f"{listener.title}/service"] = listener.service
        named[f"{listener.title}/response"] = listener.response
    return named


def build_result(session: Session) -> RunResult:
    """The finished session's result: every book closed, every check evaluated, the verdict said."""
    ledgers = {name: ledger_of(h, session.listeners_of(h), final=True) for name, h in session.handlers.items()}
    handlers = {
        name: _handler_result(handler, ledgers[name], session.listeners_of(handler), session.seconds_of(handler))
        for name, handler in session.handlers.items()
    }
    checks = _check(session.document, handlers)
    reasons = list(session.faults)
    if session.interrupted:
        reasons.append(interrupted_words(session.elapsed_s))
    reasons += [f"{name}: {problem}" for name, ledger in ledgers.items() for problem in ledger.problems]
    reasons += bench_faults(session.handlers.values(), session.listeners.values(), session.seconds_of)
    if session.gui is not None and session.gui.loop_lag_p99_ms > GUI_LAG_LIMIT_MS:
        reasons.append(
            f"the window lagged: 1 % of its loop's turns came over {session.gui.loop_lag_p99_ms:.0f} ms late"
        )
    machine = this_machine()
    failed = [failed_check_words(outcome.check) for outcome in checks if not outcome.passed]
    verdict: Verdict = "invalid" if reasons else "fail" if failed else "pass"
    return RunResult(
        preset=session.document.name,
        started_at=session.started_at.isoformat(timespec="milliseconds"),
        duration_s=round(session.elapsed_s, 3),
        verdict=verdict,
        reasons=reasons + failed,
        notes=caveats(session.handlers, ledgers) + window_caveats(session.gui, machine.cpus),
        balanced=all(ledger.balanced for ledger in ledgers.values()),
        handlers=handlers,
        checks=checks,
        machine=machine,
        gui=msgspec.UNSET if session.gui is None else session.gui,
    )


def _handler_result(
    handler: HandlerState, ledger: HandlerLedger, listeners: list[ListenerState], seconds: float
) -> HandlerResult:
    counts = ledger.counts
    socket_type = handler.plan.spec.config.socket_type
    return HandlerResult(
        socket_type=socket_type,
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
        rate=_rate(counts.accepted, seconds),
        balanced=ledger.balanced,
        arrivals_known=ledger.arrivals_known,
        lateness_us=summary(handler.lateness),
        round_trip_us=summary(handler.round_trip) if socket_type == "REQ" else None,
        listeners={s.plan.name: _listener_result(s, ledger, seconds) for s in listeners},
    )


def _listener_result(listener: ListenerState, ledger: HandlerLedger, seconds: float) -> ListenerResult:
    books = ledger.listeners[listener.plan.name]
    counts = books.counts
    return ListenerResult(
        received=counts.received,
        lost=books.lost,
        before_join=books.before_join,
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
