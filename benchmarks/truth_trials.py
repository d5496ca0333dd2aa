"""Runs that the bench itself bends: each must end ``invalid``, or with a note that says so, or with a sound reading.

A *sound* reading is possible only where the load is the problem: a faster machine may carry it. A run whose worker is
stopped must not pass silently, and must never blame the system by a failed check.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from bench_app.engine.finding import FindingKind
from bench_app.engine.result import RunResult
from bench_app.engine.session import Phase, Session
from benchmarks.freezing import Freezes, busy_loops, one_processor, run_with
from benchmarks.presets import assert_balanced, one_handler

SECONDS = 5.0
BUSY_S = 40.0
SOUND_MS = 3.0
"""What any machine may make a message wait that also does something else."""

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Trial:
    """A run, and what keeps the bench from running meanwhile.

    Attributes:
        name: what the trial does.
        raw: the preset.
        freezes: when a worker is stopped.
        beside: makes what runs beside the run.
    """

    name: str
    raw: dict[str, Any]
    freezes: Freezes | None = None
    beside: Callable[[], AbstractContextManager[None]] = field(default=contextlib.nullcontext)


def _preset(socket_type: str, rate: float, listeners: int = 1, check: str = "", **more: Any) -> dict[str, Any]:
    config: dict[str, Any] = {"socket_type": socket_type, "queue_size": 100_000, "high_water_mark": 100_000}
    if socket_type == "PUB":
        config["topic"] = "t"
    bench: dict[str, Any] = {"duration_s": more.pop("seconds", SECONDS), "warmup_s": 0.5}
    if check:
        bench["checks"] = [check]
    bench["listeners"] = {"h": [{"name": f"l{number}"} for number in range(1, listeners + 1)]}
    raw = one_handler(config, rate=rate, **bench)
    raw["output"]["handlers"]["h"]["uri"] = more.pop("uri", "zmq://tcp://127.0.0.1:*")
    return raw


@contextlib.contextmanager
def _one_processor_with_loops() -> Any:
    with one_processor(), busy_loops(2, BUSY_S):
        yield


TRIALS = (
    Trial("PUB 10,000/s, 12 SUBs", _preset("PUB", 10_000, 12)),
    Trial("PUB 5,000/s, 24 SUBs", _preset("PUB", 5_000, 24)),
    Trial("PUSH paced at 100,000/s, one PULL", _preset("PUSH", 100_000)),
    Trial("listener's worker stopped 3 x 1 s", _preset("PUSH", 2000), Freezes("h/l1", 0.7, 1.0, 1.4, 3)),
    Trial(
        "listener's worker stopped 1 s, check p99 < 50 ms",
        _preset("PUSH", 2000, check="h/l1: latency.service.p99_ms < 50"),
        Freezes("h/l1", 2.0, 1.0),
    ),
    Trial(
        "listener's worker stopped 100 of every 200 ms, check",
        _preset("PUSH", 2000, check="h/l1: latency.service.p99_ms < 50"),
        Freezes("h/l1", 0.7, 0.1, 0.2, 20),
    ),
    Trial(
        "handler's worker stopped 45 of every 150 ms, check",
        _preset("PUSH", 2000, check="h/l1: latency.response.p99_ms < 20"),
        Freezes("h", 0.7, 0.045, 0.15, 26),
    ),
    Trial("handler's worker stopped 0.35 s of 10", _preset("PUSH", 2000, seconds=10), Freezes("h", 3.0, 0.35)),
    Trial("2 busy loops beside, PUB 20,000/s", _preset("PUB", 20_000), beside=lambda: busy_loops(2, BUSY_S)),
    Trial("4 busy loops beside, PUB 20,000/s", _preset("PUB", 20_000), beside=lambda: busy_loops(4, BUSY_S)),
    Trial(
        "one CPU, 2 busy loops, PUB 10,000/s, check",
        _preset("PUB", 10_000, check="h/l1: latency.service.p99_ms < 5"),
        beside=_one_processor_with_loops,
    ),
    Trial("inproc PUB 10,000/s, 4 SUBs", _preset("PUB", 10_000, 4, uri="zmq://inproc://trial")),
    Trial("one busy loop, PUSH 5,000/s", _preset("PUSH", 5_000), beside=lambda: busy_loops(1, BUSY_S)),
)
"""Each has bent a reading that passed, in a version that judged the time of a single thread."""


def trials() -> bool:
    """Run all trials, and print how each was judged."""
    passed = [_is_judged(trial) for trial in TRIALS]
    return all([*passed, killed_by_hand()])


def _is_judged(trial: Trial) -> bool:
    with trial.beside():
        result = run_with(trial.raw, None if trial.freezes is None else trial.freezes.carry_out).result
    assert_balanced(result)
    p99_ms = (
        max(one.service_us.p99 for handler in result.handlers.values() for one in handler.listeners.values()) / 1000
    )
    is_noted = any(not finding.invalidates for finding in result.findings)
    is_sound = trial.freezes is None and result.verdict == "pass" and p99_ms < SOUND_MS
    good = result.verdict == "invalid" or (is_noted and result.verdict == "pass") or is_sound
    console.print(f"{trial.name}: service p99 {p99_ms:,.1f} ms, {_judgement(result)}{'' if good else '  UNTRUE'}")
    return good


def _judgement(result: RunResult) -> str:
    finding = next((one.message for one in result.findings), "nothing found")
    return f"{result.verdict}: {finding}"


def killed_by_hand() -> bool:
    """A handler that is killed by hand is a fault that was set: the load is not called too high."""

    async def kill(session: Session) -> None:
        while session.phase in (Phase.IDLE, Phase.OPENING) or session.elapsed_s < 2:
            await asyncio.sleep(0.01)
        session.kill_unit(session.units["handler-1"])

    result = run_with(_preset("PUSH", 500), kill).result
    assert_balanced(result)
    blaming = (FindingKind.CRASHED, FindingKind.SATURATED, FindingKind.SILENT)
    blamed = [one for one in result.findings if one.kind in blaming]
    console.print(f"handler killed by hand: {_judgement(result)}{'  UNTRUE' if blamed else ''}")
    return not blamed
