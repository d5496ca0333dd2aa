"""What was accepted before a handler gave up: it comes to whoever comes within linger, or it is counted as lost."""

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
def gave_up(linger_ms: int, said: list[str], **config: object) -> Iterator[OutputHandler]:
    """A handler that accepted five events for nobody and gave up, at a port that is free."""
    with zmq.Context() as context, context.socket(zmq.PULL) as free, Output("o") as output:
        free.bind("tcp://127.0.0.1:*")
        endpoint = free.getsockopt_string(zmq.LAST_ENDPOINT)
        free.unbind(endpoint)
        keys = {"max_reconnect_attempts": 2, "reconnect_interval": 20, "linger": linger_ms, **config}
        handler = output.add_handler("h", f"zmq://{endpoint}", "events", keys)
        assert isinstance(handler, OutputHandler)
        handler.on_connection = lambda state, sentence: said.append(sentence)
        for number in range(5):
            handler.write(number)
        until(lambda: handler.state.state is ConnectionState.GAVE_UP)
        yield handler


def test_what_nobody_came_for_within_linger_is_lost_and_told() -> None:
    said: list[str] = []
    with gave_up(LINGER_MS, said) as handler:
        until(lambda: handler.stats.lost == 5)
        assert handler.stats.accepted == 5
        handler.write("too late")
        until(lambda: "5 accepted events were lost with the connection that was given up" in said)
        with zmq.Context() as context, context.socket(zmq.PULL) as pull:
            pull.linger, pull.rcvtimeo = 0, 10_000
            pull.bind(handler.endpoint)
            handler.reconnect()
            until(lambda: handler.state.state is ConnectionState.CONNECTED)
            handler.write("new")
            assert pull.recv() == b'"new"', "nothing of before comes after all"
        stats = handler.stats
        assert (stats.lost, stats.accepted, stats.aborted) == (5, 6, 1)


def test_who_comes_within_linger_gets_it_and_nothing_is_lost() -> None:
    with gave_up(20_000, []) as handler, zmq.Context() as context, context.socket(zmq.PULL) as pull:
        pull.linger, pull.rcvtimeo = 0, 10_000
        pull.bind(handler.endpoint)
        assert [pull.recv() for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
        handler.reconnect()
        assert handler.stats.lost == 0


def test_with_immediate_nothing_is_accepted_for_nobody() -> None:
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


def look(unreached: UnreachedCounter, accepted: int, now_ns: int, connections: int = 0, **how: bool) -> int:
    state = {"connected": False, "gave_up": False, **how}
    return unreached.update(accepted, connections, now_ns=now_ns, **state)


def test_only_what_was_accepted_since_the_connection_was_seen_is_lost() -> None:
    unreached = UnreachedCounter(LINGER_MS)
    assert look(unreached, 10, 0, connections=1, connected=True) == 0
    assert look(unreached, 17, 1, connections=1) == 0
    assert look(unreached, 17, 2, connections=1, gave_up=True) == 0
    assert look(unreached, 17, 2 + LINGER_NS, connections=1, gave_up=True) == 7
    assert look(unreached, 17, 9 * LINGER_NS, connections=1, gave_up=True) == 0
    assert unreached.lost == 7


def test_a_connection_after_giving_up_may_have_taken_it_all() -> None:
    unreached = UnreachedCounter(LINGER_MS)
    assert look(unreached, 5, 0, gave_up=True) == 0
    assert look(unreached, 5, 1, connections=1, gave_up=True) == 0
    assert look(unreached, 5, 9 * LINGER_NS, connections=1, gave_up=True) == 0
    assert unreached.lost == 0


def test_of_a_socket_that_was_replaced_within_linger_nothing_is_known() -> None:
    unreached = UnreachedCounter(LINGER_MS)
    look(unreached, 5, 0, gave_up=True)
    unreached.reconnected()
    assert look(unreached, 5, 9 * LINGER_NS) == 0
    assert look(unreached, 8, 10 * LINGER_NS, gave_up=True) == 0
    assert look(unreached, 8, 12 * LINGER_NS, gave_up=True) == 3


def test_without_a_limit_nothing_is_ever_given_up_for_lost() -> None:
    unreached = UnreachedCounter(-1)
    assert look(unreached, 5, 0, gave_up=True) == 0
    assert look(unreached, 5, 10**18, gave_up=True) == 0
