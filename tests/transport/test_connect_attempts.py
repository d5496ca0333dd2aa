"""One endpoint that a socket connects to: the messages of each sequence of monitor events, and when it is given up."""

from __future__ import annotations

import pytest
import zmq

from bench_app.transport.connection import ConnectionState
from tests.transport.connections import (
    FILE,
    HUNG_UP,
    KEY_REFUSED,
    LOST,
    NAMED,
    REFUSED,
    RETRIED,
    SUCCESS,
    UNBOUND_FILE,
    UNRESOLVABLE,
    A,
    Event,
    connecting,
    feed,
)


@pytest.mark.parametrize(
    ("events", "endpoint", "cause"),
    [
        (REFUSED, A, "connection refused: nothing listens there"),
        (UNRESOLVABLE, NAMED, "the name work-queue does not resolve"),
        (UNBOUND_FILE, FILE, "connection refused: nothing listens there"),
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
        ([(zmq.EVENT_CLOSED, 8), *RETRIED], A, "this machine has no route there"),
        ([(zmq.EVENT_CLOSED, 8), *RETRIED], NAMED, "this machine has no route there"),
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
        "no route",
        "no route to a name",
        "lost",
    ],
)
def test_the_message_has_the_cause(events: list[Event], endpoint: str, cause: str) -> None:
    tracker = connecting(endpoint, limit=3)
    messages, abandoned = feed(tracker, events, endpoint)
    message = f"{endpoint}: retrying 1 of 3, next in 150 ms ({cause})"
    assert messages[-1] == message == tracker.message
    assert abandoned == []
    assert (tracker.state, tracker.label) == (ConnectionState.RETRYING, "retrying 1 of 3")


def test_only_the_first_of_many_retries_is_reported() -> None:
    tracker = connecting()
    messages, abandoned = feed(tracker, REFUSED, times=50)
    assert len(messages) == 1
    assert abandoned == []
    assert tracker.label == "retrying 50"
    assert tracker.message == f"{A}: retrying 50, next in 150 ms (connection refused: nothing listens there)"


@pytest.mark.parametrize(
    ("events", "endpoint"),
    [(REFUSED, A), (UNRESOLVABLE, NAMED), (UNBOUND_FILE, FILE), (KEY_REFUSED, A)],
    ids=["refused", "unresolvable", "ipc", "wrong key"],
)
def test_an_attempt_that_fails_as_the_one_before_gives_no_message(events: list[Event], endpoint: str) -> None:
    tracker = connecting(endpoint, limit=20)
    messages, abandoned = feed(tracker, events, endpoint, times=21)
    assert len(messages) == 2
    assert "retrying 1 of 20" in messages[0]
    assert messages[1].startswith(f"gave up on {endpoint} (the limit of 20 attempts is reached; ")
    assert abandoned == [endpoint]


def test_a_peer_that_turns_the_socket_away_again_and_again_is_reported_once_for_each_state() -> None:
    tracker = connecting()
    messages, _ = feed(tracker, HUNG_UP + RETRIED, times=20)
    assert [message.split(" ")[0] for message in messages] == ["turned", f"{A}:"]


def test_another_reason_gives_a_message() -> None:
    tracker = connecting()
    messages, _ = feed(tracker, REFUSED * 3 + KEY_REFUSED * 3 + REFUSED * 3)
    assert len(messages) == 2
    assert "retrying 4, " in messages[1]
    assert "the other side hung up" in messages[1]
    assert "connection refused" in tracker.message


def test_after_a_loss_the_message_has_the_latest_failure_as_well() -> None:
    tracker = connecting()
    feed(tracker, SUCCESS + LOST + RETRIED + REFUSED)
    assert tracker.message == (
        f"{A}: retrying 2, next in 150 ms (the connection was lost; now connection refused: nothing listens there)"
    )


def test_after_a_success_every_failure_is_reported_again() -> None:
    tracker = connecting()
    first, _ = feed(tracker, REFUSED * 3 + SUCCESS + LOST)
    second, _ = feed(tracker, RETRIED + REFUSED * 3 + SUCCESS)
    assert len(first) == 3
    assert second[0] == f"{A}: retrying 1, next in 150 ms (the connection was lost)"
    assert "connection refused" in second[1]
    assert second[2:] == [f"connected to {A} again after 4 attempts"]


def test_a_connection_whose_handshake_never_completes() -> None:
    tracker = connecting()
    feed(tracker, SUCCESS[:2])
    assert tracker.message == f"{A} accepted the connection, and the handshake is not complete"
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
def test_a_refused_handshake_is_final_for_libzmq_and_reported(event: int, value: int, why: str) -> None:
    tracker = connecting(limit=3)
    messages, abandoned = feed(tracker, [*SUCCESS[:2], (event, value), *LOST])
    assert messages == [f"handshake refused by {A} (the handshake failed: {why})"]
    assert abandoned == []
    assert (tracker.state, tracker.label, tracker.message) == (ConnectionState.FAILED, "refused", messages[0])


def test_a_peer_of_another_type_turns_the_socket_away() -> None:
    tracker = connecting()
    messages, _ = feed(tracker, HUNG_UP)
    assert messages == [
        f"turned away by {A} (it closes the connection at once: another socket type or no ZeroMQ there)"
    ]
    assert (tracker.state, tracker.label) == (ConnectionState.FAILED, "turned away")


