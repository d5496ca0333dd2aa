"""How exactly the steps of a timeline act: from the time of a step to its event at a consumer outside of the bench.

``python -m benchmarks.steps [--count N]``. Each step sends an event by hand; a consumer in this process notes when it
arrives. That is the whole way of an act: session, control channel, worker, socket.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import zmq

from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.preset import documents

APART_S = 0.237
"""Not a multiple of the times at which units report."""
BAR_MS = 20.0
POLL_MS = 200


def preset(uri: str, count: int) -> dict[str, Any]:
    """A handler with ``count`` steps that send an event, each with its number."""
    steps = [
        {"at_s": round(1 + number * APART_S, 3), "act": "send", "unit": "h", "event": {"step": number}}
        for number in range(count)
    ]
    source = {"kind": "synthetic", "event": "minimal", "load": {"shape": "constant", "rate": 10}}
    return {
        "output": {"handlers": {"h": {"uri": uri, "sink": "events", "config": {"socket_type": "PUSH"}}}},
        "bench": {
            "version": 1,
            "duration_s": 2 + count * APART_S,
            "sources": {"events": source},
            "handlers": {"h": {"paired": False, "mode": "bind"}},
            "timeline": steps,
        },
    }


def receive(uri: str, arrivals: dict[int, int], ended: threading.Event) -> None:
    """Note when the event of each step arrives."""
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.connect(uri)
        while not ended.is_set():
            if not socket.poll(POLL_MS):
                continue
            frames = socket.recv_multipart()
            at_ns = time.perf_counter_ns()
            body = json.loads(frames[-1])
            if "step" in body:
                arrivals[body["step"]] = at_ns


def main() -> int:
    """Measure, print the figures, and return 1 if 99 % of the steps do not act within the bar."""
    parser = argparse.ArgumentParser(description="Measure how exactly the steps of a timeline act.")
    parser.add_argument("--count", type=int, default=100, help="how many steps")
    count = parser.parse_args().count
    came: list[int] = []
    arrivals: dict[int, int] = {}

    def note(event: RunEvent) -> None:
        if event.kind is EventKind.STEP:
            came.append(time.perf_counter_ns())

    with tempfile.TemporaryDirectory() as folder:
        address = f"ipc://{folder}/steps"
        ended = threading.Event()
        consumer = threading.Thread(target=receive, args=(address, arrivals, ended))
        consumer.start()
        document = documents.parse(preset(f"zmq://{address}", count), "steps", Path(folder))
        try:
            result = asyncio.run(run_once(Session(document, on_event=note))).result
        finally:
            ended.set()
            consumer.join()
    late = sorted(step.late_ms for step in result.timeline or [] if step.late_ms is not None)
    acted = sorted(
        step.late_ms + (arrivals[number] - came[number]) / 1e6
        for number, step in enumerate(result.timeline or [])
        if step.late_ms is not None and number in arrivals
    )
    print(f"steps that came: {len(late)} of {count}; events that arrived: {len(acted)}")
    for name, values in (("step after its time", late), ("event at the consumer", acted)):
        at_99 = values[max(0, int(0.99 * len(values)) - 1)]
        print(f"{name}: median {statistics.median(values):.2f} ms, p99 {at_99:.2f} ms, max {values[-1]:.2f} ms")
    is_exact = len(acted) == count and acted[max(0, int(0.99 * count) - 1)] <= BAR_MS
    print(f"{'good' if is_exact else 'NOT GOOD'}: bar {BAR_MS:.0f} ms for 99 % of the events")
    return 0 if is_exact else 1


if __name__ == "__main__":
    sys.exit(main())
