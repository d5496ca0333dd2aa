"""Peers that die and come back: the books go on, and nothing is left behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from typing import Any

import psutil

from bench_app import OutputHandler
from tests.library import until
from tests.library.test_output import balanced, spec

DEATHS = 8
CONSUMER = """
import sys, time, zmq
pull = zmq.Context().socket(zmq.PULL)
while True:
    try:
        pull.bind(sys.argv[1])
        break
    except zmq.ZMQError:
        time.sleep(0.01)
while True:
    pull.recv()
    print("had one", flush=True)
"""


def test_a_peer_that_is_killed_again_and_again_under_load() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    told: list[str] = []
    config: dict[str, Any] = {"reconnect_interval": 10, "send_timeout": 20, "linger": 0}
    handler = OutputHandler("h", spec(f"zmq://{endpoint}", config), on_connection=lambda _, words: told.append(words))
    stop = threading.Event()

    def load() -> None:
        while not stop.wait(0.001):
            handler.write({"pad": "x" * 100})

    writer = threading.Thread(target=load)
    writer.start()
    process = psutil.Process()
    resources: list[tuple[int, int]] = []
    try:
        for _ in range(DEATHS):
            with subprocess.Popen([sys.executable, "-c", CONSUMER, endpoint], stdout=subprocess.PIPE) as consumer:
                assert consumer.stdout is not None and consumer.stdout.readline()
                until(lambda: handler.state.state == "connected")
                resources.append((process.num_fds(), process.num_threads()))
                consumer.kill()
            until(lambda: handler.state.state != "connected")
            assert balanced(handler.stats)
    finally:
        stop.set()
        writer.join()
        handler.close()
    stats = handler.stats
    assert balanced(stats) and stats.queued == 0
    assert sum(words.startswith("connected to") for words in told) == DEATHS
    assert len(set(resources[1:])) == 1, resources


def test_a_name_that_does_not_resolve_is_given_up_and_told_once_not_at_each_attempt() -> None:
    told: list[str] = []
    config = {"reconnect_interval": 5, "max_reconnect_attempts": 4, "linger": 0}
    handler = OutputHandler("h", spec("zmq://tcp://nosuch.invalid:5555", config))
    handler.on_connection = lambda _, words: told.append(words)
    try:
        until(lambda: handler.state.state == "gave up", 30)
        until(lambda: any("gave up" in words for words in told))
    finally:
        handler.close()
    assert sum("does not resolve" in words for words in told) <= 2
    assert sum("gave up" in words for words in told) == 1
