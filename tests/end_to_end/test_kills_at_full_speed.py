"""Workers killed by SIGKILL in the middle of their loops at full speed: the ledger balances to the last event.

The oracle is a second subscriber of the PUB, in plain pyzmq. The PUB waits instead of dropping, so the oracle receives
every event, except those that were lost with the killed worker of the handler.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys

from bench_app.engine.session import Session
from tests.runs import assert_balanced, preset, run, until

ORACLE = """
import json, sys, zmq
ranges, accepted = [], None
with zmq.Context() as context, context.socket(zmq.SUB) as sub:
    sub.reconnect_ivl = 50
    sub.subscribe(b"t")
    sub.connect(sys.argv[1])
    poller = zmq.Poller()
    poller.register(sub, zmq.POLLIN)
    poller.register(sys.stdin.fileno(), zmq.POLLIN)
    while not ranges or ranges[-1][1] != accepted:
        try:
            topic, body = sub.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            ready = dict(poller.poll(20_000))
            if not ready:
                break
            if sys.stdin.fileno() in ready:
                poller.unregister(sys.stdin.fileno())
                accepted = int(sys.stdin.readline())
            continue
        # The fourth part of the stamp, with which a body begins.
        number = int(body.split(b"-", 4)[3], 16)
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
            print(number, flush=True)
print(json.dumps(ranges))
"""
"""Prints the first number of each range of sequence numbers when it comes, and all ranges at its end.

It ends with the last number, which it reads from stdin.
"""
EVENTS = 20_000


def pid_of(session: Session, unit: str) -> int:
    pid = session.pid_of(session.units[unit])
    assert pid is not None
    return pid


def oracle_has_a_range(oracle: subprocess.Popen[bytes]) -> bool:
    """Whether the oracle has begun a range of numbers; true once for each range."""
    assert oracle.stdout is not None
    return bool(select.select([oracle.stdout], [], [], 0)[0]) and bool(oracle.stdout.readline())


def test_workers_of_both_ends_are_killed_and_every_event_is_accounted_for(free_port: int) -> None:
    received_before_kill = 0

    async def kill(session: Session) -> None:
        nonlocal received_before_kill
        (listener,) = session.listeners.values()
        await until(lambda: oracle_has_a_range(oracle))
        for unit in ("handler-1/listener-1", "handler-1"):
            received = listener.counts.received
            await until(lambda received=received: listener.counts.received > received + EVENTS)  # type: ignore[misc]
            received_before_kill = listener.counts.received
            os.kill(pid_of(session, unit), signal.SIGKILL)
            await until(lambda unit=unit: session.units[unit].restarts == 1)  # type: ignore[misc]
        await until(lambda: listener.counts.received > received_before_kill + EVENTS)
        # On a busy machine it connects to the next worker later than the listener.
        await until(lambda: oracle_has_a_range(oracle))
        session.stop()

    command = [sys.executable, "-c", ORACLE, f"tcp://127.0.0.1:{free_port}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as oracle:
        raw = preset(
            {"socket_type": "PUB", "topic": "t", "reconnect_interval": 50, "linger": 20_000, "send_timeout": -1},
            uri=f"zmq://tcp://127.0.0.1:{free_port}",
            source={"kind": "synthetic", "event": "detection", "size": 128, "load": {"shape": "max"}},
            handler={"mode": "bind", "no_drop": True},
            listeners=[{"name": "l", "reconnect_interval": 50}],
            duration_s=60,
        )
        finished = run(raw, kill)
        handler = finished.handler()
        output, _ = oracle.communicate(f"{handler.accepted}\n".encode())
    assert_balanced(finished.result)
    assert [unit.restarts for unit in finished.session.units.values()] == [1, 1]
    # The oracle joined late. It missed events once more: those that the killed worker of the handler took
    # along, and those that the next worker sent before the oracle had subscribed again.
    (_, last_of_killed), (first_of_next, last) = json.loads(output.splitlines()[-1])
    assert last_of_killed < first_of_next < last == handler.accepted
    listener = handler.listeners["l"]
    assert listener.received + listener.lost + listener.before_join == handler.accepted
    assert received_before_kill + EVENTS < listener.received <= handler.accepted
    assert listener.duplicates == listener.reordered == listener.foreign == listener.malformed == 0
