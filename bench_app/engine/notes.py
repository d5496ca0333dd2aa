"""Notes on a result, whatever its verdict: ledgers -> **notes** -> terminal, window, JSON.

A note is no fault: a run in which no peer was ever connected measures correctly what a handler without a peer does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench_app.engine.limits import LINGER_LIMIT_MS
from bench_app.engine.live_ledger import linger_ns, outstanding_at
from bench_app.engine.result import GuiFigures
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.ledger import HandlerLedger
from bench_app.model import ConstantLoad, Delivery
from bench_app.recording.recorder import RecordingSummary

CROWDED_CPUS = 2
"""Up to this many processors, handler and listener fill the machine, and any other process makes messages wait."""
EVEN_NS = NS_PER_MS // 10
GROUP_INTERVALS = 10
"""Events at even intervals that are late by more than both leave in groups. A socket then sees another load."""
LEAST_OFFERED = 1000
"""Of fewer events, the hundredth that came latest are too few."""


def handler_notes(
    handlers: Mapping[str, HandlerState],
    ledgers: Mapping[str, HandlerLedger],
    listeners: Mapping[str, list[ListenerState]],
) -> list[str]:
    """Notes on each handler: it was never connected, it has no listener of the bench, it closed before its listeners
    had read everything, counting stopped while messages were outstanding, nobody had subscribed yet, its events left in
    groups, sequence numbers were lost, two listeners measured the same message, an own consumer was counted by its
    receipts, or a step of the timeline had paused it at the end.

    All mappings have the names of the result as keys.
    """
    notes = []
    for name, handler in handlers.items():
        if note := _handler_note(handler, ledgers[name], listeners[name]):
            notes.append(f"{name}: {note}")
        elif handler.finished:
            notes += _silence_notes(name, handler, listeners[name])
        if handler.ever_connected and handler.before_subscribed:
            notes.append(f"{name}: {_unheard_note(handler)}")
        if handler.paused_by_step:
            notes.append(f"{name}: a step of the timeline paused it, and it offered nothing more")
        notes += _group_notes(name, handler)
        notes += _lost_numbers_notes(name, listeners[name])
        notes += _repeated_notes(ledgers[name], listeners[name])
        notes += _receipt_notes(listeners[name])
    return notes


def window_notes(gui: GuiFigures | None, cpus: int) -> list[str]:
    """A note if drawing the window may have lengthened the latencies of the run."""
    if gui is None or cpus > CROWDED_CPUS:
        return []
    return [
        f"window and run shared {cpus} processors, so tails may be longer; zmq-bench run measures without the window"
    ]


def recording_notes(recording: RecordingSummary | None) -> list[str]:
    """A note if the recording lacks messages, or if nothing was recorded."""
    if recording is None:
        return []
    if recording.not_recorded or recording.reason:
        return [f"the recording is not complete: {recording.note}"]
    if not recording.recorded:
        return ["nothing was recorded: no listener of the bench received a message"]
    return []


def _handler_note(handler: HandlerState, ledger: HandlerLedger, listeners: Sequence[ListenerState]) -> str:
    if handler.opened and not handler.failed and not handler.ever_connected:
        loss = f"; all {ledger.lost:,} accepted events are lost" if ledger.lost else ""
        return f"no peer was ever connected{loss}"
    if not ledger.arrivals_known:
        accepted, dropped = ledger.counts.accepted, ledger.counts.offered - ledger.counts.accepted
        return (
            f"{accepted:,} events were accepted and {dropped:,} dropped at the handler; "
            f"no listener of the bench counted them, so how many arrived is not known"
        )
    is_cut_off = ledger.lost > 0 and handler.finished and not handler.released
    if is_cut_off and not _were_silent_for_linger(handler, listeners):
        return _cut_off_note(handler, ledger.lost)
    return ""


def _group_notes(name: str, handler: HandlerState) -> list[str]:
    """A note if a load at even intervals was not even, because the bench offered the events too late for that."""
    load, lateness = handler.plan.source.load, handler.offer_lateness
    # A replacement worker offers what was due while there was none: that is not late because of the machine.
    if not isinstance(load, ConstantLoad) or lateness.count < LEAST_OFFERED or handler.restarts:
        return []
    late_ns, interval_ns = lateness.percentile(99.0), NS_PER_S / load.rate
    if late_ns <= max(EVEN_NS, GROUP_INTERVALS * interval_ns):
        return []
    return [
        f"{name}: 1 % of its events were offered {late_ns / NS_PER_MS:.1f} ms late or more, which is "
        f"{late_ns / interval_ns:,.0f} intervals of its load: they left in groups, because of this machine"
    ]


def _unheard_note(handler: HandlerState) -> str:
    events = f"{handler.before_subscribed:,} event{'' if handler.before_subscribed == 1 else 's'}"
    if handler.first_subscription is None:
        return f"nobody subscribed to its topic, so nobody received its {events}"
    # libzmq applies a subscription a moment before the handler sees it, so the last of them may have been received.
    return f"up to {events} went out before anybody had subscribed to its topic, and nobody received them"


def _cut_off_note(handler: HandlerState, lost: int) -> str:
    linger_ms = handler.plan.spec.config.linger
    is_ipc = handler.plan.endpoint.transport == "ipc"
    return (
        f"its linger of {linger_ms if linger_ms >= 0 else LINGER_LIMIT_MS:,} ms was over before its listeners had read "
        f"all: up to {lost:,} messages were lost with its socket"
        f"{', over ipc also messages that were already in the kernel' if is_ipc else ''}"
    )


def _were_silent_for_linger(handler: HandlerState, listeners: Sequence[ListenerState]) -> bool:
    """Whether the listeners received nothing in the whole linger, so that its end has cut nothing off."""
    limit_ns = linger_ns(handler)
    return limit_ns > 0 and all(listener.idle_ns >= limit_ns for listener in listeners)


def _lost_numbers_notes(name: str, listeners: Sequence[ListenerState]) -> list[str]:
    """A note if the sequence numbers of a listener that shares the messages were lost with its worker."""
    receivers = [one for one in listeners if one.shares_messages and one.counts.highest]
    unknown = [one.plan.name for one in receivers if one.repeated is None]
    if not unknown or len(receivers) < 2:
        return []
    return [
        f"{name}: the sequence numbers of {', '.join(unknown)} were lost with the worker, so lost and duplicates come "
        "from sums: a message that two listeners received hides one that none received"
    ]


def _repeated_notes(ledger: HandlerLedger, listeners: Sequence[ListenerState]) -> list[str]:
    """A note for each listener that measured messages which the ledger counts as received by another listener.

    Each listener measures what it receives, and only the comparison of all sequence numbers at the end shows that
    something between handler and listeners gave a message to several of them. The samples of the histograms cannot be
    told apart any more then.
    """
    repeats = [(one, one.counts.received - ledger.listeners[one.plan.name].counts.received) for one in listeners]
    return [
        f"{one.key.title}: another listener received {repeated:,} of its messages as well: they count as duplicates, "
        "and its latencies include them"
        for one, repeated in repeats
        if repeated > 0
    ]


def _receipt_notes(listeners: Sequence[ListenerState]) -> list[str]:
    """A note for each own consumer of the user that reported: how it was counted, and whether it was measured."""
    notes = []
    for listener in listeners:
        reporters = listener.reporters
        if not reporters.consumers:
            continue
        who = "your consumer" if reporters.consumers == 1 else f"{reporters.consumers} consumers of yours"
        clock = (
            f"; {reporters.other_clocks} of them on another host, whose clock differs, so without latencies"
            if reporters.other_clocks
            else ""
        )
        notes.append(f"{listener.key.title}: counted by the receipts of {who}{clock}")
    return notes


def _silence_notes(name: str, handler: HandlerState, listeners: list[ListenerState]) -> list[str]:
    """A note for each listener that messages may still have been on their way to when counting stopped.

    Listeners that share the messages have one note together.
    """
    reading = [one for one in listeners if one.finished and outstanding_at(handler, one, listeners)]
    if not reading:
        return []
    if handler.plan.pattern.delivery is Delivery.EACH:
        return [_silence_note(one.key.title, one.idle_ns, outstanding_at(handler, one, listeners)) for one in reading]
    last = min(reading, key=lambda one: one.idle_ns)
    return [_silence_note(name, last.idle_ns, outstanding_at(handler, last, listeners))]


def _silence_note(title: str, idle_ns: int, outstanding: int) -> str:
    return (
        f"{title}: silent for {idle_ns / 1e9:.1f} s with {outstanding:,} outstanding when counting stopped; "
        "they count as lost"
    )