def test_a_silent_peer() -> None:
    tracker = connecting(limit=5)
    feed(tracker, SUCCESS)
    messages, _ = tracker.feed(*LOST[0], A, silent_ms=412)
    assert messages == [f"peer silent for 412 ms: the connection to {A} is dropped"]
    feed(tracker, RETRIED)
    assert (tracker.state, tracker.label) == (ConnectionState.RETRYING, "peer silent")
    assert tracker.message == f"{A}: retrying 1 of 5, next in 150 ms (peer silent for 412 ms)"
    feed(tracker, SUCCESS[:2])
    assert tracker.message == (
        f"{A} accepted the connection, and the handshake is not complete (peer silent for 412 ms)"
    )
    # The next attempt fails for another reason: the label no longer names the silence.
    feed(tracker, [(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, 110), *LOST, *RETRIED])
    assert tracker.label == "retrying 2 of 5"
    assert "peer silent for 412 ms; now the handshake failed: Connection timed out" in tracker.message


def test_the_time_of_the_next_retry_is_that_of_the_last_event() -> None:
    tracker = connecting()
    feed(tracker, REFUSED)
    feed(tracker, [*REFUSED[:2], (zmq.EVENT_CONNECT_RETRIED, 4321)])
    assert "next in 4321 ms" in tracker.message


def test_an_attempt_is_refused_or_unanswered_by_the_time_it_took() -> None:
    for waited_ms, reason in ((0, "refused"), (1000, "refused"), (1001, "no answer"), (130_000, "no answer")):
        tracker = connecting(A)
        for event, value in REFUSED:
            tracker.feed(event, value, A, waited_ms=waited_ms if event == zmq.EVENT_CLOSED else 0)
        assert reason in tracker.message


@pytest.mark.parametrize("limit", [0, 1, 3])
@pytest.mark.parametrize(("events", "endpoint"), [(REFUSED, A), (UNRESOLVABLE, NAMED), (UNBOUND_FILE, FILE)])
def test_it_gives_up_after_its_retries(limit: int, events: list[Event], endpoint: str) -> None:
    tracker = connecting(endpoint, limit=limit)
    feed(tracker, events, endpoint, times=limit)
    assert not tracker.gave_up
    messages, abandoned = feed(tracker, events, endpoint)
    assert abandoned == [endpoint]
    attempts = "1 attempt" if limit == 1 else f"{limit} attempts"
    assert messages[-1].startswith(f"gave up on {endpoint} (the limit of {attempts} is reached; ")
    assert tracker.message == messages[-1]
    assert tracker.gave_up
    assert (tracker.state, tracker.label) == (ConnectionState.GAVE_UP, "gave up")


def test_events_after_giving_up_are_ignored() -> None:
    tracker = connecting(limit=0)
    feed(tracker, REFUSED)
    message = tracker.message
    assert feed(tracker, REFUSED + SUCCESS + LOST, times=3) == ([], [])
    assert (tracker.message, tracker.peers) == (message, 0)


def test_without_a_limit_it_never_gives_up() -> None:
    tracker = connecting(limit=-1)
    assert feed(tracker, REFUSED, times=1000)[1] == []
    assert tracker.state is ConnectionState.RETRYING


def test_a_success_resets_the_count_of_attempts() -> None:
    tracker = connecting(limit=3)
    for round_number in range(3):
        messages, abandoned = feed(tracker, REFUSED * 3 + SUCCESS)
        again = " again" if round_number else ""
        assert messages[-1] == f"connected to {A}{again} after 3 attempts"
        assert abandoned == []
        messages, _ = feed(tracker, LOST)
        assert messages == [f"lost the connection to {A}"]
        assert (tracker.peers, tracker.state) == (0, ConnectionState.CONNECTING)
    feed(tracker, REFUSED, times=3)
    assert tracker.label == "retrying 3 of 3"
    assert feed(tracker, REFUSED)[1] == [A]


def test_a_connection_without_a_handshake_does_not_reset_the_count_of_attempts() -> None:
    tracker = connecting(limit=2)
    feed(tracker, HUNG_UP + RETRIED, times=2)
    messages, abandoned = feed(tracker, HUNG_UP + RETRIED)
    assert abandoned == [A]
    assert "another socket type" in messages[-1]
    assert tracker.peers == 0


def test_a_changed_limit_applies_from_the_next_attempt() -> None:
    tracker = connecting(limit=-1)
    feed(tracker, REFUSED, times=5)
    tracker.max_attempts = 2
    assert tracker.label == "retrying 5 of 2"
    assert feed(tracker, REFUSED)[1] == [A]


class TestWithoutReconnecting:
    """The reconnect interval switched off: one attempt, then nothing more."""

    def test_a_refusal_is_final(self) -> None:
        tracker = connecting(reconnects=False)
        messages, abandoned = feed(tracker, REFUSED[:2])
        assert abandoned == [A]
        assert messages == [f"gave up on {A} (reconnecting is switched off; connection refused: nothing listens there)"]
        assert tracker.gave_up

    def test_a_lost_connection_is_final(self) -> None:
        tracker = connecting(reconnects=False)
        feed(tracker, SUCCESS)
        messages, abandoned = feed(tracker, LOST)
        assert abandoned == [A]
        assert messages == [f"gave up on {A} (reconnecting is switched off; the connection was lost)"]
        assert (tracker.peers, tracker.ever_connected) == (0, True)

    def test_a_peer_of_another_type_is_final(self) -> None:
        tracker = connecting(reconnects=False)
        messages, abandoned = feed(tracker, HUNG_UP)
        assert abandoned == [A]
        assert "another socket type" in messages[-1]

    def test_a_success_is_not_final(self) -> None:
        tracker = connecting(reconnects=False)
        assert feed(tracker, SUCCESS)[1] == []
        assert tracker.state is ConnectionState.CONNECTED
