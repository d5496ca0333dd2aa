"""Connection states: the tracker fed with events as libzmq 4.3.5 gives them, and the monitor on real sockets."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket as unix
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.transport import bind
from bench_app.transport.connection import ConnectionState, ConnectionTracker, Monitor
from bench_app.transport.silent_peer import SilentPeerProbe

A, B, NAMED, FILE = "tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556", "tcp://work-queue:5555", "ipc:///tmp/nobody.ipc"

Event = tuple[int, int]
Told = tuple[list[str], list[str]]

# (event, value), in the order in which they were seen.
REFUSED = [(zmq.EVENT_CONNECT_DELAYED, 115), (zmq.EVENT_CLOSED, 8), (zmq.EVENT_CONNECT_RETRIED, 150)]
UNRESOLVABLE = [(zmq.EVENT_CONNECT_RETRIED, 150)]
NOBODY_AT_FILE = [(zmq.EVENT_CLOSED, 8), (zmq.EVENT_CONNECT_RETRIED, 150)]
SUCCESS = [(zmq.EVENT_CONNECT_DELAYED, 115), (zmq.EVENT_CONNECTED, 15), (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)]
HUNG_UP = [(zmq.EVENT_CONNECT_DELAYED, 115), (zmq.EVENT_CONNECTED, 15), (zmq.EVENT_DISCONNECTED, 15)]
LOST = [(zmq.EVENT_DISCONNECTED, 15)]
RETRIED = [(zmq.EVENT_CONNECT_RETRIED, 150)]


def connecting(*endpoints: str, limit: int = -1, reconnects: bool = True) -> ConnectionTracker:
    tracker = ConnectionTracker(limit, reconnects)
    for endpoint in endpoints or (A,):
        tracker.connecting(endpoint)
    return tracker


def bound() -> ConnectionTracker:
    tracker = ConnectionTracker()
    tracker.bound(A)
    return tracker


def feed(tracker: ConnectionTracker, events: list[Event], endpoint: str = A, times: int = 1) -> Told:
    """Feed a sequence some times over; all sentences and all endpoints to disconnect."""
    told: list[str] = []
    abandoned: list[str] = []
    for event, value in events * times:
        sentences, gone = tracker.feed(event, value, endpoint)
        told += sentences
        abandoned += gone
    return told, abandoned


def test_a_socket_that_was_told_nothing_is_idle() -> None:
    tracker = ConnectionTracker()
    assert (tracker.state, tracker.label, tracker.sentence) == (ConnectionState.IDLE, "idle", "")
    assert not tracker.gave_up
    assert feed(tracker, REFUSED) == ([], [])


def test_before_the_first_event_it_is_connecting() -> None:
    tracker = connecting()
    assert (tracker.state, tracker.label) == (ConnectionState.CONNECTING, "connecting")
    assert tracker.sentence == f"connecting to {A}"


def test_success() -> None:
    tracker = connecting()
    assert feed(tracker, SUCCESS[:2]) == ([], [])
    assert (tracker.state, tracker.peers, tracker.ever_connected) == (ConnectionState.CONNECTING, 0, False)
    assert feed(tracker, SUCCESS[2:]) == ([f"connected to {A}"], [])
    assert (tracker.state, tracker.peers, tracker.ever_connected) == (ConnectionState.CONNECTED, 1, True)
    assert (tracker.label, tracker.sentence) == ("connected", f"connected to {A}")


@pytest.mark.parametrize(
    ("events", "endpoint", "cause"),
    [
        (REFUSED, A, "connection refused: nothing listens there"),
        (UNRESOLVABLE, NAMED, "the name work-queue does not resolve"),
        (NOBODY_AT_FILE, FILE, "connection refused: nothing listens there"),
        (HUNG_UP + RETRIED, A, "it closes the connection at once: another socket type or no ZeroMQ there"),
        (
            [*SUCCESS[:2], (zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, 32), *LOST, *RETRIED],
            A,
            "the handshake failed: the other side hung up (another CURVE key is expected, or no ZeroMQ there)",
        ),
        (
            [*SUCCESS[:2], (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, 268435456), *LOST, *RETRIED],
            A,
            "the handshake failed: protocol error 0x10000000",
        ),
        (
            [*SUCCESS[:2], (zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400), *RETRIED],
            A,
            "the handshake failed: not authorized (ZAP status 400)",
        ),
        (
            [*SUCCESS[:2], (zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, 110), *LOST, *RETRIED],
            A,
            "the handshake failed: Connection timed out",
        ),
        ([(zmq.EVENT_CLOSED, 8), *RETRIED], A, "this machine knows no way there"),
        ([(zmq.EVENT_CLOSED, 8), *RETRIED], NAMED, "this machine knows no way there"),
        (SUCCESS + LOST + RETRIED, A, "the connection was lost"),
    ],
    ids=[
        "refused",
        "unresolvable",
        "ipc",
        "hung up",
        "no detail",
        "protocol",
        "auth",
        "timed out",
        "no way",
        "no way to a name",
        "lost",
    ],
)
def test_the_sentence_tells_why(events: list[Event], endpoint: str, cause: str) -> None:
    tracker = connecting(endpoint, limit=3)
    told, abandoned = feed(tracker, events, endpoint)
    sentence = f"{endpoint}: retrying 1 of 3, next in 150 ms ({cause})"
    assert told[-1] == sentence == tracker.sentence
    assert abandoned == []
    assert (tracker.state, tracker.label) == (ConnectionState.RETRYING, "retrying 1 of 3")


def test_only_the_first_of_many_retries_is_told() -> None:
    tracker = connecting()
    told, abandoned = feed(tracker, REFUSED, times=50)
    assert len(told) == 1
    assert abandoned == []
    assert tracker.label == "retrying 50"
    assert tracker.sentence == f"{A}: retrying 50, next in 150 ms (connection refused: nothing listens there)"


KEY_REFUSED = [*SUCCESS[:2], (zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, 32), *LOST, *RETRIED]


@pytest.mark.parametrize(
    ("events", "endpoint"),
    [(REFUSED, A), (UNRESOLVABLE, NAMED), (NOBODY_AT_FILE, FILE), (KEY_REFUSED, A)],
    ids=["refused", "unresolvable", "ipc", "wrong key"],
)
def test_an_attempt_that_fails_like_the_one_before_is_no_news(events: list[Event], endpoint: str) -> None:
    tracker = connecting(endpoint, limit=20)
    told, abandoned = feed(tracker, events, endpoint, times=21)
    assert len(told) == 2
    assert "retrying 1 of 20" in told[0]
    assert told[1].startswith(f"gave up on {endpoint} (the limit of 20 attempts is reached; ")
    assert abandoned == [endpoint]


def test_a_peer_that_turns_one_away_time_and_again_is_told_once_each_way() -> None:
    tracker = connecting()
    told, _ = feed(tracker, HUNG_UP + RETRIED, times=20)
    assert [sentence.split(" ")[0] for sentence in told] == ["turned", f"{A}:"]


def test_another_reason_is_news() -> None:
    tracker = connecting()
    told, _ = feed(tracker, REFUSED * 3 + KEY_REFUSED * 3 + REFUSED * 3)
    assert len(told) == 2
    assert "retrying 4, " in told[1]
    assert "the other side hung up" in told[1]
    assert "connection refused" in tracker.sentence


def test_after_a_loss_the_sentence_has_what_stands_in_the_way_now() -> None:
    tracker = connecting()
    feed(tracker, SUCCESS + LOST + RETRIED + REFUSED)
    assert tracker.sentence == (
        f"{A}: retrying 2, next in 150 ms (the connection was lost; now connection refused: nothing listens there)"
    )


def test_success_makes_everything_news_again() -> None:
    tracker = connecting()
    first, _ = feed(tracker, REFUSED * 3 + SUCCESS + LOST)
    second, _ = feed(tracker, RETRIED + REFUSED * 3 + SUCCESS)
    assert len(first) == 3
    assert second[0] == f"{A}: retrying 1, next in 150 ms (the connection was lost)"
    assert "connection refused" in second[1]
    assert second[2:] == [f"connected to {A} again after 4 attempts"]


def test_a_connection_whose_handshake_does_not_come() -> None:
    tracker = connecting()
    feed(tracker, SUCCESS[:2])
    assert tracker.sentence == f"{A} takes the connection, but has not shaken hands yet"
    assert tracker.label == "connecting"


@pytest.mark.parametrize(
    ("event", "value", "why"),
    [
        (zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400, "not authorized (ZAP status 400)"),
        (
            zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
            0x11000002,
            "the two sides use different security (CURVE, PLAIN or none)",
        ),
    ],
)
def test_a_refused_handshake_is_final_for_libzmq_and_said(event: int, value: int, why: str) -> None:
    tracker = connecting(limit=3)
    told, abandoned = feed(tracker, [*SUCCESS[:2], (event, value), *LOST])
    assert told == [f"handshake refused by {A} (the handshake failed: {why})"]
    assert abandoned == []
    assert (tracker.state, tracker.label, tracker.sentence) == (ConnectionState.FAILED, "refused", told[0])


def test_a_peer_of_another_type_turns_us_away() -> None:
    tracker = connecting()
    told, _ = feed(tracker, HUNG_UP)
    assert told == [f"turned away by {A} (it closes the connection at once: another socket type or no ZeroMQ there)"]
    assert (tracker.state, tracker.label) == (ConnectionState.FAILED, "turned away")


def test_a_silent_peer() -> None:
    tracker = connecting(limit=5)
    feed(tracker, SUCCESS)
    told, _ = tracker.feed(*LOST[0], A, silent_ms=412)
    assert told == [f"peer silent for 412 ms: the connection to {A} is dropped"]
    feed(tracker, RETRIED)
    assert (tracker.state, tracker.label) == (ConnectionState.RETRYING, "peer silent")
    assert tracker.sentence == f"{A}: retrying 1 of 5, next in 150 ms (peer silent for 412 ms)"
    feed(tracker, SUCCESS[:2])
    assert tracker.sentence == (f"{A} takes the connection, but has not shaken hands yet (peer silent for 412 ms)")
    # Gone for good: then it is no longer its silence that stands in the way.
    feed(tracker, [(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, 110), *LOST, *RETRIED])
    assert tracker.label == "retrying 2 of 5"
    assert "peer silent for 412 ms; now the handshake failed: Connection timed out" in tracker.sentence


def test_the_time_of_the_next_retry_is_that_of_the_last_event() -> None:
    tracker = connecting()
    feed(tracker, REFUSED)
    feed(tracker, [*REFUSED[:2], (zmq.EVENT_CONNECT_RETRIED, 4321)])
    assert "next in 4321 ms" in tracker.sentence


@pytest.mark.parametrize("limit", [0, 1, 3])
@pytest.mark.parametrize(("events", "endpoint"), [(REFUSED, A), (UNRESOLVABLE, NAMED), (NOBODY_AT_FILE, FILE)])
def test_it_gives_up_after_its_retries(limit: int, events: list[Event], endpoint: str) -> None:
    tracker = connecting(endpoint, limit=limit)
    feed(tracker, events, endpoint, times=limit)
    assert not tracker.gave_up
    told, abandoned = feed(tracker, events, endpoint)
    assert abandoned == [endpoint]
    attempts = "1 attempt" if limit == 1 else f"{limit} attempts"
    assert told[-1].startswith(f"gave up on {endpoint} (the limit of {attempts} is reached; ")
    assert tracker.sentence == told[-1]
    assert tracker.gave_up
    assert (tracker.state, tracker.label) == (ConnectionState.GAVE_UP, "gave up")


def test_what_comes_after_giving_up_is_ignored() -> None:
    tracker = connecting(limit=0)
    feed(tracker, REFUSED)
    sentence = tracker.sentence
    assert feed(tracker, REFUSED + SUCCESS + LOST, times=3) == ([], [])
    assert (tracker.sentence, tracker.peers) == (sentence, 0)


def test_without_a_limit_it_never_gives_up() -> None:
    tracker = connecting(limit=-1)
    assert feed(tracker, REFUSED, times=1000)[1] == []
    assert tracker.state is ConnectionState.RETRYING


def test_success_gives_all_attempts_back() -> None:
    tracker = connecting(limit=3)
    for round_number in range(3):
        told, abandoned = feed(tracker, REFUSED * 3 + SUCCESS)
        again = " again" if round_number else ""
        assert told[-1] == f"connected to {A}{again} after 3 attempts"
        assert abandoned == []
        told, _ = feed(tracker, LOST)
        assert told == [f"lost the connection to {A}"]
        assert (tracker.peers, tracker.state) == (0, ConnectionState.CONNECTING)
    feed(tracker, REFUSED, times=3)
    assert tracker.label == "retrying 3 of 3"
    assert feed(tracker, REFUSED)[1] == [A]


def test_a_connection_without_a_handshake_gives_no_attempt_back() -> None:
    tracker = connecting(limit=2)
    feed(tracker, HUNG_UP + RETRIED, times=2)
    told, abandoned = feed(tracker, HUNG_UP + RETRIED)
    assert abandoned == [A]
    assert "another socket type" in told[-1]
    assert tracker.peers == 0


def test_a_limit_changed_on_the_way_holds_from_the_next_attempt() -> None:
    tracker = connecting(limit=-1)
    feed(tracker, REFUSED, times=5)
    tracker.max_attempts = 2
    assert tracker.label == "retrying 5 of 2"
    assert feed(tracker, REFUSED)[1] == [A]


class TestWithoutReconnecting:
    """The reconnect interval switched off: one attempt, then nothing more."""

    def test_a_refusal_is_final(self) -> None:
        tracker = connecting(reconnects=False)
        told, abandoned = feed(tracker, REFUSED[:2])
        assert abandoned == [A]
        assert told == [f"gave up on {A} (reconnecting is switched off; connection refused: nothing listens there)"]
        assert tracker.gave_up

    def test_a_lost_connection_is_final(self) -> None:
        tracker = connecting(reconnects=False)
        feed(tracker, SUCCESS)
        told, abandoned = feed(tracker, LOST)
        assert abandoned == [A]
        assert told == [f"gave up on {A} (reconnecting is switched off; the connection was lost)"]
        assert (tracker.peers, tracker.ever_connected) == (0, True)

    def test_a_peer_of_another_type_is_final(self) -> None:
        tracker = connecting(reconnects=False)
        told, abandoned = feed(tracker, HUNG_UP)
        assert abandoned == [A]
        assert "another socket type" in told[-1]

    def test_success_is_no_end(self) -> None:
        tracker = connecting(reconnects=False)
        assert feed(tracker, SUCCESS)[1] == []
        assert tracker.state is ConnectionState.CONNECTED


class TestSeveralEndpoints:
    """One socket that connects to more than one peer."""

    def test_the_state_is_that_of_the_worst(self) -> None:
        tracker = connecting(A, B)
        feed(tracker, SUCCESS, A)
        assert tracker.state is ConnectionState.CONNECTING
        feed(tracker, REFUSED, B)
        assert tracker.state is ConnectionState.RETRYING
        feed(tracker, SUCCESS, B)
        assert (tracker.state, tracker.peers) == (ConnectionState.CONNECTED, 2)

    def test_each_has_a_limit_of_its_own(self) -> None:
        tracker = connecting(A, B, limit=2)
        assert feed(tracker, REFUSED, A, times=2)[1] == []
        assert feed(tracker, REFUSED, B, times=2)[1] == []
        assert feed(tracker, REFUSED, A)[1] == [A]
        assert not tracker.gave_up
        assert tracker.label == "retrying 2 of 2"
        assert feed(tracker, REFUSED, B)[1] == [B]
        assert tracker.gave_up

    def test_one_given_up_leaves_the_other_connected(self) -> None:
        tracker = connecting(A, B, limit=0)
        feed(tracker, SUCCESS, B)
        feed(tracker, REFUSED, A)
        assert tracker.state is ConnectionState.CONNECTED
        first, second = tracker.sentence.split("; connected to ")
        assert first.startswith(f"gave up on {A}")
        assert second == B

    def test_the_label_has_the_most_attempts(self) -> None:
        tracker = connecting(A, B)
        feed(tracker, REFUSED, A, times=2)
        feed(tracker, REFUSED, B, times=7)
        assert tracker.label == "retrying 7"

    def test_another_endpoint_is_none_of_ours(self) -> None:
        tracker = connecting(A)
        assert feed(tracker, REFUSED + SUCCESS, B) == ([], [])
        assert (tracker.peers, tracker.state) == (0, ConnectionState.CONNECTING)


class TestBound:
    """The side that listens."""

    def test_peers_come_and_go(self) -> None:
        tracker = bound()
        assert (tracker.state, tracker.label) == (ConnectionState.BOUND, "bound")
        assert tracker.sentence == f"bound to {A}, 0 connected"
        arrival = [(zmq.EVENT_ACCEPTED, 17), (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)]
        assert feed(tracker, arrival) == ([f"a peer connected to {A} (1 now)"], [])
        second = [(zmq.EVENT_ACCEPTED, 18), (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)]
        assert feed(tracker, second) == ([f"a peer connected to {A} (2 now)"], [])
        assert (tracker.state, tracker.peers) == (ConnectionState.CONNECTED, 2)
        assert feed(tracker, [(zmq.EVENT_DISCONNECTED, 17)]) == ([f"a peer left {A} (1 now)"], [])
        assert feed(tracker, [(zmq.EVENT_DISCONNECTED, 18)]) == ([f"a peer left {A} (0 now)"], [])
        assert (tracker.state, tracker.ever_connected) == (ConnectionState.BOUND, True)

    def test_a_peer_of_another_type_is_turned_away(self) -> None:
        tracker = bound()
        told, _ = feed(tracker, [(zmq.EVENT_ACCEPTED, 18), (zmq.EVENT_DISCONNECTED, 18)])
        assert told == [f"a peer of another socket type was turned away from {A}"]
        assert (tracker.peers, tracker.ever_connected) == (0, False)

    def test_a_peer_turned_away_does_not_count_against_another(self) -> None:
        tracker = bound()
        feed(tracker, [(zmq.EVENT_ACCEPTED, 17), (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)])
        told, _ = feed(tracker, [(zmq.EVENT_ACCEPTED, 18), (zmq.EVENT_DISCONNECTED, 18)])
        assert tracker.peers == 1
        assert told == [f"a peer of another socket type was turned away from {A}"]

    def test_who_comes_time_and_again_is_told_once_for_each_reason(self) -> None:
        tracker = bound()
        came = (zmq.EVENT_ACCEPTED, 17)
        went = (zmq.EVENT_DISCONNECTED, 17)
        told, _ = feed(tracker, [came, (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, 0x11000001), went], times=20)
        assert told == [f"a peer did not get into {A}: the handshake failed: the CURVE keys do not fit"]
        told, _ = feed(tracker, [came, went], times=20)
        assert told == [f"a peer of another socket type was turned away from {A}"]
        assert tracker.sentence == f"bound to {A}, 0 connected, 40 turned away"

    def test_a_silent_peer_is_told(self) -> None:
        tracker = bound()
        feed(tracker, [(zmq.EVENT_ACCEPTED, 17), (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)])
        told, _ = tracker.feed(zmq.EVENT_DISCONNECTED, 17, A, silent_ms=300)
        assert told == [f"peer silent for 300 ms: dropped by {A} (0 now)"]

    def test_a_connection_it_could_not_accept_is_told(self) -> None:
        told, abandoned = feed(bound(), [(zmq.EVENT_ACCEPT_FAILED, 24)])
        assert told == [f"{A} could not accept a connection: Too many open files"]
        assert abandoned == []

    def test_it_never_gives_up(self) -> None:
        tracker = ConnectionTracker(max_attempts=0, reconnects=False)
        tracker.bound(A)
        assert feed(tracker, [(zmq.EVENT_CLOSED, 1), (zmq.EVENT_CONNECT_RETRIED, 1)], times=3) == ([], [])
        assert not tracker.gave_up


Socket = zmq.Socket[bytes]
LIMIT_S = 30.0


class Watched:
    """A real PUSH with its monitor."""

    def __init__(
        self,
        context: zmq.Context[Socket],
        endpoint: str,
        limit: int = -1,
        reconnect_ivl: int = 10,
        silence_ms: int = 0,
        prepare: Callable[[Socket], None] | None = None,
    ) -> None:
        self.socket = context.socket(zmq.PUSH)
        self.socket.linger = 0
        self.socket.reconnect_ivl = reconnect_ivl
        self.socket.heartbeat_ivl, self.socket.heartbeat_timeout = silence_ms // 4, silence_ms
        if prepare is not None:
            prepare(self.socket)
        self.tracker = ConnectionTracker(limit, reconnect_ivl > 0, silence_limit_ms=silence_ms)
        self.monitor = Monitor(self.socket, self.tracker)
        self.told: list[str] = []
        self.tracker.connecting(endpoint)
        self.socket.connect(endpoint)

    def drain_until(self, is_reached: Callable[[], bool]) -> None:
        """Drain the monitor until the tracker is where it should be; events come in the background."""
        give_up_at = time.monotonic() + LIMIT_S
        while not is_reached():
            assert time.monotonic() < give_up_at, self.told
            self.told += self.monitor.drain()

    def close(self) -> None:
        self.monitor.close()
        self.socket.close()


@pytest.fixture
def context() -> Iterator[zmq.Context[Socket]]:
    with zmq.Context() as context:
        yield context


@pytest.fixture
def watch(context: zmq.Context[Socket]) -> Iterator[Callable[..., Watched]]:
    opened: list[Watched] = []

    def open_one(endpoint: str, limit: int = -1, **more: Any) -> Watched:
        opened.append(Watched(context, endpoint, limit, **more))
        return opened[-1]

    yield open_one
    for watched in opened:
        watched.close()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, so that no other test gets it, but that nobody listens at."""
    with unix.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def listener(context: zmq.Context[Socket], kind: int = zmq.PULL) -> tuple[Socket, int]:
    socket = context.socket(kind)
    socket.linger = 0
    return socket, socket.bind_to_random_port("tcp://127.0.0.1")


