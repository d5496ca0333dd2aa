"""Runs that the bench itself bends: each must say so of exactly the reading that is bent, and blame nobody else.

A run whose worker is stopped must be ``invalid``, by the findings that the trial names. Where the load, or a program
beside the run, is the problem, a machine may carry it. So each service p99 that is longer than :data:`SOUND_MS` must
have a finding, and what it does not explain must be sound. No check may fail in any trial.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.result import RunResult
from bench_app.engine.session import Phase, Session
from benchmarks.freezing import Freezes, busy_loops, one_processor, run_with
from benchmarks.presets import assert_balanced, one_handler

SECONDS = 5.0
BUSY_S = 40.0
SOUND_MS = 3.0
"""What any machine may make a message wait that also does something else."""
EXPLAINED = 0.8
"""The least share of a bent percentile that a finding must explain: beats measure a stall less up to one interval."""
SERVICE, RESPONSE = "latency.service.p99_ms", "latency.response.p99_ms"

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Trial:
    """A run, and what keeps the bench from running meanwhile.

    Attributes:
        name: what the trial does.
        raw: the preset.
        freezes: when a worker is stopped.
        bent: the metrics of ``h/l1`` that this bends.
        is_long: it is stopped for so long that the process itself must have a finding.
        undecided: the metric of a check that must not be decided; "" if there is none.
        beside: makes what runs beside the run.
    """

    name: str
    raw: dict[str, Any]
    freezes: Freezes | None = None
    bent: tuple[str, ...] = ()
    is_long: bool = False
    undecided: str = ""
    beside: Callable[[], AbstractContextManager[None]] = field(default=contextlib.nullcontext)


def _preset(socket_type: str, rate: float, listeners: int = 1, check: str = "", **more: Any) -> dict[str, Any]:
    config: dict[str, Any] = {"socket_type": socket_type, "queue_size": 100_000, "high_water_mark": 100_000}
    config |= more.pop("config", {})
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
    Trial(
        "listener's worker stopped 3 x 1 s",
        _preset("PUSH", 2000),
        Freezes("h/l1", 0.7, 1.0, 1.4, 3),
        (SERVICE, RESPONSE),
        is_long=True,
    ),
    Trial(
        "listener's worker stopped 1 s, check p99 < 50 ms",
        _preset("PUSH", 2000, check="h/l1: latency.service.p99_ms < 50"),
        Freezes("h/l1", 2.0, 1.0),
        (SERVICE, RESPONSE),
        is_long=True,
    ),
    Trial(
        "listener's worker stopped 100 of every 200 ms, check",
        _preset("PUSH", 2000, check="h/l1: latency.service.p99_ms < 50"),
        Freezes("h/l1", 0.7, 0.1, 0.2, 20),
        (SERVICE, RESPONSE),
    ),
    Trial(
        "handler's worker stopped 45 of every 150 ms, check",
        _preset("PUSH", 2000, check="h/l1: latency.response.p99_ms < 20"),
        Freezes("h", 0.7, 0.045, 0.15, 26),
        (RESPONSE,),
    ),
    Trial(
        "handler's worker stopped 0.35 s of 10",
        _preset("PUSH", 2000, seconds=10),
        Freezes("h", 3.0, 0.35),
        (RESPONSE,),
        is_long=True,
    ),
    Trial(
        "worker of a REQ's listener stopped 0.09 s, request_timeout 60 ms, check",
        _preset("REQ", 100, check="request_timeout == 0", config={"request_timeout": 60, "retries": 0}),
        Freezes("h/l1", 2.0, 0.09),
        undecided="request_timeout",
    ),
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
    wrong = [*_blaming(result), *(_unexplained(result) if trial.freezes is None else _not_found(result, trial))]
    p99_ms = max(one.service_us.p99 for one in result.handlers["h"].listeners.values()) / 1000
    console.print(f"{trial.name}: service p99 {p99_ms:,.1f} ms, {_judgement(result)}")
    for text in wrong:
        console.print(f"  UNTRUE: {text}")
    return not wrong


def _blaming(result: RunResult) -> Iterator[str]:
    """The checks that failed: each of them would say that the system is to blame."""
    yield from (reason for reason in result.reasons if reason.startswith("check failed"))


def _not_found(result: RunResult, trial: Trial) -> Iterator[str]:
    """What the findings of a run whose worker was stopped should say, and do not."""
    if result.verdict != "invalid":
        yield f"the verdict is {result.verdict}"
    for metric in trial.bent:
        one = _waiting_of(result, "h/l1", metric)
        if one is None or not one.invalidates or (one.share or 0.0) < EXPLAINED:
            yield f"no finding that {metric} of h/l1 is bent"
    if trial.undecided and _waiting_of(result, "", trial.undecided) is None:
        yield f"no finding that the check of {trial.undecided} is not decided"
    if trial.is_long and trial.freezes and trial.freezes.unit not in _named(result, FindingKind.STALLED):
        yield f"no finding that the process of {trial.freezes.unit} did not run"


def _unexplained(result: RunResult) -> Iterator[str]:
    """The listeners whose service p99 is neither sound, nor explained by a finding."""
    for name, listener in result.handlers["h"].listeners.items():
        p99_ms, unit = listener.service_us.p99 / 1000, f"h/{name}"
        one = _waiting_of(result, unit, SERVICE)
        rest_ms = p99_ms * (1 - ((one.share or 0.0) if one else 0.0))
        if rest_ms > SOUND_MS and not {unit, "h"} & _named(result, FindingKind.SATURATED):
            yield f"{rest_ms:,.1f} ms of the p99 of {unit} are blamed on the system"


def _waiting_of(result: RunResult, unit: str, metric: str) -> Finding | None:
    found = [one for one in result.findings if (one.kind, one.unit, one.metric) == (FindingKind.WAITING, unit, metric)]
    return next(iter(found), None)


def _named(result: RunResult, kind: FindingKind) -> set[str]:
    """The units in the processes that have a finding of this kind."""
    return {unit for one in result.findings if one.kind is kind for unit in result.workers[one.unit].units}


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
    blaming = (FindingKind.CRASHED, FindingKind.SATURATED, FindingKind.SILENT, FindingKind.STALLED)
    blamed = [one for one in result.findings if one.kind in blaming]
    console.print(f"handler killed by hand: {_judgement(result)}{'  UNTRUE' if blamed else ''}")
    return not blamed
