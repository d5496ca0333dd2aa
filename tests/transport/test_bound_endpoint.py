"""The endpoint that a socket binds: peers come, go and are turned away."""

from __future__ import annotations

import zmq

from bench_app.transport.connection import ConnectionState, ConnectionTracker
from tests.transport.connections import A, bound, feed


class TestBound:
    """The side that listens."""

    def test_peers_come_and_go(self) -> None:
        tracker = bound()
        assert (tracker.state, tracker.label) == (ConnectionState.BOUND, "bound")
        assert tracker.message == f"bound to {A}, 0 connected"
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
        messages, _ = feed(tracker, [(zmq.EVENT_ACCEPTED, 18), (zmq.EVENT_DISCONNECTED, 18)])
        assert messages == [f"a peer of another socket type was turned away from {A}"]
        assert (tracker.peers, tracker.ever_connected) == (0, False)

    def test_a_peer_that_is_turned_away_leaves_the_other_connected(self) -> None:
        tracker = bound()
        feed(tracker, [(zmq.EVENT_ACCEPTED, 17), (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)])
        messages, _ = feed(tracker, [(zmq.EVENT_ACCEPTED, 18), (zmq.EVENT_DISCONNECTED, 18)])
        assert tracker.peers == 1
        assert messages == [f"a peer of another socket type was turned away from {A}"]

    def test_a_peer_that_connects_again_and_again_is_reported_once_for_each_reason(self) -> None:
        tracker = bound()
        came = (zmq.EVENT_ACCEPTED, 17)
        went = (zmq.EVENT_DISCONNECTED, 17)
        messages, _ = feed(tracker, [came, (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, 0x11000001), went], times=20)
        assert messages == [f"a peer did not get into {A}: the handshake failed: the CURVE keys do not match"]
        messages, _ = feed(tracker, [came, went], times=20)
        assert messages == [f"a peer of another socket type was turned away from {A}"]
        assert tracker.message == f"bound to {A}, 0 connected, 40 turned away"

    def test_a_silent_peer_is_reported(self) -> None:
        tracker = bound()
        feed(tracker, [(zmq.EVENT_ACCEPTED, 17), (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)])
        messages, _ = tracker.feed(zmq.EVENT_DISCONNECTED, 17, A, silent_ms=300)
        assert messages == [f"peer silent for 300 ms: dropped by {A} (0 now)"]

    def test_a_connection_that_could_not_be_accepted_is_reported(self) -> None:
        messages, abandoned = feed(bound(), [(zmq.EVENT_ACCEPT_FAILED, 24)])
        assert messages == [f"{A} could not accept a connection: Too many open files"]
        assert abandoned == []

    def test_it_never_gives_up(self) -> None:
        tracker = ConnectionTracker(max_attempts=0, reconnects=False)
        tracker.bound(A)
        assert feed(tracker, [(zmq.EVENT_CLOSED, 1), (zmq.EVENT_CONNECT_RETRIED, 1)], times=3) == ([], [])
        assert not tracker.gave_up
