"""Peers that die and come back: the books go on, and nothing is left behind."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq

from bench_app import Output, OutputHandler
from bench_app.errors import PresetError
from bench_app.model import HandlerBench
from bench_app.transport.silent_peer import SUPPORTED
from tests.library import until
from tests.library.ends import LIMIT_MS, balanced, connected, listening, spec

DEATHS = 8
CONSUMERS = {"PUSH": zmq.PULL, "REQ": zmq.REP}
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


def test_a_name_that_does_not_resolve_is_given_up_and_reported_once_not_at_each_attempt() -> None:
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


@pytest.mark.parametrize("socket_type", ["PUSH", "REQ"])
def test_a_handler_that_gave_up_goes_on_from_where_its_ledger_stands(socket_type: str, free_port: int) -> None:
    config = {"socket_type": socket_type, "reconnect_interval": 5, "max_reconnect_attempts": 2, "linger": 0}
    handler = OutputHandler("h", spec(f"zmq://tcp://127.0.0.1:{free_port}", config))
    try:
        until(lambda: handler.state.state == "gave up")
        until(lambda: not handler.write("lost"))
        lost = handler.stats
        assert lost.aborted == lost.offered - lost.accepted >= 1
        with zmq.Context() as context, context.socket(CONSUMERS[socket_type]) as consumer:
            consumer.linger = 0
            consumer.bind(f"tcp://127.0.0.1:{free_port}")
            handler.reconnect()
            until(lambda: handler.state.state == "connected")
            assert handler.write("heard")
            assert consumer.poll(LIMIT_MS) and consumer.recv() == b'"heard"'
            # Told to do what it has done already, it goes on undisturbed.
            handler.reconnect()
            if socket_type == "REQ":
                consumer.send(b"1")
            assert handler.write("heard, too")
            assert consumer.poll(LIMIT_MS) and consumer.recv() == b'"heard, too"'
            stats = handler.stats
            assert (stats.accepted, stats.offered) == (lost.accepted + 2, lost.offered + 2)
    finally:
        handler.close()
    assert balanced(handler.stats)


def test_keys_of_a_connection_reach_the_socket_and_what_cannot_be_is_refused() -> None:
    with Output("o") as output:
        with listening(zmq.PULL) as (pull, uri):
            output.add_handler("h", uri, "events", {"linger": 0}, {"heartbeat_interval": 20, "heartbeat_timeout": 100})
            output.write("events", 1)
            assert pull.poll(LIMIT_MS)
        with pytest.raises(PresetError, match="heartbeat_timeout"):
            output.add_handler("x", "zmq://tcp://127.0.0.1:1", "events", {}, {"heartbeat_timeout": 100})


def test_a_silent_peer_is_reported(free_port: int) -> None:
    told: list[str] = []
    bench = HandlerBench(heartbeat_interval=20, heartbeat_timeout=100)
    config = {"linger": 0, "reconnect_interval": 10}
    endpoint = f"tcp://127.0.0.1:{free_port}"
    with subprocess.Popen([sys.executable, "-c", CONSUMER, endpoint], stdout=subprocess.PIPE) as consumer:
        on_connection = lambda _, words: told.append(words)  # noqa: E731
        handler = OutputHandler("h", spec(f"zmq://{endpoint}", config), bench=bench, on_connection=on_connection)
        try:
            until(lambda: handler.state.state == "connected")
            consumer.send_signal(signal.SIGSTOP)
            until(lambda: any("silent" in words or "lost the connection" in words for words in told))
        finally:
            handler.close()
            consumer.kill()
    if SUPPORTED:
        assert any("peer silent for" in words for words in told), told


def test_a_preset_brings_what_its_bench_section_adds(tmp_path: Path) -> None:
    handlers = {"h": {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "PUSH", "linger": 0}}}
    preset = {"output": {"handlers": handlers}, "bench": {"version": 1, "handlers": {"h": {"mode": "bind"}}}}
    (tmp_path / "p.json").write_text(json.dumps(preset))
    with Output.from_preset(tmp_path / "p.json") as output:
        handler = output.handlers["h"]
        assert isinstance(handler, OutputHandler)
        with connected(zmq.PULL, handler.endpoint) as pull:
            output.write("events", 1)
            assert pull.poll(LIMIT_MS) and pull.recv() == b"1"
