"""The ledger of a run under way: what is in flight, when a listener gets no more, when a handler may close."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench_app.engine.limits import LINGER_LIMIT_MS
from bench_app.engine.live_ledger import (
    QUIET_CONNECTED_NS,
    QUIET_NS,
    QUIET_REPLIES_NS,
    close_counters,
    in_flight_of,
    is_quiet,
    ledger_of,
    linger_ns,
    may_close,
    outstanding_at,
)
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import ListenerSlot, MappedCounters
from bench_app.measure.packed_numbers import PackedNumbers
from bench_app.measure.sequence import SequenceSet
from tests.engine.units import a_handler, a_roster, handler_report, listener_report
from tests.runs import preset

END_NS = 10_000_000_000
"""When the handler finished, or its queue was empty."""


def reported(
    folder: Path,
    accepted: int,
    received: int,
    *,
    socket_type: str = "PUSH",
    at_ns: int = END_NS,
    peers: int = 1,
    idle_ns: int = 0,
) -> tuple[HandlerState, list[ListenerState]]:
    """A handler that has accepted events, and a listener ``a`` that has received some; ``b`` has received none."""
    handler, listeners = a_handler(folder, socket_type)
    handler.endpoint = "tcp://127.0.0.1:6000"
    handler.take(handler_report(handler, END_NS, offered=accepted, accepted=accepted))
    for one, count in zip(listeners, (received, 0), strict=True):
        one.endpoint = "tcp://127.0.0.1:6001"
        one.take(listener_report(one, at_ns, received=count, peers=peers, idle_ns=idle_ns))
    return handler, listeners


def test_missing_messages_are_in_flight_and_at_the_end_lost(tmp_path: Path) -> None:
    handler, listeners = reported(tmp_path, accepted=10, received=7)
    live, final = (ledger_of(handler, listeners, final) for final in (False, True))
    assert (live.in_flight, live.lost) == (3, 0)
    assert (final.in_flight, final.lost) == (0, 3)


def numbers(*received: int) -> PackedNumbers:
    sequences = SequenceSet()
    sequences.add(np.array(received))
    return sequences.packed()


def test_a_message_that_two_listeners_received_hides_no_loss_once_their_numbers_are_known(tmp_path: Path) -> None:
    handler, (a, b) = reported(tmp_path, accepted=6, received=4)
    a.take(listener_report(a, END_NS, received=4, highest=6))
    b.take(listener_report(b, END_NS, received=2, highest=5))
    assert ledger_of(handler, [a, b], final=True).lost == 0
    a.take_numbers(numbers(1, 3, 4, 6))
    b.take_numbers(numbers(3, 5))
    ledger = ledger_of(handler, [a, b], final=True)
    assert (ledger.lost, ledger.balanced) == (1, True)
    assert [(one.counts.received, one.counts.duplicates) for one in ledger.listeners.values()] == [(4, 0), (1, 1)]


def test_repeated_messages_do_not_end_the_drain_while_later_ones_are_missing(tmp_path: Path) -> None:
    handler, (a, b) = reported(tmp_path, accepted=8, received=4)
    handler.drained_ns = END_NS
    for one in (a, b):
        one.take(listener_report(one, END_NS, received=4, highest=5))
    assert not may_close(handler, [a, b])
    assert not is_quiet(a, [a, b])
    b.take(listener_report(b, END_NS, received=6, highest=8))
    assert may_close(handler, [a, b])
    assert is_quiet(a, [a, b])


def test_a_handler_without_any_peer_has_lost_what_it_accepted(tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    handler.endpoint = "tcp://127.0.0.1:6000"
    handler.take(handler_report(handler, offered=5, accepted=5, ever_connected=False))
    ledger = ledger_of(handler, [], final=True)
    assert (ledger.lost, ledger.arrivals_known) == (5, True)
    handler.take(handler_report(handler, offered=5, accepted=5, ever_connected=True))
    ledger = ledger_of(handler, [], final=True)
    assert (ledger.lost, ledger.arrivals_known) == (0, False)


def test_counts_of_different_moments_are_compared_as_of_the_oldest(tmp_path: Path) -> None:
    handler, listeners = a_handler(tmp_path, "PUSH")
    first, second = listeners
    handler.take(handler_report(handler, 1_000, accepted=100))
    handler.take(handler_report(handler, 2_000, accepted=200))
    first.take(listener_report(first, 1_500, received=150))
    second.take(listener_report(second, 2_000, received=0))
    # At the time of the listener's report the handler had accepted 150, not 200.
    assert in_flight_of(handler, listeners, ledger_of(handler, listeners, final=False)) == 0


def test_without_a_report_of_every_unit_the_ledger_is_all_there_is(tmp_path: Path) -> None:
    handler, listeners = a_handler(tmp_path, "PUSH")
    handler.take(handler_report(handler, 1_000, accepted=100))
    assert in_flight_of(handler, listeners, ledger_of(handler, listeners, final=False)) == 100


def test_when_all_units_are_done_the_last_counts_are_compared(tmp_path: Path) -> None:
    handler, listeners = reported(tmp_path, accepted=10, received=7, at_ns=END_NS // 2)
    for unit in (handler, *listeners):
        unit.finished = True
    assert in_flight_of(handler, listeners, ledger_of(handler, listeners, final=True)) == 0
    assert in_flight_of(handler, listeners, ledger_of(handler, listeners, final=False)) == 3


def test_a_listener_that_has_everything_is_quiet_at_once(tmp_path: Path) -> None:
    handler, listeners = reported(tmp_path, accepted=10, received=10)
    handler.finished_ns = END_NS
    assert all(is_quiet(one, listeners) for one in listeners)


@pytest.mark.parametrize(("peers", "limit_ns"), [(0, QUIET_NS), (1, QUIET_CONNECTED_NS)])
def test_a_listener_that_misses_something_is_quiet_after_a_silence(peers: int, limit_ns: int, tmp_path: Path) -> None:
    for number, (silence_ns, quiet) in enumerate([(limit_ns - 1, False), (limit_ns, True)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        handler, listeners = reported(
            folder, accepted=10, received=7, peers=peers, at_ns=END_NS + silence_ns, idle_ns=2 * limit_ns
        )
        handler.finished_ns = END_NS
        assert is_quiet(listeners[0], listeners) is quiet


def test_the_silence_of_a_listener_begins_with_its_last_message(tmp_path: Path) -> None:
    at_ns = END_NS + 2 * QUIET_CONNECTED_NS
    handler, listeners = reported(tmp_path, accepted=10, received=7, at_ns=at_ns, idle_ns=QUIET_CONNECTED_NS - 1)
    handler.finished_ns = END_NS
    assert not is_quiet(listeners[0], listeners)


def test_a_listener_of_requests_is_quiet_only_after_a_silence(tmp_path: Path) -> None:
    handler, listeners = reported(tmp_path, accepted=10, received=10, socket_type="REQ", at_ns=END_NS, idle_ns=0)
    handler.finished_ns = END_NS
    assert not is_quiet(listeners[0], listeners)
    listeners[0].take(listener_report(listeners[0], END_NS + QUIET_REPLIES_NS, received=10, idle_ns=QUIET_REPLIES_NS))
    assert is_quiet(listeners[0], listeners)


def test_a_handler_with_events_in_its_queue_may_not_close(tmp_path: Path) -> None:
    handler, listeners = reported(tmp_path, accepted=10, received=10)
    assert not may_close(handler, listeners)
    handler.drained_ns = END_NS
    assert may_close(handler, listeners)


def test_a_handler_may_close_when_the_listener_that_misses_something_is_silent(tmp_path: Path) -> None:
    handler, listeners = reported(tmp_path, accepted=10, received=7)
    handler.drained_ns = END_NS
    assert not may_close(handler, listeners)
    for one in listeners:
        received = one.counts.received
        one.take(listener_report(one, END_NS + QUIET_NS, received=received, idle_ns=QUIET_NS))
    assert may_close(handler, listeners)


def behind_a_relay(
    folder: Path, *, highest: int, silence_ns: int, socket_type: str = "PUSH", linger: int = 5000
) -> tuple[HandlerState, list[ListenerState]]:
    """A handler that has accepted 10 messages, and one listener behind a relay that has received 7 of them.

    The handler's queue has been empty and the listener silent for ``silence_ns``.
    """
    listeners = [{"name": "a", "endpoint": "connect:tcp://127.0.0.1:6001"}]
    raw = preset(
        {"socket_type": socket_type, "linger": linger},
        uri="zmq://tcp://127.0.0.1:6000",
        handler={"paired": False, "mode": "bind"},
        listeners=listeners,
    )
    roster = a_roster(folder, raw)
    handler = roster.handlers["h"]
    (listener,) = roster.listeners_of(handler)
    handler.endpoint, listener.endpoint = "tcp://127.0.0.1:6000", "tcp://127.0.0.1:6001"
    handler.take(handler_report(handler, END_NS, joins={"0": 0}, offered=10, accepted=10))
    counts = {"received": 7, "first": 1, "highest": highest}
    listener.take(listener_report(listener, END_NS + silence_ns, idle_ns=silence_ns, **counts))
    handler.drained_ns = END_NS
    return handler, [listener]


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
def test_messages_that_a_relay_may_hold_are_waited_for_as_long_as_the_linger(socket_type: str, tmp_path: Path) -> None:
    for silence_ns, ends in [(QUIET_CONNECTED_NS, False), (5 * QUIET_CONNECTED_NS, True)]:
        folder = tmp_path / str(silence_ns)
        folder.mkdir()
        handler, listeners = behind_a_relay(folder, highest=7, silence_ns=silence_ns, socket_type=socket_type)
        assert outstanding_at(handler, listeners[0], listeners) == 3
        assert may_close(handler, listeners) is ends
        handler.finished_ns = END_NS
        assert is_quiet(listeners[0], listeners) is ends


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
def test_messages_before_the_last_one_received_are_not_waited_for(socket_type: str, tmp_path: Path) -> None:
    handler, listeners = behind_a_relay(tmp_path, highest=10, silence_ns=QUIET_CONNECTED_NS, socket_type=socket_type)
    assert outstanding_at(handler, listeners[0], listeners) == 0
    assert may_close(handler, listeners)
    handler.finished_ns = END_NS
    assert is_quiet(listeners[0], listeners)


def test_a_handler_that_connects_waits_its_linger_for_a_listener_that_may_come_back(tmp_path: Path) -> None:
    handler, listeners = reported(tmp_path, accepted=10, received=7)
    handler.drained_ns = END_NS
    for one in listeners:
        received = one.counts.received
        one.take(listener_report(one, END_NS + QUIET_NS, received=received, idle_ns=QUIET_NS, peers=0))
    assert not handler.plan.bind and linger_ns(handler) > QUIET_NS
    assert not may_close(handler, listeners)
    for one in listeners:
        received = one.counts.received
        one.take(listener_report(one, END_NS + linger_ns(handler), received=received, idle_ns=2 * QUIET_NS, peers=0))
        one.idle_ns = linger_ns(handler)
    assert may_close(handler, listeners)


@pytest.mark.parametrize(("linger", "expected_ms"), [(0, 0), (250, 250), (-1, LINGER_LIMIT_MS)])
def test_an_endless_linger_has_the_limit_of_the_bench(linger: int, expected_ms: int, tmp_path: Path) -> None:
    handler, _ = behind_a_relay(tmp_path, highest=7, silence_ns=0, linger=linger)
    assert linger_ns(handler) == expected_ms * NS_PER_MS


@pytest.mark.parametrize("reason", ["crashed", "not open"])
def test_a_handler_does_not_wait_for_a_listener_that_cannot_read(reason: str, tmp_path: Path) -> None:
    handler, listeners = reported(tmp_path, accepted=10, received=7)
    handler.drained_ns = END_NS
    for one in listeners:
        if reason == "crashed":
            one.crashed = True
        else:
            one.endpoint = ""
    assert may_close(handler, listeners)


def test_a_unit_that_never_finished_is_closed_from_its_counters(tmp_path: Path) -> None:
    handler, (first, second) = reported(tmp_path, accepted=10, received=7)
    handler.finished, second.endpoint = True, ""
    counters = MappedCounters(first.counters_file, ListenerSlot)
    counters.slots[ListenerSlot.RECEIVED] = 9
    counters.close()
    close_counters([handler, first, second])
    assert (first.counts.received, first.crashed) == (9, True)
    assert (handler.counts.accepted, handler.crashed) == (10, False)
    assert not second.crashed, "it was never open, so it has counted nothing"
