"""Connection states: the tracker fed with events as libzmq 4.3.5 gives them, and the monitor on real sockets."""

from __future__ import annotations

import contextlib
import socket as unix
import time
from collections.abc import Callable, Iterator

import pytest
import zmq

from bench_app.connection import ConnectionState, ConnectionTracker, Monitor

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
            "the handshake failed: Broken pipe",
        ),
        (
            [*SUCCESS[:2], (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, 268435456), *LOST, *RETRIED],
            A,
            "the handshake failed: protocol error 0x10000000",
        ),
        ([*SUCCESS[:2], (zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400), *RETRIED], A, "the peer refused us (status 400)"),
        (SUCCESS + LOST + RETRIED, A, "the connection was lost"),
    ],
    ids=["refused", "unresolvable", "ipc", "hung up", "no detail", "protocol", "auth", "lost"],
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
    assert told[-1].startswith(f"gave up on {endpoint} (the limit of {limit} attempts is reached; ")
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

    def __init__(self, context: zmq.Context[Socket], endpoint: str, limit: int = -1, reconnect_ivl: int = 10) -> None:
        self.socket = context.socket(zmq.PUSH)
        self.socket.linger = 0
        self.socket.reconnect_ivl = reconnect_ivl
        self.tracker = ConnectionTracker(limit, reconnect_ivl > 0)
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

    def open_one(endpoint: str, limit: int = -1, reconnect_ivl: int = 10) -> Watched:
        opened.append(Watched(context, endpoint, limit, reconnect_ivl))
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
    watched = watch("tcp://no-such-host.invalid:5555", 1)
    watched.drain_until(lambda: watched.tracker.gave_up)
    assert watched.told[-1] == (
        "gave up on tcp://no-such-host.invalid:5555 "
        "(the limit of 1 attempts is reached; the name no-such-host.invalid does not resolve)"
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
    assert "another socket type" in watched.told[-1]
    assert watched.tracker.state is not ConnectionState.CONNECTING


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
