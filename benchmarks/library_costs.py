"""The cost of the library: ``python -m benchmarks.library_costs`` prints the figures. Run nothing else meanwhile.

With ``ZMQ_BENCH_PLANE=python`` in the environment the handlers send in Python.

The consumer is a plain pyzmq PULL in its own process. It decodes and counts every message, so "delivered" events
have been received and decoded.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from statistics import median, quantiles
from typing import Any

import zmq

from bench_app import HandlerStats, Output, OutputHandler
from bench_app.data_plane import plane

EVENT = {"id": 1, "type": "detection", "confidence": 0.87, "label": "person", "x": 0.25, "y": 0.5}
CONSUMER = """
import json, sys, time, zmq
expected = int(sys.argv[1])
with zmq.Context() as context, context.socket(zmq.PULL) as pull:
    pull.set_hwm(0)
    pull.rcvtimeo = 10_000
    pull.bind("tcp://127.0.0.1:*")
    print(pull.get(zmq.LAST_ENDPOINT).rstrip(b"\\0").decode(), flush=True)
    received = 0
    try:
        while received < expected:
            received += json.loads(pull.recv())["label"] == "person"
    except zmq.Again:
        pass
    print(received, time.perf_counter_ns(), flush=True)
"""


def delivered_per_s(events: int = 300_000, threads: int = 1, queue_size: int = 10_000) -> dict[str, Any]:
    """Events per second from the first ``write`` to the last arrival at a PULL in another process, JSON included.

    With ``threads`` 0 the main thread writes, and the handler's thread sends. ``events`` must be a multiple of
    ``threads``. An event that the full queue refuses is written again; ``refused`` counts the refusals.
    """
    command = [sys.executable, "-c", CONSUMER, str(events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as consumer, Output("bench") as output:
        assert consumer.stdout is not None
        uri = "zmq://" + consumer.stdout.readline().strip()
        config = {"queue_size": queue_size, "high_water_mark": 10_000, "send_timeout": -1, "linger": 10_000}
        handler = output.add_handler("push", uri, "events", config)
        assert isinstance(handler, OutputHandler)
        _until_connected(handler)
        ended: list[int] = []
        share = events // max(1, threads)
        writers = [threading.Thread(target=_write, args=(output, share, ended)) for _ in range(threads)]
        began_ns = time.perf_counter_ns()
        for writer in writers:
            writer.start()
        if not writers:
            _write(output, events, ended)
        for writer in writers:
            writer.join()
        received, ended_ns = map(int, consumer.stdout.readline().split())
        stats: HandlerStats = handler.stats
    assert received == events
    assert stats.accepted == events and stats.offered == stats.accepted + stats.queue_overflow
    return {
        "delivered_per_s": round(events * 1e9 / (ended_ns - began_ns)),
        "written_per_s": round(events * 1e9 / (max(ended) - began_ns)),
        "refused": stats.queue_overflow,
    }


def burst(events: int) -> dict[str, int]:
    """How many events the default settings lose if the result of ``write`` is ignored."""
    command = [sys.executable, "-c", CONSUMER, str(events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as consumer, Output("bench") as output:
        assert consumer.stdout is not None
        handler = output.add_handler("push", "zmq://" + consumer.stdout.readline().strip(), "events")
        assert isinstance(handler, OutputHandler)
        _until_connected(handler)
        for _ in range(events):
            output.write("events", EVENT)
        assert handler.flush(10)
        consumer.kill()
        stats = handler.stats
    return {"accepted": stats.accepted, "queue_overflow": stats.queue_overflow, "send_timeout": stats.send_timeout}


def full_queue_write_us(writes: int = 20_000) -> dict[str, float]:
    """The cost of a ``write`` into a full queue in microseconds, without a consumer."""
    config = {"queue_size": 10, "high_water_mark": 10, "send_timeout": -1, "linger": 0}
    with Output("bench") as output:
        output.add_handler("push", "zmq://tcp://127.0.0.1:9", "events", config)
        refused = 0
        while refused < 1000:
            refused = 0 if output.write("events", EVENT) else refused + 1
        took_ns = []
        for _ in range(writes):
            began_ns = time.perf_counter_ns()
            taken = output.write("events", EVENT)
            took_ns.append(time.perf_counter_ns() - began_ns)
            assert not taken
    return _spread_us(took_ns)


def idle_write_us(writes: int = 2_000) -> dict[str, float]:
    """The cost of a ``write`` in microseconds, 1 ms after the last write, when the handler's thread sleeps."""
    with zmq.Context() as context, context.socket(zmq.PULL) as pull, Output("bench") as output:
        pull.set_hwm(0)
        pull.linger = 0
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        handler = output.add_handler("push", f"zmq://tcp://127.0.0.1:{port}", "events")
        assert isinstance(handler, OutputHandler)
        _until_connected(handler)
        took_ns = []
        for _ in range(writes):
            time.sleep(0.001)
            began_ns = time.perf_counter_ns()
            output.write("events", EVENT)
            took_ns.append(time.perf_counter_ns() - began_ns)
    return _spread_us(took_ns)


