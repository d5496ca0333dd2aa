"""An exception from a signal handler in a write, as Ctrl+C raises: no half message, and a ledger that balances."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import zmq

from tests.library.ends import LIMIT_MS

INTERRUPTED = """
import json, os, signal, sys, threading, time
from bench_app import OutputHandler
from bench_app.model import HandlerBench
from tests.library.ends import spec

class Interrupted(Exception):
    pass

writing = False

def interrupt(*_):
    global writing
    if writing:
        # Raise once in a write: a second exception would be raised in the except clause.
        writing = False
        raise Interrupted

signal.signal(signal.SIGUSR1, interrupt)
done = threading.Event()

def send_signals():
    for _ in range(300):
        time.sleep(0.002)
        os.kill(os.getpid(), signal.SIGUSR1)
    done.set()

config = {"socket_type": sys.argv[1], "topic": "a", "high_water_mark": 0, "linger": 10_000, "send_timeout": -1}
handler = OutputHandler("h", spec(sys.argv[2], config), bench=HandlerBench(mode="bind"))
if sys.argv[1] == "PUB":
    assert handler.wait_for_subscriber(10)
threading.Thread(target=send_signals).start()
number = interrupts = 0
while not done.is_set():
    try:
        number += 1
        writing = True
        handler.write(number)
        writing = False
    except Interrupted:
        interrupts += 1
assert handler.flush(10)
stats = handler.stats
print(json.dumps([interrupts, stats.offered, stats.queue_overflow, stats.aborted, stats.queued, stats.accepted]))
handler.close()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="this system has no SIGUSR1")
@pytest.mark.parametrize(("kind", "listens"), [("PUSH", zmq.PULL), ("PUB", zmq.SUB)])
def test_an_exception_in_the_middle_of_a_write(kind: str, listens: int, tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/h.ipc"
    with zmq.Context() as context, context.socket(listens) as socket:
        socket.set_hwm(0)
        socket.linger = 0
        if kind == "PUB":
            socket.subscribe(b"a")
        socket.reconnect_ivl = 10
        socket.connect(endpoint)
        command = [sys.executable, "-c", INTERRUPTED, kind, f"zmq://{endpoint}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            received = received_until_end(socket, process)
            assert process.stdout is not None
            counts = json.loads(process.stdout.read())
        assert process.returncode == 0
    interrupts, offered, queue_overflow, aborted, queued, accepted = counts
    assert interrupts > 0
    assert queued == 0
    assert offered == queue_overflow + aborted + accepted
    assert {len(frames) for frames in received} == {2 if kind == "PUB" else 1}
    numbers = [int(frames[-1]) for frames in received]
    assert len(numbers) == accepted
    assert all(earlier < later for earlier, later in itertools.pairwise(numbers))


def received_until_end(socket: zmq.Socket[bytes], process: subprocess.Popen[str]) -> list[list[bytes]]:
    """All messages that a process sends, until it has ended and no more arrive."""
    received: list[list[bytes]] = []
    for _ in range(4 * LIMIT_MS // 100):
        while socket.poll(100):
            received.append(socket.recv_multipart())
        if process.poll() is not None and not socket.poll(100):
            return received
    raise AssertionError("the process did not end")
