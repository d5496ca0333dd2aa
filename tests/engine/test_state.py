"""What the session knows of a unit, from its reports and, after a crash, from the counters that it left."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench_app.engine.state import RECOVERY_END_NS, SAMPLES_KEPT, UnitState
from bench_app.engine.unit_key import Departure, UnitKey
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.counters import HandlerSlot, ListenerSlot, MappedCounters, read_counters
from bench_app.measure.ledger import HandlerCounts, ListenerCounts, TopicSpan
from bench_app.measure.message_samples import MessageSample
from tests.engine.units import CONNECTED, a_handler, handler_report, latencies, listener_report


def write(unit: UnitState, slots: type[HandlerSlot] | type[ListenerSlot], **values: int) -> None:
    counters = MappedCounters(unit.counters_file, slots)
    for name, value in values.items():
        counters.slots[slots[name.upper()]] = value
    counters.close()


def test_a_unit_is_open_when_it_has_an_endpoint(tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    assert not handler.opened
    handler.endpoint = "tcp://127.0.0.1:6000"
    assert handler.opened


@pytest.mark.parametrize("change", [{"finished": True}, {"crashed": True}, {"failed": "in use"}])
def test_a_unit_is_done_when_it_finished_crashed_or_failed(change: dict[str, object], tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    assert not handler.done
    for name, value in change.items():
        setattr(handler, name, value)
    assert handler.done


def test_handler_and_listeners_change_their_key_when_the_handler_leaves(tmp_path: Path) -> None:
    handler, (listener, _) = a_handler(tmp_path)
    assert (handler.key, listener.key) == (UnitKey("h"), UnitKey("h", "a"))
    handler.departure = Departure(1.5)
    assert handler.has_left
    assert (handler.name, listener.title) == ("h (until 1.5 s)", "h (until 1.5 s)/a")


def test_a_listener_drains_with_its_handler(tmp_path: Path) -> None:
    handler, (listener, _) = a_handler(tmp_path)
    assert (handler.is_draining, listener.is_draining) == (False, False)
    handler.source_ended_ns = 5
    assert (handler.source_ended, handler.is_draining, listener.is_draining) == (True, True, True)


def test_a_report_of_a_handler_replaces_counts_and_adds_latencies(tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    handler.take(handler_report(handler, 10, offered=5, accepted=4, lateness=latencies(100), round_trip=latencies(7)))
    handler.take(handler_report(handler, 20, offered=9, accepted=8, lateness=latencies(200, 300)))
    assert handler.counts == HandlerCounts(offered=9, accepted=8)
    assert handler.spans == (TopicSpan("t", 1),)
    assert (handler.lateness.count, handler.round_trip.count) == (3, 1)
    assert (handler.last_report_ns, handler.connection) == (20, CONNECTED)
    assert handler.window.totals_at(20) == (9.0, 8.0)


def test_a_handler_that_was_ever_connected_stays_so(tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    handler.take(handler_report(handler, ever_connected=False))
    assert not handler.ever_connected
    handler.take(handler_report(handler, ever_connected=True))
    # A worker that takes over has not seen the connections of the one before.
    handler.take(handler_report(handler, ever_connected=False))
    assert handler.ever_connected


def test_the_first_join_of_a_listener_counts(tmp_path: Path) -> None:
    """What a listener misses before it comes back is lost, and not before its join."""
    handler, _ = a_handler(tmp_path)
    handler.take(handler_report(handler, joins={"1": 7}))
    handler.take(handler_report(handler, joins={"0": 9, "1": 50}))
    assert handler.joins == {"a": 9, "b": 7}


def test_the_longest_silence_is_that_between_two_reports(tmp_path: Path) -> None:
    handler, (listener, _) = a_handler(tmp_path)
    for at_ns in (1_000, 1_100, 1_500, 1_600):
        handler.take(handler_report(handler, at_ns))
        listener.take(listener_report(listener, at_ns))
    assert (handler.longest_silence_ns, listener.longest_silence_ns) == (400, 400)


@pytest.mark.parametrize("reason", ["reopened", "drains"])
def test_a_silence_that_has_a_reason_counts_only_if_it_is_long(reason: str, tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    handler.take(handler_report(handler, NS_PER_S))
    for at_s, longest_s in ((2, 0), (5, 3)):
        if reason == "drains":
            handler.source_ended_ns = 1
        else:
            handler.has_reopened = True
        handler.take(handler_report(handler, at_s * NS_PER_S))
        assert handler.longest_silence_ns == longest_s * NS_PER_S
    assert not handler.has_reopened


def test_a_report_of_a_listener_replaces_counts_and_adds_latencies(tmp_path: Path) -> None:
    _, (listener, other) = a_handler(tmp_path)
    listener.take(listener_report(listener, 10, received=5, service=latencies(100)))
    listener.take(listener_report(listener, 20, received=9, highest=9, peers=2, idle_ns=3, service=latencies(1, 2)))
    assert listener.counts == ListenerCounts(received=9, highest=9)
    assert (listener.peers, listener.idle_ns, listener.service.count) == (2, 3, 3)
    assert other.counts == ListenerCounts()


def test_latencies_for_the_time_series_are_those_since_the_last_sample(tmp_path: Path) -> None:
    _, (listener, _) = a_handler(tmp_path)
    listener.take(listener_report(listener, service=latencies(100)))
    assert listener.fresh_service.drain()[-1] == 100
    listener.take(listener_report(listener, service=latencies(200)))
    assert listener.fresh_service.drain()[-1] == 200
    assert listener.service.count == 2


def test_the_newest_samples_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    _, (listener, _) = a_handler(tmp_path)
    for number in range(SAMPLES_KEPT + 5):
        sample = MessageSample(number, 1, (b"x",))
        listener.take(msgspec.structs.replace(listener_report(listener), samples=(sample,)))
    assert [listener.samples[0].at_ns, listener.samples[-1].at_ns] == [5, SAMPLES_KEPT + 4]
    assert listener.samples_seen == SAMPLES_KEPT + 5


@pytest.mark.parametrize(("socket_type", "timed_out"), [("PUSH", 0), ("REQ", 3)])
def test_the_counters_of_a_crashed_handler_are_closed_in_memory_and_on_disk(
    socket_type: str, timed_out: int, tmp_path: Path
) -> None:
    handler, _ = a_handler(tmp_path, socket_type)
    write(handler, HandlerSlot, offered=10, send_timeout=1, accepted=6, attempted=7, replied=4, bytes=70)
    handler.close_crashed_counters()
    counts = handler.counts
    assert (counts.offered, counts.send_timeout, counts.aborted, counts.accepted) == (10, 1, 2, 7)
    assert (counts.replied, counts.request_timeout, counts.bytes) == (4, timed_out, 70)
    on_disk = read_counters(handler.counters_file)
    assert (on_disk["accepted"], on_disk["attempted"], on_disk["aborted"]) == (7, 7, 2)
    handler.close_crashed_counters()
    assert handler.counts == counts, "a second crash before any event changes nothing"


def test_the_counters_of_a_crashed_listener_are_read(tmp_path: Path) -> None:
    _, (listener, _) = a_handler(tmp_path)
    write(listener, ListenerSlot, received=5, duplicates=1, first=1, highest=6)
    listener.close_crashed_counters()
    assert listener.counts == ListenerCounts(received=5, duplicates=1, first=1, highest=6)


def test_a_late_report_of_a_crashed_handler_does_not_change_its_counts(tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    write(handler, HandlerSlot, offered=9, attempted=9, accepted=9)
    handler.close_crashed_counters()
    handler.crashed = True
    final = handler.counts
    handler.take(handler_report(handler, 20, offered=5, accepted=4, lateness=latencies(100), joins={"0": 3}))
    assert handler.counts is final and final.accepted == 9
    assert (handler.lateness.count, handler.joins) == (1, {"a": 3})


def test_a_late_report_of_a_crashed_listener_does_not_change_its_counts(tmp_path: Path) -> None:
    _, (listener, _) = a_handler(tmp_path)
    write(listener, ListenerSlot, received=9)
    listener.close_crashed_counters()
    listener.crashed = True
    listener.take(listener_report(listener, 20, received=5, service=latencies(100)))
    assert (listener.counts.received, listener.service.count) == (9, 1)


def test_the_time_without_a_worker_is_no_silence(tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    handler.take(handler_report(handler, NS_PER_S))
    handler.restarts = 1
    handler.take(handler_report(handler, 5 * NS_PER_S))
    assert handler.longest_silence_ns == 0
    handler.take(handler_report(handler, 8 * NS_PER_S))
    assert handler.longest_silence_ns == 3 * NS_PER_S


def test_a_replaced_handler_recovers_until_it_offers_in_time(tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    assert not handler.is_recovering_at(0)
    handler.begin_recovery(0)
    late = msgspec.structs.replace(handler_report(handler, NS_PER_S, offered=900), offer_lateness=latencies(NS_PER_S))
    handler.take(late)
    # Without a new event nothing shows that it has caught up.
    handler.take(handler_report(handler, 2 * NS_PER_S, offered=900))
    assert handler.is_recovering_at(3 * NS_PER_S)
    in_time = handler_report(handler, 3 * NS_PER_S, offered=1_000)
    handler.take(msgspec.structs.replace(in_time, offer_lateness=latencies(1_000)))
    assert handler.is_recovering_at(3 * NS_PER_S)
    assert not handler.is_recovering_at(3 * NS_PER_S + RECOVERY_END_NS)


def test_a_handler_that_never_catches_up_is_judged_in_the_end(tmp_path: Path) -> None:
    handler, _ = a_handler(tmp_path)
    handler.begin_recovery(0)
    for second in range(1, 20):
        report = handler_report(handler, second * NS_PER_S, offered=second)
        handler.take(msgspec.structs.replace(report, offer_lateness=latencies(NS_PER_S)))
    assert not handler.is_recovering_at(20 * NS_PER_S)


def test_what_a_listener_is_behind_while_it_catches_up_does_not_count(tmp_path: Path) -> None:
    _, (listener, _) = a_handler(tmp_path)
    listener.begin_recovery(0)
    behind = msgspec.structs.replace(listener_report(listener, NS_PER_S), backlog=latencies(5))
    listener.take(behind)
    assert listener.backlog.count == 0
    listener.take(msgspec.structs.replace(behind, at_ns=30 * NS_PER_S))
    assert listener.backlog.count == 1


def test_a_listener_recovers_after_its_handler_until_it_is_behind_no_longer(tmp_path: Path) -> None:
    handler, (listener, _) = a_handler(tmp_path)
    handler.begin_recovery(0)
    listener.begin_recovery(0)
    # Its handler has not caught up, so what comes is not what comes at other times.
    listener.take(listener_report(listener, NS_PER_S, received=1))
    assert listener.is_recovering_at(9 * NS_PER_S)
    handler.take(handler_report(handler, NS_PER_S, offered=1))
    behind = listener_report(listener, 3 * NS_PER_S, received=2)
    listener.take(msgspec.structs.replace(behind, backlog=latencies(NS_PER_S)))
    assert listener.is_recovering_at(9 * NS_PER_S)
    listener.take(listener_report(listener, 4 * NS_PER_S, received=3))
    assert listener.is_recovering_at(4 * NS_PER_S)
    assert not listener.is_recovering_at(4 * NS_PER_S + RECOVERY_END_NS)