def test_who_never_answers_did_not_refuse(watch: Callable[..., Watched]) -> None:
    # A backlog that is full drops what comes, as a firewall does. The system would try for two minutes.
    with unix.socket() as deaf, unix.socket() as first:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        first.connect(deaf.getsockname())
        endpoint = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        watched = watch(endpoint, prepare=lambda socket: setattr(socket, "connect_timeout", 1100))
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.RETRYING)
        (told,) = watched.told
        assert told.startswith(f"{endpoint}: retrying 1, next in ")
        assert told.endswith("(no answer: the host is away, or packets to it are dropped)")


def test_an_attempt_is_refused_or_unanswered_by_the_time_it_took() -> None:
    for waited_ms, reason in ((0, "refused"), (1000, "refused"), (1001, "no answer"), (130_000, "no answer")):
        tracker = connecting(A)
        for event, value in REFUSED:
            tracker.feed(event, value, A, waited_ms=waited_ms if event == zmq.EVENT_CLOSED else 0)
        assert reason in tracker.sentence


def test_a_port_that_refuses_is_told_once_and_given_up_once(watch: Callable[..., Watched], closed_port: int) -> None:
    watched = watch(f"tcp://127.0.0.1:{closed_port}", 25, reconnect_ivl=1)
    watched.drain_until(lambda: watched.tracker.gave_up)
    first, last = watched.told
    assert "retrying 1 of 25" in first
    assert "the limit of 25 attempts is reached" in last


