"""The connections of a whole socket: its state, label and message, over all of its endpoints."""

from __future__ import annotations

from bench_app.transport.connection import ConnectionState, ConnectionTracker
from tests.transport.connections import REFUSED, SUCCESS, A, B, connecting, feed


def test_a_socket_without_endpoints_is_idle() -> None:
    tracker = ConnectionTracker()
    assert (tracker.state, tracker.label, tracker.message) == (ConnectionState.IDLE, "idle", "")
    assert not tracker.gave_up
    assert feed(tracker, REFUSED) == ([], [])


def test_a_tracker_without_events_is_connecting() -> None:
    tracker = connecting()
    assert (tracker.state, tracker.label) == (ConnectionState.CONNECTING, "connecting")
    assert tracker.message == f"connecting to {A}"


def test_success() -> None:
    tracker = connecting()
    assert feed(tracker, SUCCESS[:2]) == ([], [])
    assert (tracker.state, tracker.peers, tracker.ever_connected) == (ConnectionState.CONNECTING, 0, False)
    assert feed(tracker, SUCCESS[2:]) == ([f"connected to {A}"], [])
    assert (tracker.state, tracker.peers, tracker.ever_connected) == (ConnectionState.CONNECTED, 1, True)
    assert (tracker.label, tracker.message) == ("connected", f"connected to {A}")


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

    def test_each_endpoint_has_its_own_limit(self) -> None:
        tracker = connecting(A, B, limit=2)
        assert feed(tracker, REFUSED, A, times=2)[1] == []
        assert feed(tracker, REFUSED, B, times=2)[1] == []
        assert feed(tracker, REFUSED, A)[1] == [A]
        assert not tracker.gave_up
        assert tracker.label == "retrying 2 of 2"
        assert feed(tracker, REFUSED, B)[1] == [B]
        assert tracker.gave_up

    def test_an_endpoint_that_is_given_up_leaves_the_other_connected(self) -> None:
        tracker = connecting(A, B, limit=0)
        feed(tracker, SUCCESS, B)
        feed(tracker, REFUSED, A)
        assert tracker.state is ConnectionState.CONNECTED
        first, second = tracker.message.split("; connected to ")
        assert first.startswith(f"gave up on {A}")
        assert second == B

    def test_the_label_has_the_most_attempts(self) -> None:
        tracker = connecting(A, B)
        feed(tracker, REFUSED, A, times=2)
        feed(tracker, REFUSED, B, times=7)
        assert tracker.label == "retrying 7"

    def test_events_of_an_unknown_endpoint_are_ignored(self) -> None:
        tracker = connecting(A)
        assert feed(tracker, REFUSED + SUCCESS, B) == ([], [])
        assert (tracker.peers, tracker.state) == (0, ConnectionState.CONNECTING)
