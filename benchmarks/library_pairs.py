"""The library beside plain pyzmq, in turns: ``python -m benchmarks.library_pairs``. Run nothing else meanwhile.

One pair is a measurement of each; each is first in every second pair. The median of the ratios of the pairs counts,
because a machine that is busy for a moment slows both ends of a pair.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import zmq
from rich.console import Console

from bench_app import Output, ZmqClient
from bench_app.errors import RequestTimeoutError
from benchmarks.library_costs import CONSUMER, EVENT

PAIRS = 7
MESSAGES = 100_000
REQUESTS = 3_000
READ_BAR = 0.7
WRITE_BAR = 0.9
TIMEOUT_BAR_MS = 20.0
TIMEOUTS = ((100, 0), (100, 3), (50, 9), (20, 20), (1000, 1))
"""``request_timeout`` in ms and ``retries``."""
SENDER = """
import sys, zmq
with zmq.Context() as context, context.socket(zmq.PUSH) as push:
    push.set_hwm(0)
    push.connect(sys.argv[1])
    body = sys.argv[2].encode()
    for _ in range(int(sys.argv[3]) + 1):
        push.send(body)
"""

console = Console(highlight=False)
Measure = Callable[[], float]


def reading() -> bool:
    """Messages a second of ``read_message`` against ``recv_json``."""

    def ours() -> float:
        with ZmqClient("reader", {"socket_type": "PULL", "mode": "bind", "high_water_mark": 0}) as client:
            client.connect("zmq://tcp://127.0.0.1:*")

            def read() -> None:
                message = client.read_message(10)
                assert message is not None and message.value["label"] == "person"

            return _rate_of(read, client.endpoint)

    def plain() -> float:
        with zmq.Context() as context, context.socket(zmq.PULL) as pull:
            pull.set_hwm(0)
            pull.bind("tcp://127.0.0.1:*")

            def read() -> None:
                assert pull.recv_json()["label"] == "person"

            return _rate_of(read, pull.getsockopt_string(zmq.LAST_ENDPOINT))

    return _compare("read_message / recv_json, messages/s", ours, plain, READ_BAR)


def writing() -> bool:
    """Messages a second that arrive of ``Output.write`` in a thread against ``send_json``."""

    def ours() -> float:
        with _consumer() as (endpoint, ended_ns), Output("writer") as output:
            config = {"queue_size": 10_000, "high_water_mark": 10_000, "send_timeout": -1, "linger": 10_000}
            output.add_handler("push", f"zmq://{endpoint}", "events", config)

            def write() -> None:
                left = MESSAGES
                while left:
                    if output.write("events", EVENT):
                        left -= 1
                    else:
                        time.sleep(0.001)

            writer = threading.Thread(target=write)
            began_ns = time.perf_counter_ns()
            writer.start()
            writer.join()
            return MESSAGES * 1e9 / (ended_ns() - began_ns)

    def plain() -> float:
        with _consumer() as (endpoint, ended_ns), zmq.Context() as context, context.socket(zmq.PUSH) as push:
            push.set_hwm(10_000)
            push.connect(endpoint)
            began_ns = time.perf_counter_ns()
            for _ in range(MESSAGES):
                push.send_json(EVENT)
            return MESSAGES * 1e9 / (ended_ns() - began_ns)

    return _compare("Output.write / send_json, messages/s that arrive", ours, plain, WRITE_BAR)


def asking() -> bool:
    """Requests a second of ``request`` against ``send_json`` and ``recv_json``; printed, without a bar."""

    def ours() -> float:
        with _server() as endpoint, ZmqClient("asker", {"socket_type": "REQ"}) as client:
            client.connect(f"zmq://{endpoint}")
            client.request(EVENT)
            began_s = time.perf_counter()
            for _ in range(REQUESTS):
                client.request(EVENT)
            return REQUESTS / (time.perf_counter() - began_s)

    def plain() -> float:
        with _server() as endpoint, zmq.Context() as context, context.socket(zmq.REQ) as req:
            req.connect(endpoint)
            began_s = 0.0
            for number in range(REQUESTS + 1):
                if number == 1:
                    began_s = time.perf_counter()
                req.send_json(EVENT)
                req.recv_json()
            return REQUESTS / (time.perf_counter() - began_s)

    return _compare("request / send_json and recv_json, requests/s", ours, plain, 0.0)


def timeouts() -> bool:
    """How late the error of a request comes after ``request_timeout * (1 + retries)``."""
    late_ms = []
    with zmq.Context() as context, context.socket(zmq.ROUTER) as silent:
        silent.linger = 0
        port = silent.bind_to_random_port("tcp://127.0.0.1")
        for timeout_ms, retries in TIMEOUTS:
            config = {"socket_type": "REQ", "request_timeout": timeout_ms, "retries": retries, "linger": 0}
            with ZmqClient("asker", config) as client:
                client.connect(f"zmq://tcp://127.0.0.1:{port}")
                began_s = time.perf_counter()
                try:
                    client.request(EVENT)
                except RequestTimeoutError:
                    late_ms.append((time.perf_counter() - began_s) * 1000 - timeout_ms * (1 + retries))
    assert len(late_ms) == len(TIMEOUTS)
    each = ", ".join(f"{late:.1f}" for late in late_ms)
    console.print(f"error of a request after request_timeout x (1 + retries): {each} ms late (bar {TIMEOUT_BAR_MS:g})")
    return min(late_ms) >= 0 and max(late_ms) <= TIMEOUT_BAR_MS


def compare() -> bool:
    """All figures; False if one misses its bar."""
    console.print(
        f"the library beside pyzmq {zmq.__version__}, {PAIRS} pairs in turns, {len(json.dumps(EVENT))} bytes:"
    )
    return all([reading(), writing(), asking(), timeouts()])


def _compare(name: str, ours: Measure, plain: Measure, bar: float) -> bool:
    ratios: list[float] = []
    for number in range(PAIRS):
        first, second = (ours, plain) if number % 2 else (plain, ours)
        figures = {first: first(), second: second()}
        ratios.append(figures[ours] / figures[plain])
    ratio = statistics.median(ratios)
    wanted = f"bar {bar:g}, " if bar else ""
    console.print(f"{name}: ratio {ratio:.2f} ({wanted}pairs {min(ratios):.2f} to {max(ratios):.2f})")
    return ratio >= bar


def _rate_of(read: Callable[[], None], endpoint: str) -> float:
    """Messages a second that ``read`` reads while another process sends as fast as it can."""
    command = [sys.executable, "-c", SENDER, endpoint, json.dumps(EVENT), str(MESSAGES)]
    with subprocess.Popen(command):
        read()
        began_s = time.perf_counter()
        for _ in range(MESSAGES):
            read()
        return MESSAGES / (time.perf_counter() - began_s)


@contextmanager
def _consumer() -> Iterator[tuple[str, Callable[[], int]]]:
    """The endpoint of a PULL in another process, and a function that waits until it has read all messages."""
    command = [sys.executable, "-c", CONSUMER, str(MESSAGES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as consumer:
        output = consumer.stdout
        assert output is not None

        def ended_ns() -> int:
            received, at_ns = map(int, output.readline().split())
            assert received == MESSAGES
            return at_ns

        yield output.readline().strip(), ended_ns


@contextmanager
def _server() -> Iterator[str]:
    """The endpoint of a REP in another process that answers with the request."""
    echo = """
import zmq
with zmq.Context() as context, context.socket(zmq.REP) as rep:
    rep.bind("tcp://127.0.0.1:*")
    print(rep.get(zmq.LAST_ENDPOINT).rstrip(b"\\0").decode(), flush=True)
    while True:
        rep.send(rep.recv())
"""
    with subprocess.Popen([sys.executable, "-c", echo], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


if __name__ == "__main__":
    sys.exit(0 if compare() else 1)