@pytest.mark.parametrize("limit", [0, 2])
def test_a_closed_port_is_given_up(watch: Callable[..., Watched], closed_port: int, limit: int) -> None:
    endpoint = f"tcp://127.0.0.1:{closed_port}"
    watched = watch(endpoint, limit)
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert watched.told[-1] == (
        f"gave up on {endpoint} (the limit of {limit} attempts is reached; connection refused: nothing listens there)"
    )
    # It is disconnected: libzmq knows the endpoint no more, and there is no pipe to send into.
    with pytest.raises(zmq.ZMQError, match="No such file"):
        watched.socket.disconnect(endpoint)
    with pytest.raises(zmq.Again):
        watched.socket.send(b"", zmq.NOBLOCK)


def test_a_closed_port_without_reconnecting_is_given_up(watch: Callable[..., Watched], closed_port: int) -> None:
    watched = watch(f"tcp://127.0.0.1:{closed_port}", reconnect_ivl=-1)
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert "reconnecting is switched off; connection refused" in watched.told[-1]


def test_a_name_that_does_not_resolve_is_given_up(watch: Callable[..., Watched]) -> None:
    watched = watch("tcp://no-such-host.invalid:5555", 3)
    watched.drain_until(lambda: watched.tracker.gave_up)
    first, last = watched.told
    assert "retrying 1 of 3" in first
    assert last == (
        "gave up on tcp://no-such-host.invalid:5555 "
        "(the limit of 3 attempts is reached; the name no-such-host.invalid does not resolve)"
    )


