"""Peers that die and return: the ledger continues, and no descriptor or thread is left."""

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
    print("received", flush=True)
"""


def test_a_peer_that_is_killed_again_and_again_under_load() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    messages: list[str] = []
    config: dict[str, Any] = {"reconnect_interval": 10, "send_timeout": 20, "linger": 0}
    handler = OutputHandler(
        "h", spec(f"zmq://{endpoint}", config), on_connection=lambda _, message: messages.append(message)
    )
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
    assert sum(message.startswith("connected to") for message in messages) == DEATHS
    assert len(set(resources[1:])) == 1, resources


def test_a_name_that_does_not_resolve_is_given_up_and_reported_once() -> None:
    messages: list[str] = []
    config = {"reconnect_interval": 5, "max_reconnect_attempts": 4, "linger": 0}
    handler = OutputHandler("h", spec("zmq://tcp://nosuch.invalid:5555", config))
    handler.on_connection = lambda _, message: messages.append(message)
    try:
        until(lambda: handler.state.state == "gave up")
        until(lambda: any("gave up" in message for message in messages))
    finally:
        handler.close()
    assert sum("does not resolve" in message for message in messages) <= 2
    assert sum("gave up" in message for message in messages) == 1


@pytest.mark.parametrize("socket_type", ["PUSH", "REQ"])
def test_a_handler_that_gave_up_continues_with_its_counts(socket_type: str, free_port: int) -> None:
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
            assert handler.write("first")
            assert consumer.poll(LIMIT_MS) and consumer.recv() == b'"first"'
            # Reconnecting a connected handler does nothing.
            handler.reconnect()
            if socket_type == "REQ":
                consumer.send(b"1")
            assert handler.write("second")
            assert consumer.poll(LIMIT_MS) and consumer.recv() == b'"second"'
            stats = handler.stats
            assert (stats.accepted, stats.offered) == (lost.accepted + 2, lost.offered + 2)
    finally:
        handler.close()
    assert balanced(handler.stats)


def test_connection_keys_reach_the_socket_and_wrong_ones_are_refused() -> None:
    with Output("o") as output:
        with listening(zmq.PULL) as (pull, uri):
            output.add_handler("h", uri, "events", {"linger": 0}, {"heartbeat_interval": 20, "heartbeat_timeout": 100})
            output.write("events", 1)
            assert pull.poll(LIMIT_MS)
        with pytest.raises(PresetError, match="heartbeat_timeout"):
            output.add_handler("x", "zmq://tcp://127.0.0.1:1", "events", {}, {"heartbeat_timeout": 100})


def test_a_silent_peer_is_reported(free_port: int) -> None:
    messages: list[str] = []
    bench = HandlerBench(heartbeat_interval=20, heartbeat_timeout=100)
    config = {"linger": 0, "reconnect_interval": 10}
    endpoint = f"tcp://127.0.0.1:{free_port}"
    with subprocess.Popen([sys.executable, "-c", CONSUMER, endpoint], stdout=subprocess.PIPE) as consumer:
        on_connection = lambda _, message: messages.append(message)  # noqa: E731
        handler = OutputHandler("h", spec(f"zmq://{endpoint}", config), bench=bench, on_connection=on_connection)
        try:
            until(lambda: handler.state.state == "connected")
            consumer.send_signal(signal.SIGSTOP)
            until(lambda: any("silent" in message or "lost the connection" in message for message in messages))
        finally:
            handler.close()
            consumer.kill()
    if SUPPORTED:
        assert any("peer silent for" in message for message in messages), messages


def test_the_bench_section_of_a_preset_applies_to_its_handlers(tmp_path: Path) -> None:
    handlers = {"h": {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "PUSH", "linger": 0}}}
    preset = {"output": {"handlers": handlers}, "bench": {"version": 1, "handlers": {"h": {"mode": "bind"}}}}
    (tmp_path / "p.json").write_text(json.dumps(preset))
    with Output.from_preset(tmp_path / "p.json") as output:
        handler = output.handlers["h"]
        assert isinstance(handler, OutputHandler)
        with connected(zmq.PULL, handler.endpoint) as pull:
            output.write("events", 1)
            assert pull.poll(LIMIT_MS) and pull.recv() == b"1"
