"""One handler: an exact ledger, callbacks, threads, linger and close."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

import pytest
import zmq

import bench_app
from bench_app import Output, OutputHandler
from bench_app.errors import InputError, SocketSetupError
from bench_app.handlers.socket import HandlerSocket
from bench_app.model import HandlerBench
from tests.library import until
from tests.library.ends import NOWHERE, balanced, connected, listening, spec, written_until_read


def test_a_publisher_sends_topic_and_body_and_adds_the_dynamic_path() -> None:
    config = {"socket_type": "PUB", "topic": "analytics.events"}
    handler = OutputHandler("p", spec("zmq://tcp://127.0.0.1:*", config), bench=HandlerBench(mode="bind"))
    try:
        with connected(zmq.SUB, handler.endpoint, b"analytics") as sub:
            assert written_until_read(lambda: handler.write({"n": 1}), sub) == [b"analytics.events", b'{"n":1}']
            handler.write({"n": 2}, "camera-1")
            frames = sub.recv_multipart()
            while frames[0] == b"analytics.events":
                frames = sub.recv_multipart()
            assert frames == [b"analytics.events.camera-1", b'{"n":2}']
    finally:
        handler.close()


def test_a_full_queue_loses_the_newest_and_counts_them() -> None:
    config = {"queue_size": 10, "high_water_mark": 5, "send_timeout": -1, "linger": 0}
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", config)
        taken = sum(output.write("events", {"id": number}) for number in range(100))
        stats = handler.stats
    assert taken == 15
    assert (stats.accepted, stats.queued, stats.queue_overflow) == (5, 10, 85)
    after = handler.stats
    assert (after.aborted, after.queued) == (10, 0)
    assert balanced(after)


def test_the_send_timeout_loses_the_head_of_the_queue() -> None:
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", {"high_water_mark": 1, "send_timeout": 5, "linger": 0})
        for number in range(20):
            output.write("events", number)
        until(lambda: handler.stats.queued == 0)
        stats = handler.stats
        assert (stats.accepted, stats.send_timeout) == (1, 19)


def test_every_event_that_many_threads_write_arrives() -> None:
    threads, each = 8, 2000
    with listening(zmq.PULL) as (pull, uri):
        pull.set_hwm(0)
        with Output("o") as output:
            handler = output.add_handler("h", uri, "events", {"queue_size": threads * each})

            def write(number: int) -> None:
                for place in range(each):
                    assert output.write("events", [number, place]) == 1

            writers = [threading.Thread(target=write, args=(number,)) for number in range(threads)]
            for writer in writers:
                writer.start()
            received = [json.loads(pull.recv()) for _ in range(threads * each)]
            for writer in writers:
                writer.join()
            assert output.flush(10)
            stats = handler.stats
    assert stats.accepted == stats.offered == threads * each
    for number in range(threads):
        assert [place for writer, place in received if writer == number] == list(range(each))


def test_the_ledger_balances_at_every_moment() -> None:
    config = {"queue_size": 50, "high_water_mark": 20, "send_timeout": 1, "linger": 0}
    done = threading.Event()
    with listening(zmq.PULL) as (pull, uri), Output("o") as output:
        pull.set_hwm(1)
        handler = output.add_handler("h", uri, "events", config)

        def write() -> None:
            for number in range(5000):
                output.write("events", {"id": number, "pad": "x" * 2000})
            done.set()

        threading.Thread(target=write).start()
        while not done.is_set():
            stats = handler.stats
            assert balanced(stats)
            assert 0 <= stats.queued <= 50


def test_requests_get_their_replies_in_turn() -> None:
    replies: list[Any] = []
    with listening(zmq.REP) as (rep, uri), Output("o") as output:
        handler = output.add_handler("h", uri, "service_requests", {"socket_type": "REQ"})
        handler.on_reply = replies.append
        for number in range(3):
            assert output.write("service_requests", {"id": number}) == 1
        for _ in range(3):
            rep.send(b'{"ok":%b}' % rep.recv())
        assert output.flush(10)
        until(lambda: len(replies) == 3)
        stats = handler.stats
    assert replies == [{"ok": {"id": number}} for number in range(3)]
    assert (stats.replied, stats.request_timeout, stats.in_flight) == (3, 0, 0)


def test_a_request_without_a_reply_is_retried_and_given_up() -> None:
    with listening(zmq.ROUTER) as (router, uri), Output("o") as output:
        config = {"socket_type": "REQ", "request_timeout": 30, "retries": 2, "linger": 0}
        handler = output.add_handler("h", uri, "s", config)
        output.write("s", {"id": 1})
        assert output.flush(10)
        stats = handler.stats
        attempts = [router.recv_multipart() for _ in range(3)]
    assert (stats.request_timeout, stats.retries) == (1, 2)
    assert {frames[-1] for frames in attempts} == {b'{"id":1}'}


def test_events_of_connections_are_reported_and_a_failing_callback_does_no_harm(
    caplog: pytest.LogCaptureFixture,
) -> None:
    messages: list[str] = []

    def listen(state: bench_app.HandlerState, message: str) -> None:
        messages.append(f"{state.state}: {message}")
        raise RuntimeError("a fault of the callback")

    with caplog.at_level(logging.ERROR, "zmq_bench"), listening(zmq.PULL) as (pull, uri):
        # Pass the callback from the start: the connection may be made before it could be set.
        handler = OutputHandler("h", spec(uri, {}), on_connection=listen)
        try:
            until(lambda: bool(messages))
            assert handler.write(1)
            assert pull.recv() == b"1"
        finally:
            handler.close()
    assert messages[0].startswith("connected: connected to tcp://127.0.0.1:")
    assert "a fault of the callback" in caplog.text


def test_a_handler_that_gave_up_loses_queued_and_new_events() -> None:
    config = {"reconnect_interval": 5, "max_reconnect_attempts": 2, "high_water_mark": 1, "send_timeout": -1}
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", config | {"linger": 0})
        output.write("events", 1)
        output.write("events", 2)
        until(lambda: handler.state.state == "gave up")
        until(lambda: handler.stats.aborted > 0)
        assert output.write("events", 3) == 0
        assert balanced(handler.stats)


def test_stop_drains_up_to_linger_and_takes_nothing_more() -> None:
    with listening(zmq.PULL) as (pull, uri), Output("o") as output:
        handler = output.add_handler("h", uri, "events", {"linger": 10_000})
        for number in range(100):
            output.write("events", number)
        handler.stop()
        assert output.write("events", "late") == 0
        assert [json.loads(pull.recv()) for _ in range(100)] == list(range(100))
        handler.close()
        stats = handler.stats
    assert (stats.accepted, stats.aborted, stats.queued) == (100, 1, 0)


def test_an_address_in_use_is_an_error_and_leaves_nothing_open() -> None:
    with listening(zmq.PULL) as (_, uri), Output("o") as output:
        before = threading.active_count()
        taken = uri.removeprefix("zmq://")
        with pytest.raises(SocketSetupError, match="already in use"):
            OutputHandler("h", spec(f"zmq://{taken}", {"socket_type": "PUB"}), bench=HandlerBench(mode="bind"))
        assert threading.active_count() == before
        assert not output.handlers


@pytest.mark.parametrize("event", [object(), {1.5: {2}, "x": object()}, {"x": lambda: 1}])
def test_write_raises_for_an_event_that_json_cannot_hold(event: Any) -> None:
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", {"linger": 0})
        with pytest.raises(InputError, match="JSON"):
            output.write("events", event)
        assert handler.stats.offered == 0


@pytest.fixture
def lingers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The linger of each socket that was closed, in ms."""
    found: list[int] = []
    close = HandlerSocket.close

    def note(self: HandlerSocket, linger_ms: int) -> None:
        found.append(linger_ms)
        close(self, linger_ms)

    monkeypatch.setattr(HandlerSocket, "close", note)
    return found