def test_an_ipc_path_without_a_listener_is_given_up(watch: Callable[..., Watched]) -> None:
    watched = watch("ipc://@zmq-bench-nobody-here", 1)
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert "connection refused: nothing listens there" in watched.told[-1]


def test_a_peer_of_another_type_is_told(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    subscriber, port = listener(context, zmq.SUB)
    with subscriber:
        watched = watch(f"tcp://127.0.0.1:{port}", 2)
        watched.drain_until(lambda: bool(watched.told))
    assert watched.told[-1].startswith("turned away by ")
    assert watched.tracker.state is ConnectionState.FAILED


SERVER_KEYS, CLIENT_KEYS = zmq.curve_keypair(), zmq.curve_keypair()


def serve_with_curve(socket: Socket) -> None:
    socket.curve_server = True
    socket.curve_publickey, socket.curve_secretkey = SERVER_KEYS


def expect_key(key: bytes) -> Callable[[Socket], None]:
    def prepare(socket: Socket) -> None:
        socket.curve_serverkey = key
        socket.curve_publickey, socket.curve_secretkey = CLIENT_KEYS

    return prepare


def test_a_wrong_curve_key_is_given_up_and_told_once(
    watch: Callable[..., Watched], context: zmq.Context[Socket]
) -> None:
    with context.socket(zmq.PULL) as pull:
        serve_with_curve(pull)
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        watched = watch(f"tcp://127.0.0.1:{port}", 10, prepare=expect_key(CLIENT_KEYS[0]))
        watched.drain_until(lambda: watched.tracker.gave_up)
    # The server hangs up, and which error that gives depends on how far one has got by then.
    assert len(watched.told) <= 3
    assert "the limit of 10 attempts is reached; the handshake failed: the other side hung up" in watched.told[-1]


def test_curve_against_none_is_refused(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    pull, port = listener(context)
    with pull:
        watched = watch(f"tcp://127.0.0.1:{port}", prepare=expect_key(SERVER_KEYS[0]))
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.FAILED)
    assert watched.told == [
        f"handshake refused by tcp://127.0.0.1:{port} "
        "(the handshake failed: the two sides use different security (CURVE, PLAIN or none))"
    ]
    assert watched.tracker.label == "refused"


def test_who_is_not_authorized_is_refused(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    authenticator = context.socket(zmq.REP)
    authenticator.bind("inproc://zeromq.zap.01")
    with authenticator, context.socket(zmq.PULL) as pull:
        pull.zap_domain = b"bench"
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        watched = watch(f"tcp://127.0.0.1:{port}")
        assert authenticator.poll(int(LIMIT_S * 1000))
        version, request = authenticator.recv_multipart()[:2]
        authenticator.send_multipart([version, request, b"400", b"no", b"", b""])
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.FAILED)
    assert "not authorized (ZAP status 400)" in watched.told[-1]


_PEER = """
import sys, zmq
socket = zmq.Context().socket(zmq.PULL)
socket.bind(sys.argv[1])
print(socket.last_endpoint.decode(), flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def peer_process(place: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A PULL in a process of its own, which may be stopped or killed."""
    command = [sys.executable, "-c", _PEER, place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells how a connection ended")


@linux_only
@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_a_stopped_peer_is_silent(watch: Callable[..., Watched], transport: str, tmp_path: Path) -> None:
    with peer_process("tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{tmp_path}/peer") as (process, endpoint):
        watched = watch(endpoint, silence_ms=80)
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
        process.send_signal(signal.SIGSTOP)
        watched.drain_until(lambda: watched.tracker.label == "peer silent")
        assert any(sentence.startswith("peer silent for ") for sentence in watched.told)
        process.send_signal(signal.SIGCONT)
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)


@linux_only
def test_a_killed_peer_is_lost_and_not_silent(watch: Callable[..., Watched]) -> None:
    with peer_process("tcp://127.0.0.1:*") as (process, endpoint):
        # Much longer than a kill takes to be noticed.
        watched = watch(endpoint, silence_ms=20_000)
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
        process.kill()
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.RETRYING)
    assert watched.told[1] == f"lost the connection to {endpoint}"


