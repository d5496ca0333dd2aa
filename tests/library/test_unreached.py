"""Events accepted before a handler gave up: a peer that connects within linger gets them, or they count as lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import zmq

from bench_app import ConnectionState, Output, OutputHandler
from bench_app.library.unreached import MARGIN_NS, UnreachedCounter
from tests.library import until

LINGER_MS = 50
LINGER_NS = LINGER_MS * 1_000_000 + MARGIN_NS


@contextmanager
def gave_up(linger_ms: int, messages: list[str], **config: object) -> Iterator[OutputHandler]:
    """A handler that accepted five events without a peer and gave up; its port is free."""
    with zmq.Context() as context, context.socket(zmq.PULL) as free, Output("o") as output:
        free.bind("tcp://127.0.0.1:*")
        endpoint = free.getsockopt_string(zmq.LAST_ENDPOINT)
        free.unbind(endpoint)
        keys = {"max_reconnect_attempts": 2, "reconnect_interval": 20, "linger": linger_ms, **config}
        handler = output.add_handler("h", f"zmq://{endpoint}", "events", keys)
        assert isinstance(handler, OutputHandler)
        handler.on_connection = lambda state, message: messages.append(message)
        for number in range(5):
            handler.write(number)
        until(lambda: handler.state.state is ConnectionState.GAVE_UP)
        yield handler


def test_events_are_lost_and_reported_if_no_peer_connects_within_linger() -> None:
    messages: list[str] = []
    with gave_up(LINGER_MS, messages) as handler:
        until(lambda: handler.stats.lost == 5)
        assert handler.stats.accepted == 5
        handler.write("too late")
        until(lambda: "5 accepted events were lost with the connection that was given up" in messages)
        with zmq.Context() as context, context.socket(zmq.PULL) as pull:
            pull.linger, pull.rcvtimeo = 0, 10_000
            pull.bind(handler.endpoint)
            handler.reconnect()
            until(lambda: handler.state.state is ConnectionState.CONNECTED)
            handler.write("new")
            assert pull.recv() == b'"new"', "no event of the lost connection arrives later"
        stats = handler.stats
        assert (stats.lost, stats.accepted, stats.aborted) == (5, 6, 1)


def test_a_peer_that_connects_within_linger_gets_all_events() -> None:
    with gave_up(20_000, []) as handler, zmq.Context() as context, context.socket(zmq.PULL) as pull:
        pull.linger, pull.rcvtimeo = 0, 10_000
        pull.bind(handler.endpoint)
        assert [pull.recv() for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
        handler.reconnect()
        assert handler.stats.lost == 0


def test_with_immediate_no_event_is_accepted_without_a_peer() -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as free, Output("o") as output:
        free.bind("tcp://127.0.0.1:*")
        endpoint = free.getsockopt_string(zmq.LAST_ENDPOINT)
        free.unbind(endpoint)
        keys = {"max_reconnect_attempts": 2, "reconnect_interval": 20, "linger": 0, "send_timeout": -1}
        handler = output.add_handler("h", f"zmq://{endpoint}", "events", keys, {"immediate": True})
        assert isinstance(handler, OutputHandler)
        handler.write(1)
        until(lambda: handler.state.state is ConnectionState.GAVE_UP)
        until(lambda: handler.stats.aborted == 1)
        assert (handler.stats.accepted, handler.stats.lost) == (0, 0)


def update(unreached: UnreachedCounter, accepted: int, now_ns: int, connections: int = 0, **changes: bool) -> int:
    state = {"connected": False, "gave_up": False, **changes}
    return unreached.update(accepted, connections, now_ns=now_ns, **state)


def test_only_events_accepted_after_the_last_connection_are_lost() -> None:
    unreached = UnreachedCounter(LINGER_MS)
    assert update(unreached, 10, 0, connections=1, connected=True) == 0
    assert update(unreached, 17, 1, connections=1) == 0
    assert update(unreached, 17, 2, connections=1, gave_up=True) == 0
    assert update(unreached, 17, 2 + LINGER_NS, connections=1, gave_up=True) == 7
    assert update(unreached, 17, 9 * LINGER_NS, connections=1, gave_up=True) == 0
    assert unreached.lost == 7


def test_after_a_late_connection_no_event_counts_as_lost() -> None:
    unreached = UnreachedCounter(LINGER_MS)
    assert update(unreached, 5, 0, gave_up=True) == 0
    assert update(unreached, 5, 1, connections=1, gave_up=True) == 0
    assert update(unreached, 5, 9 * LINGER_NS, connections=1, gave_up=True) == 0
    assert unreached.lost == 0


def test_events_of_a_socket_that_was_replaced_within_linger_do_not_count_as_lost() -> None:
    unreached = UnreachedCounter(LINGER_MS)
    update(unreached, 5, 0, gave_up=True)
    unreached.reconnected()
    assert update(unreached, 5, 9 * LINGER_NS) == 0
    assert update(unreached, 8, 10 * LINGER_NS, gave_up=True) == 0
    assert update(unreached, 8, 12 * LINGER_NS, gave_up=True) == 3


def test_with_endless_linger_no_event_counts_as_lost() -> None:
    unreached = UnreachedCounter(-1)
    assert update(unreached, 5, 0, gave_up=True) == 0
    assert update(unreached, 5, 10**18, gave_up=True) == 0
