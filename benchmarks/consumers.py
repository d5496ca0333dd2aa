"""Whether receipts count a user's own consumer to the message, in pyzmq and in JeroMQ, while a relay drops messages.

``python -m benchmarks.consumers`` runs two subscribers at once, those of the documentation: one behind a relay that
drops every tenth message, and one directly at its handler; then the other way round. The ledger must agree with what
the relay passed, to the message. The subscriber in Java needs ``javac`` and JeroMQ (Debian: ``default-jdk-headless``,
``libjeromq-java``); without them, both subscribers are those in Python.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench_app.engine.result import ListenerResult, RunResult
from benchmarks.freezing import run_with
from benchmarks.presets import assert_balanced
from benchmarks.relay import Passed, Relay, Treatment, free_endpoint

SNIPPETS = Path(__file__).parents[1] / "docs" / "snippets"
JEROMQ = Path("/usr/share/java/jeromq.jar")
DROP_EVERY = 10
TOPIC = "t"
_END_S = 10.0


@dataclass(frozen=True)
class Consumer:
    """A subscriber of the documentation: its name, and its command without endpoint, topic and address of receipts."""

    name: str
    command: tuple[str, ...]


def main() -> int:
    """Run both ways. Returns 0 if each ledger agrees with what the relay passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=5_000, help="messages per second of each subscriber")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        python = Consumer("pyzmq", (sys.executable, str(SNIPPETS / "counted.py")))
        other = _java(Path(folder)) or python
        faults = []
        for behind, direct in ((python, other), (other, python)):
            faults += _trial(behind, direct, options.rate, options.seconds)
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


def _java(folder: Path) -> Consumer | None:
    if shutil.which("javac") is None or not JEROMQ.exists():
        print("no javac or no JeroMQ: both subscribers are in Python")
        return None
    subprocess.run(["javac", "-cp", str(JEROMQ), "-d", str(folder), str(SNIPPETS / "Receipts.java")], check=True)
    return Consumer("JeroMQ", ("java", "-cp", f"{JEROMQ}:{folder}", "Receipts"))


def _trial(behind: Consumer, direct: Consumer, rate: float, seconds: float) -> list[str]:
    """One run; returns what does not agree."""
    with Relay("PUB", Treatment(drop_every=DROP_EVERY)) as relay:
        endpoints = {"behind": relay.endpoint, "direct": free_endpoint()}
        receipts = {name: free_endpoint() for name in endpoints}
        with (
            _running(behind, relay.listener_endpoint, receipts["behind"]),
            _running(direct, endpoints["direct"], receipts["direct"]),
        ):
            result = run_with(_preset(endpoints, receipts, rate, seconds)).result
        passed = relay.stop()
    assert_balanced(result)
    rows = {name: next(iter(handler.listeners.values())) for name, handler in result.handlers.items()}
    for name, consumer in (("behind", behind), ("direct", direct)):
        row = rows[name]
        print(
            f"{consumer.name} {'behind the relay' if name == 'behind' else 'at the handler'}: "
            f"{result.handlers[name].accepted:,} accepted = {row.received:,} received + {row.lost:,} lost "
            f"+ {row.before_join:,} before it subscribed; service p50 {row.service_us.p50:,.0f} us, "
            f"p99 {row.service_us.p99:,.0f} us"
        )
    print(f"the relay: {passed.came:,} came, {passed.passed:,} passed")
    return list(_faults(result, rows, passed, behind, direct))


def _faults(
    result: RunResult, rows: dict[str, ListenerResult], passed: Passed, behind: Consumer, direct: Consumer
) -> Iterator[str]:
    row, accepted = rows["behind"], result.handlers["behind"].accepted
    if (row.received, row.lost) != (passed.passed, passed.came - passed.passed):
        yield f"{behind.name} behind the relay: the ledger does not agree with the relay"
    if passed.came != accepted - row.before_join or passed.came == passed.passed:
        yield f"the relay got {passed.came:,} of {accepted:,}, so it is no measure"
    row, accepted = rows["direct"], result.handlers["direct"].accepted
    if row.received != accepted - row.before_join or row.lost:
        yield f"{direct.name} at the handler: the ledger has losses where there were none"
    for one in rows.values():
        if one.duplicates or one.reordered or one.foreign or one.malformed or one.service_us.count != one.received:
            yield f"{one}"


def _preset(endpoints: dict[str, str], receipts: dict[str, str], rate: float, seconds: float) -> dict[str, Any]:
    # A consumer that this machine keeps from running must not lose what its socket has not sent yet.
    config = {"socket_type": "PUB", "topic": TOPIC, "high_water_mark": 100_000, "linger": 60_000}
    load = {"shape": "constant", "rate": rate}
    return {
        "output": {
            "handlers": {
                name: {"uri": f"zmq://{endpoint}", "sink": "events", "config": config}
                for name, endpoint in endpoints.items()
            }
        },
        "bench": {
            "version": 1,
            "duration_s": seconds,
            "sources": {"events": {"kind": "synthetic", "event": "detection", "size": 512, "load": load}},
            "handlers": {name: {"paired": False, "mode": "bind"} for name in endpoints},
            "listeners": {name: [{"receipts": address}] for name, address in receipts.items()},
        },
    }


@contextmanager
def _running(consumer: Consumer, endpoint: str, receipts: str) -> Iterator[None]:
    with subprocess.Popen([*consumer.command, endpoint, TOPIC, receipts]) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(_END_S)


if __name__ == "__main__":
    sys.exit(main())