def test_the_linger_is_for_queue_and_socket_together(lingers: list[int]) -> None:
    handler = OutputHandler("h", spec(NOWHERE, {"high_water_mark": 1, "send_timeout": -1, "linger": 50}))
    handler.write(1)
    handler.write(2)
    handler.close()
    # The queue never became empty, so draining used the whole linger.
    assert lingers == [0]
    assert handler.stats.aborted == 1


def test_the_socket_gets_the_linger_that_the_queue_did_not_use(lingers: list[int]) -> None:
    with listening(zmq.PULL) as (pull, uri):
        handler = OutputHandler("h", spec(uri, {"linger": 60_000}))
        handler.write(1)
        assert pull.recv() == b"1"
        handler.close()
        forever = OutputHandler("h", spec(uri, {"linger": -1}))
        forever.write(2)
        assert pull.recv() == b"2"
        forever.close()
    assert 0 < lingers[0] <= 60_000
    assert lingers[1] == -1


def test_every_callback_of_the_close_is_called_once() -> None:
    called: list[str] = []
    handler = OutputHandler("h", spec(NOWHERE, {"linger": 0}))
    handler.when_closed(lambda: called.append("early"))
    assert not called
    handler.close()
    handler.when_closed(lambda: called.append("late"))
    handler.close()
    assert called == ["early", "late"]


def test_bytes_count_topic_and_body_as_sent() -> None:
    config = {"socket_type": "PUB", "topic": "a"}
    handler = OutputHandler("p", spec("zmq://tcp://127.0.0.1:*", config), bench=HandlerBench(mode="bind"))
    try:
        with connected(zmq.SUB, handler.endpoint) as sub:
            assert handler.wait_for_subscriber(10)
            handler.write({"n": 1})
            handler.write({"n": 2}, "kitchen.1")
            frames = [*sub.recv_multipart(), *sub.recv_multipart()]
            until(lambda: handler.stats.accepted == 2)
            assert frames[2] == b"a.kitchen.1"
            assert handler.stats.bytes == sum(map(len, frames))
    finally:
        handler.close()


def test_write_raises_for_a_path_that_is_no_text() -> None:
    handler = OutputHandler(
        "p", spec("zmq://tcp://127.0.0.1:*", {"socket_type": "PUB"}), bench=HandlerBench(mode="bind")
    )
    try:
        with pytest.raises(InputError, match="cannot be part of a topic"):
            handler.write(1, "\ud800")
        assert handler.stats.offered == 0
    finally:
        handler.close()


def test_the_main_thread_and_others_share_a_handler_and_each_keeps_its_order() -> None:
    each = 3000
    with listening(zmq.PULL) as (pull, uri), Output("o") as output:
        pull.set_hwm(0)
        handler = output.add_handler("h", uri, "events", {"queue_size": 2 * each})
        assert isinstance(handler, OutputHandler)

        def write(writer: str) -> None:
            for place in range(each):
                assert output.write("events", [writer, place]) == 1

        other = threading.Thread(target=write, args=("other",))
        other.start()
        write("main")
        received = [json.loads(pull.recv()) for _ in range(2 * each)]
        other.join()
        assert balanced(handler.stats)
    for name in ("main", "other"):
        assert [place for writer, place in received if writer == name] == list(range(each))
