"""The peers of a handler: the start gate, the joins, and giving up."""

from __future__ import annotations

from pathlib import Path

import pytest
import zmq

from bench_app.engine.control.messages import HandlerReport, Notice, Opened, Ready
from bench_app.model import Framing, HandlerBench
from bench_app.transport import stamp
from tests.engine.worker.handler_bench import HandlerEnd, handler_order

NOBODY = "tcp://127.0.0.1:1"


def subscribe(end: HandlerEnd, endpoint: str, token: bytes) -> zmq.Socket[bytes]:
    socket = end.socket(zmq.SUB)
    socket.subscribe(token)
    socket.connect(endpoint)
    return socket


def test_a_publisher_is_ready_when_every_listener_has_subscribed(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, "PUB", join_tokens=(b"one", b"two"))) as end:
        endpoint = end.wait_for(Opened).endpoint
        subscribe(end, endpoint, b"someone else")
        subscribe(end, endpoint, b"two")
        end.wait_for(HandlerReport, lambda report: set(report.joins) == {"1"})
        assert not any(isinstance(message, Ready) for message in end.said)
        subscribe(end, endpoint, b"one")
        end.wait_for(Ready)
        end.wait_for(HandlerReport, lambda report: report.joins == {"0": 0, "1": 0})
        end.finish()
        assert sum(isinstance(message, Ready) for message in end.said) == 1


def test_a_late_join_is_noted_with_the_number_of_earlier_messages(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, "PUB", join_tokens=(b"late",))) as end:
        endpoint = end.wait_for(Opened).endpoint
        end.start_run()
        before = end.wait_accepted(20).counts.accepted
        subscriber = subscribe(end, endpoint, b"late")
        report = end.wait_for(HandlerReport, lambda report: "0" in report.joins)
        assert before <= report.joins["0"] <= report.counts.accepted
        assert report.rejoins == report.joins
        # A second subscription of the same listener changes only the newest join.
        subscriber.unsubscribe(b"late")
        subscriber.subscribe(b"late")
        later = end.wait_for(HandlerReport, lambda report: report.rejoins != report.joins)
        assert later.rejoins["0"] > later.joins["0"]
        assert end.finish().joins == report.joins


@pytest.mark.parametrize("peers", [0, 1])
def test_a_push_is_ready_when_as_many_peers_are_connected_as_expected(tmp_path: Path, peers: int) -> None:
    with HandlerEnd(handler_order(tmp_path, peers_expected=peers)) as end:
        endpoint = end.wait_for(Opened).endpoint
        if peers:
            end.wait_for(HandlerReport)
            assert not any(isinstance(message, Ready) for message in end.said)
            end.partner(endpoint)
        end.wait_for(Ready)
        end.finish()


def test_inproc_knows_no_peers_and_is_ready_at_once(tmp_path: Path) -> None:
    order = handler_order(tmp_path, endpoints=("inproc://somewhere",), bind=False, peers_expected=1)
    with HandlerEnd(order) as end:
        end.wait_for(Ready)
        assert end.finish().ever_connected


def test_connecting_and_disconnecting_of_a_peer_are_marked(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path)) as end:
        peer = end.partner(end.wait_for(Opened).endpoint)
        came = end.wait_for(Notice)
        peer.close(linger=0)
        left = end.wait_for(Notice)
        assert came.message.startswith("a peer connected to")
        assert left.message.startswith("a peer left")
        assert came.marker
        assert left.marker
        end.finish()


def test_a_handler_that_gives_up_aborts_its_queue_and_every_further_event(tmp_path: Path) -> None:
    config = {"max_reconnect_attempts": 2, "reconnect_interval": 20, "high_water_mark": 1, "send_timeout": -1}
    order = handler_order(tmp_path, config={**config, "linger": 0}, endpoints=(NOBODY,), bind=False)
    with HandlerEnd(order) as end:
        end.start_run()
        end.wait_for(
            Notice,
            lambda message: message.message.endswith("queued events were aborted; further events are aborted, too"),
        )
        first = end.wait_for(HandlerReport)
        later = end.wait_for(HandlerReport, lambda report: report.counts.offered > first.counts.offered)
        assert later.counts.queued == 0
        assert later.counts.aborted == later.counts.offered - later.counts.accepted
        assert later.connection.state == "gave up"
        end.finish()


def test_the_first_subscription_of_a_users_own_consumer_is_noted_with_the_events_before_it(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, "PUB")) as end:
        endpoint = end.wait_for(Opened).endpoint
        end.start_run()
        subscribe(end, endpoint, b"another topic")
        before = end.wait_accepted(20)
        assert before.first_subscription is None
        subscriber = subscribe(end, endpoint, b"t")
        subscriber.rcvtimeo = 10_000
        found = end.wait_for(HandlerReport, lambda report: report.first_subscription is not None)
        assert found.first_subscription is not None
        assert before.counts.accepted <= found.first_subscription <= found.counts.accepted
        # The stamp counts from 1, so the first message that arrives is the next one, at the latest: libzmq may begin to
        # use a subscription in a send, before the handler reads it.
        message = subscriber.recv_multipart()[-1]
        times = stamp.decode_one(message[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH])
        assert times is not None
        assert before.counts.accepted < times[0] <= found.first_subscription + 1
        assert end.finish().first_subscription == found.first_subscription


@pytest.mark.parametrize(("framing", "fits"), [("frames", False), ("joined", True)])
def test_a_subscription_to_the_beginning_of_the_body_fits_one_frame(
    tmp_path: Path, framing: Framing, fits: bool
) -> None:
    order = handler_order(tmp_path, "PUB", bench=HandlerBench(framing=framing))
    with HandlerEnd(order) as end:
        subscribe(end, end.wait_for(Opened).endpoint, b"t {")
        end.wait_for(HandlerReport, lambda report: report.connection.state == "connected")
        end.start_run()
        end.wait_accepted(20)
        assert (end.finish().first_subscription == 0) is fits


def test_listeners_of_the_bench_are_no_consumers_of_the_user(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, "PUB", join_tokens=(b"one",))) as end:
        subscribe(end, end.wait_for(Opened).endpoint, b"one")
        end.wait_for(HandlerReport, lambda report: set(report.joins) == {"0"})
        assert end.finish().first_subscription is None
