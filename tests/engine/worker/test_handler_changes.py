"""Changes of a running handler: which act at once, which need a new socket, and where the socket is afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import zmq

from bench_app.engine.control.messages import ChangeHandler, HandlerReport, Move, Moved, Notice, Opened, Reconnect
from bench_app.measure.clock import NS_PER_S
from tests.engine.worker.handler_bench import HandlerEnd, handler_order

LONG_NS = 60 * NS_PER_S
TAKEN = "tcp://203.0.113.1:5555"


def change(end: HandlerEnd, **config: Any) -> None:
    spec = end.order.spec
    changed = msgspec.structs.replace(spec, config=msgspec.structs.replace(spec.config, **config))
    end.send(ChangeHandler(spec=changed, bench=end.order.bench))


def recreated(end: HandlerEnd) -> Notice:
    return end.wait_for(Notice, lambda message: "recreated" in message.message)


def test_a_changed_queue_size_acts_at_once_and_keeps_the_socket(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, config={"send_timeout": -1, "linger": 0}, duration_ns=LONG_NS)) as end:
        end.start_run()
        change(end, queue_size=3, send_timeout=-1, linger=0)
        report = end.wait_for(HandlerReport, lambda report: report.counts.queue_overflow > 0)
        assert report.counts.queued <= 3
        end.finish()
        assert not any("recreated" in message for message in end.messages())


def test_a_changed_topic_begins_a_span_with_the_next_number(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, "PUB", duration_ns=LONG_NS)) as end:
        subscriber = end.partner(end.wait_for(Opened).endpoint, topics=(b"new",))
        end.start_run()
        end.wait_accepted(3)
        change(end, topic="new")
        topic, body = subscriber.recv_multipart()
        last = end.finish()
    assert topic == b"new"
    assert [span.topic for span in last.spans] == ["t", "new"]
    first = last.spans[1].first
    assert 3 < first <= last.counts.accepted
    # Of the messages under the new topic the subscriber may have missed the first.
    assert int(body.split(b"-")[3], 16) >= first


def test_the_topic_of_a_push_is_no_span(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, duration_ns=LONG_NS)) as end:
        change(end, topic="new")
        end.wait_for(HandlerReport)
        assert len(end.finish().spans) == 1


def test_another_high_water_mark_recreates_the_socket_at_the_same_port(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, duration_ns=LONG_NS)) as end:
        endpoint = end.wait_for(Opened).endpoint
        partner = end.partner(endpoint)
        end.start_run()
        partner.recv()
        change(end, high_water_mark=7)
        notice = recreated(end)
        assert notice.message == f"the socket was recreated at {endpoint}"
        assert notice.marker
        accepted = end.wait_for(HandlerReport).counts.accepted
        end.wait_accepted(accepted + 10)
        for _ in range(10):
            partner.recv()
        assert sum("recreated" in message for message in end.messages()) == 1
        end.finish()


def test_before_the_start_the_socket_is_recreated_too(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path)) as end:
        change(end, reconnect_interval=77)
        recreated(end)
        end.finish()


def test_it_moves_and_returns_if_that_fails(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, duration_ns=LONG_NS)) as end:
        endpoint = end.wait_for(Opened).endpoint
        end.start_run()
        end.send(Move(endpoints=(TAKEN,), bind=True))
        back = end.wait_for(Moved)
        assert back.endpoint == endpoint
        assert TAKEN in back.failure
        ipc = f"ipc://{tmp_path}/moved"
        end.send(Move(endpoints=(ipc,), bind=True))
        assert end.wait_for(Moved).endpoint == ipc
        partner = end.socket(zmq.PULL)
        partner.rcvtimeo = 10_000
        partner.connect(ipc)
        partner.recv()
        end.finish()


def test_a_handler_that_cannot_return_aborts_and_ends_its_source(tmp_path: Path) -> None:
    folder = tmp_path / "short-lived"
    folder.mkdir()
    endpoint = f"ipc://{folder}/socket"
    order = handler_order(tmp_path, config={"send_timeout": -1}, endpoints=(endpoint,), duration_ns=LONG_NS)
    with HandlerEnd(order) as end:
        end.start_run()
        end.wait_for(HandlerReport, lambda report: report.counts.queued > 0)
        shutil.rmtree(folder)
        end.send(Move(endpoints=(TAKEN,), bind=True))
        moved = end.wait_for(Moved)
        assert moved.endpoint == ""
        assert TAKEN in moved.failure
        assert endpoint in moved.failure
        end.source_ended()
        last = end.finish()
        assert last.counts.aborted > 0
        assert last.counts.queued == 0


def test_a_handler_that_gave_up_connects_again_when_asked_to(tmp_path: Path, free_port: int) -> None:
    config = {"max_reconnect_attempts": 2, "reconnect_interval": 20, "high_water_mark": 1, "send_timeout": -1}
    endpoint = f"tcp://127.0.0.1:{free_port}"
    order = handler_order(tmp_path, config=config, endpoints=(endpoint,), bind=False, duration_ns=LONG_NS)
    with HandlerEnd(order) as end:
        end.start_run()
        gave_up = end.wait_for(HandlerReport, lambda report: report.connection.state == "gave up")
        partner = end.partner(endpoint)
        end.send(Reconnect())
        recreated(end)
        partner.recv()
        report = end.wait_accepted(gave_up.counts.accepted + 5)
        assert report.connection.state == "connected"
        end.finish()


def test_reconnecting_does_nothing_unless_the_handler_gave_up(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path)) as end:
        end.send(Reconnect())
        end.wait_for(HandlerReport)
        end.finish()
        assert not any("recreated" in message for message in end.messages())