def idle_cpu_percent(seconds: float = 3.0, handlers: int = 10) -> float:
    """The processor time of a program with idle connected handlers, in percent of one core."""
    with zmq.Context() as context, context.socket(zmq.PULL) as pull, Output("bench") as output:
        pull.linger = 0
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        for number in range(handlers):
            made = output.add_handler(f"push {number}", f"zmq://tcp://127.0.0.1:{port}", "events")
            assert isinstance(made, OutputHandler)
            _until_connected(made)
        began_ns = time.process_time_ns()
        time.sleep(seconds)
        return round((time.process_time_ns() - began_ns) / 1e7 / seconds, 2)


def cpu_us_per_event(events: int = 100_000, in_thread: bool = True) -> float:
    """The processor time of a program for an event that it writes and a PULL in another process receives, in us."""
    command = [sys.executable, "-c", CONSUMER, str(events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as consumer, Output("bench") as output:
        assert consumer.stdout is not None
        config = {"queue_size": events, "high_water_mark": 0, "send_timeout": -1, "linger": 10_000}
        handler = output.add_handler("push", "zmq://" + consumer.stdout.readline().strip(), "events", config)
        _until_connected(handler)
        began_ns = time.process_time_ns()
        if in_thread:
            writer = threading.Thread(target=_write, args=(output, events, []))
            writer.start()
            writer.join()
        else:
            _write(output, events, [])
        assert handler.flush(60)
        used_ns = time.process_time_ns() - began_ns
        consumer.communicate()
    return round(used_ns / events / 1000, 2)


def _until_connected(handler: OutputHandler, limit_s: float = 10.0) -> None:
    deadline_s = time.monotonic() + limit_s
    while handler.state.state != "connected":
        assert time.monotonic() < deadline_s, handler.state.sentence
        time.sleep(0.01)


def _write(output: Output, events: int, ended: list[int]) -> None:
    left = events
    while left:
        if output.write("events", EVENT):
            left -= 1
        else:
            time.sleep(0.001)
    ended.append(time.perf_counter_ns())


def _spread_us(took_ns: list[int]) -> dict[str, float]:
    p99 = quantiles(took_ns, n=100)[98]
    return {name: round(ns / 1000, 2) for name, ns in (("p50", median(took_ns)), ("p99", p99), ("max", max(took_ns)))}


def main() -> None:
    """All figures, one a line."""
    print(f"data plane: {plane.active().report.name}")
    for in_thread in (True, False):
        name = "another thread" if in_thread else "the main thread"
        print(f"processor time of an event written in {name}, us: {cpu_us_per_event(in_thread=in_thread)}")
    print(f"PUSH -> PULL in another process, {len(json.dumps(EVENT))} bytes of JSON:")
    for threads in (0, 1, 4):
        name = f"{threads} thread(s)" if threads else "main thread"
        for _ in range(3):
            print(f"  {name}: {delivered_per_s(threads=threads)}")
    for events in (2_000, 5_000, 100_000):
        print(f"  {events} at once from the main thread, default settings: {burst(events)}")
    print(f"write into a full queue, us: {full_queue_write_us()}")
    print(f"write after 1 ms of rest, us: {idle_write_us()}")
    print(f"10 idle handlers, percent of a core: {idle_cpu_percent()}")


if __name__ == "__main__":
    main()
