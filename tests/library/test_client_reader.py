"""The reading side of a client: which side binds, which messages are read, and how it closes."""

from __future__ import annotations

import threading
from typing import Any, Literal

import pytest
import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.errors import SocketSetupError, UsageError
from bench_app.library.client_config import ClientConfig
from bench_app.library.client_reader import MONITOR_EVERY, ClientReader
from bench_app.library.client_stats import ClientStats
from bench_app.model.socket_options import MAX_MESSAGE_BYTES
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import parse_uri
from tests.library import until
from tests.library.ends import connected, listening
from tests.library.planes import each_plane

__all__ = ["each_plane"]


def reader(uri: str, socket_type: Literal["SUB", "PULL", "REP"] = "PULL", **config: Any) -> ClientReader:
    return ClientReader("test", ClientConfig(socket_type=socket_type, linger=0, **config), parse_uri(uri))


@pytest.mark.parametrize(
    ("socket_type", "uri", "binds"),
    [
        ("SUB", "zmq://tcp://*:*", True),
        ("SUB", "zmq://tcp://127.0.0.1:9", False),
        ("PULL", "zmq://tcp://127.0.0.1:9", False),
        ("SUB", "zmq://ipc://@zmq-bench-reader", False),
        ("PULL", "zmq://ipc://@zmq-bench-reader", True),
        ("REP", "zmq://inproc://zmq-bench-reader", True),
    ],
)
def test_which_side_binds_in_mode_auto(socket_type: Literal["SUB", "PULL", "REP"], uri: str, binds: bool) -> None:
    one = reader(uri, socket_type)
    try:
        assert (one.state is ConnectionState.BOUND) == binds
        assert one.sentence.startswith("bound to ") == binds
    finally:
        one.close()


def test_the_mode_overrides_the_side() -> None:
    bound = reader("zmq://tcp://127.0.0.1:*", mode="bind")
    assert bound.state is ConnectionState.BOUND
    with pytest.raises(SocketSetupError, match="cannot bind"):
        reader(f"zmq://{bound.endpoint}", mode="bind")
    bound.close()


def test_a_message_is_read_within_the_timeout() -> None:
    one = reader("zmq://tcp://127.0.0.1:*", mode="bind")
    assert one.read(0) is None
    assert one.read(0.03) is None
    with connected(zmq.PUSH, one.endpoint) as push:
        push.send(b"[1]")
        message = one.read(10)
        assert message is not None and message.value == [1]
        until(lambda: one.state is ConnectionState.CONNECTED)
    one.close()


def test_close_ends_a_waiting_read_and_may_be_called_twice() -> None:
    one = reader("zmq://tcp://127.0.0.1:*", mode="bind")
    read: list[object] = []
    thread = threading.Thread(target=lambda: read.append(one.read(None)))
    thread.start()
    one.close()
    thread.join(10)
    one.close()
    assert read == [None]
    assert one.read(0) is None
    assert one.answer(b"late") is False


def test_an_answer_needs_a_request() -> None:
    one = reader("zmq://tcp://127.0.0.1:*", "REP", mode="bind")
    with pytest.raises(UsageError, match="no request to answer"):
        one.answer(b"1")
    with connected(zmq.REQ, one.endpoint) as req:
        req.send(b"1")
        assert one.read(10) is not None
        assert one.answer(b"2")
        assert req.recv() == b"2"
    one.close()


def test_news_of_its_connection_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "zmq_bench.client"), listening(zmq.PUSH) as (_, uri):
        one = reader(uri)
        until(lambda: one.state is ConnectionState.CONNECTED)
        one.close()
    messages = [record.getMessage() for record in caplog.records if record.levelname == "INFO"]
    assert messages == [f"test: connected to {one.endpoint}"]


def test_all_frames_are_read_and_counted(each_plane: PlaneName) -> None:
    one = reader("zmq://tcp://127.0.0.1:*", mode="bind")
    with connected(zmq.PUSH, one.endpoint) as push:
        push.send_multipart([b"envelope", b"", b"[1]"])
        push.send(b"")
        messages = [one.read(10), one.read(10)]
    assert [message and message.frames for message in messages] == [(b"envelope", b"", b"[1]"), (b"",)]
    assert one.stats == ClientStats(read=2, read_bytes=11)
    one.close()


def test_the_connection_keys_are_set_on_the_socket() -> None:
    one = reader("zmq://tcp://127.0.0.1:*", mode="bind", heartbeat_interval=2000, heartbeat_timeout=1500)
    socket = one._socket.zmq_socket
    assert (socket.heartbeat_ivl, socket.heartbeat_timeout, socket.maxmsgsize) == (2000, 1500, MAX_MESSAGE_BYTES)
    one.close()


def test_the_monitor_is_read_while_messages_keep_coming(caplog: pytest.LogCaptureFixture) -> None:
    one = reader("zmq://tcp://127.0.0.1:*", mode="bind")
    with caplog.at_level("INFO", "zmq_bench.client"), connected(zmq.PUSH, one.endpoint) as push:
        for _ in range(MONITOR_EVERY):
            push.send(b"1")
        assert all(one.read(10) is not None for _ in range(MONITOR_EVERY))
        assert any("a peer" in record.getMessage() for record in caplog.records)
    one.close()
