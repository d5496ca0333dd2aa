"""The subscribers of the production documentation receive from the library; only their endpoints are replaced."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench_app import OutputHandler
from bench_app.model import HandlerBench
from tests.library.ends import spec

RECV_STRING = """
# Python ZMQ test subscriber
import zmq

context = zmq.Context()
socket = context.socket(zmq.SUB)
socket.connect("tcp://localhost:5555")
socket.setsockopt(zmq.SUBSCRIBE, b"analytics")
while True:
    message = socket.recv_string()
    print(f"Received: {message}")
"""
RECV_MULTIPART = """
import zmq
context = zmq.Context()
socket = context.socket(zmq.SUB)
socket.connect('ipc:///tmp/cvedia-analytics.ipc')
socket.setsockopt(zmq.SUBSCRIBE, b'analytics')
while True:
    topic, message = socket.recv_multipart()
    print(f'Topic: {topic.decode()}, Message: {message.decode()}')
"""
CONFIG = {"socket_type": "PUB", "topic": "analytics.events"}


@contextmanager
def running(snippet: str) -> Iterator[subprocess.Popen[str]]:
    """Runs the snippet in its own process and kills it at the end, because it never ends by itself."""
    with subprocess.Popen([sys.executable, "-u", "-c", snippet], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def printed(process: subprocess.Popen[str], handler: OutputHandler, lines: int) -> list[str]:
    """Write events until the process has printed ``lines`` lines; returns them."""
    assert process.stdout is not None
    import selectors

    found: list[str] = []
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        for _ in range(1000):
            handler.write({"id": 1})
            while len(found) < lines and selector.select(0.02):
                found.append(process.stdout.readline())
            if len(found) == lines:
                return found
    raise AssertionError(f"the snippet printed only {found}")


def test_a_subscriber_with_recv_string_gets_topic_and_body_in_turn() -> None:
    handler = OutputHandler("h", spec("zmq://tcp://127.0.0.1:*", CONFIG), bench=HandlerBench(mode="bind"))
    snippet = RECV_STRING.replace(":5555", f":{handler.endpoint.rpartition(':')[2]}")
    try:
        with running(snippet) as process:
            assert printed(process, handler, 2) == ["Received: analytics.events\n", 'Received: {"id":1}\n']
    finally:
        handler.close()


def test_with_joined_framing_a_subscriber_gets_both_in_one_string() -> None:
    handler = OutputHandler(
        "h", spec("zmq://tcp://127.0.0.1:*", CONFIG), bench=HandlerBench(mode="bind", framing="joined")
    )
    snippet = RECV_STRING.replace(":5555", f":{handler.endpoint.rpartition(':')[2]}")
    try:
        with running(snippet) as process:
            assert printed(process, handler, 1) == ['Received: analytics.events {"id":1}\n']
    finally:
        handler.close()


def test_a_subscriber_with_recv_multipart_receives_over_ipc(tmp_path: Path) -> None:
    handler = OutputHandler("h", spec(f"zmq://ipc://{tmp_path}/a.ipc", CONFIG))
    snippet = RECV_MULTIPART.replace("ipc:///tmp/cvedia-analytics.ipc", f"ipc://{tmp_path}/a.ipc")
    try:
        with running(snippet) as process:
            assert printed(process, handler, 1) == ['Topic: analytics.events, Message: {"id":1}\n']
    finally:
        handler.close()