@linux_only
def test_watching_for_silence_leaves_no_descriptor_behind() -> None:
    watch = SilentPeerProbe(1)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        here, there = unix.socketpair()
        descriptor = here.fileno()
        watch.opened(descriptor)
        there.close()
        here.close()
        assert watch.closed(descriptor) == 0
    here, there = unix.socketpair()
    watch.opened(here.fileno())
    watch.close()
    here.close()
    there.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@linux_only
def test_who_was_heard_of_a_moment_ago_was_not_silent() -> None:
    """As where libzmq closes a connection for a message that is too large."""
    watch = SilentPeerProbe(10_000)
    with unix.create_server(("127.0.0.1", 0)) as server, unix.create_connection(server.getsockname()) as here:
        there, _ = server.accept()
        there.sendall(b"x")
        assert here.recv(1) == b"x"
        watch.opened(here.fileno())
        assert watch.closed(here.fileno()) == 0
        there.close()


def test_a_connection_that_was_never_seen_was_not_silent() -> None:
    watch = SilentPeerProbe(1)
    watch.opened(-1)
    assert (watch.closed(-1), watch.closed(12345)) == (0, 0)


def test_a_server_that_hangs_up_is_given_up(watch: Callable[..., Watched]) -> None:
    with unix.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)

        def gave_up_while_hanging_up() -> bool:
            with contextlib.suppress(BlockingIOError):
                server.accept()[0].close()
            return watched.tracker.gave_up

        watched = watch(f"tcp://127.0.0.1:{server.getsockname()[1]}", 2)
        watched.drain_until(gave_up_while_hanging_up)
    # Which error libzmq sees depends on how far its greeting got.
    assert "the limit of 2 attempts is reached; the handshake failed: " in watched.told[-1]
    assert not watched.tracker.ever_connected


def test_connected_lost_and_connected_again(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    pull, port = listener(context)
    endpoint = f"tcp://127.0.0.1:{port}"
    watched = watch(endpoint)
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    pull.close()
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.RETRYING)
    assert watched.tracker.peers == 0
    with context.socket(zmq.PULL) as again:
        again.linger = 0
        bind_when_free(again, endpoint)
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    assert watched.told[:2] == [f"connected to {endpoint}", f"lost the connection to {endpoint}"]
    assert watched.told[-1].startswith(f"connected to {endpoint} again after ")


def bind_when_free(socket: Socket, endpoint: str) -> None:
    """libzmq frees the address of a closed socket in the background."""
    give_up_at = time.monotonic() + LIMIT_S
    while True:
        try:
            socket.bind(endpoint)
        except zmq.ZMQError:
            assert time.monotonic() < give_up_at
        else:
            return


def test_a_lost_connection_counts_up_to_the_limit(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    pull, port = listener(context)
    watched = watch(f"tcp://127.0.0.1:{port}", 2)
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    pull.close()
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert "the limit of 2 attempts is reached; the connection was lost" in watched.told[-1]


def test_a_lost_connection_to_a_name_counts_up_to_the_limit(
    watch: Callable[..., Watched], context: zmq.Context[Socket]
) -> None:
    pull, port = listener(context)
    watched = watch(f"tcp://localhost:{port}", 2)
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    pull.close()
    watched.drain_until(lambda: watched.tracker.gave_up)


def test_a_lost_connection_without_reconnecting_is_given_up(
    watch: Callable[..., Watched], context: zmq.Context[Socket]
) -> None:
    pull, port = listener(context)
    watched = watch(f"tcp://127.0.0.1:{port}", reconnect_ivl=-1)
    watched.drain_until(lambda: watched.tracker.state is ConnectionState.CONNECTED)
    pull.close()
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert "reconnecting is switched off; the connection was lost" in watched.told[-1]


def test_a_bound_socket_counts_its_peers(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PULL) as pull:
        pull.linger = 0
        tracker = ConnectionTracker()
        monitor = Monitor(pull, tracker)
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        tracker.bound(f"tcp://127.0.0.1:{port}")
        peers = [context.socket(zmq.PUSH) for _ in range(3)]
        for peer in peers:
            peer.linger = 0
            peer.connect(f"tcp://127.0.0.1:{port}")
        drain_until(monitor, lambda: tracker.peers == 3)
        peers.pop().close()
        drain_until(monitor, lambda: tracker.peers == 2)
        for peer in peers:
            peer.close()
        drain_until(monitor, lambda: tracker.state is ConnectionState.BOUND)
        monitor.close()


def drain_until(monitor: Monitor, is_reached: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + LIMIT_S
    while not is_reached():
        assert time.monotonic() < give_up_at
        monitor.drain()


class LosesTheReason:
    """A socket whose bind fails as libzmq's now and then does: the address is taken, and errno says something else."""

    def bind(self, endpoint: str) -> None:
        raise zmq.ZMQError(errno.EAGAIN)


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [("tcp://127.0.0.1:9", "address already in use"), ("tcp://some-name:9", "the name does not resolve")],
)
def test_a_bind_that_lost_its_reason(endpoint: str, words: str) -> None:
    with pytest.raises(SocketSetupError, match=words):
        bind.bind(LosesTheReason(), endpoint)  # type: ignore[arg-type]
