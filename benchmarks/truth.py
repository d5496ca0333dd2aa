"""Whether the readings are true: a known delay, a planted stall, a run against itself, the cost of watching.

``make bench`` runs all parts; ``python -m benchmarks.truth delay stall`` runs two of them. The exit code is 1 if a
part fails. The parts are in :data:`PARTS`.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench_app.comparison.comparison import compare_pairs
from bench_app.comparison.metric_values import metric_values
from bench_app.data_plane.plane import active
from bench_app.engine.finding import FindingKind
from bench_app.engine.session import Phase, Session
from bench_app.engine.worker.heartbeat import PERIOD_NS, Heartbeat
from bench_app.engine.worker.worker_reports import THREAD_NAME
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from benchmarks.freezing import Freezes, run_with
from benchmarks.presets import assert_balanced, one_handler
from benchmarks.relay import Relay, Treatment, through
from benchmarks.truth_trials import trials

DELAY_MS = 5.0
DELAY_BAR = 0.02
BASE_MS = 1.25
"""The relay holds messages in both cases, so that the way through it costs the same."""
DELAY_RATE = 400
"""The delay is a multiple of the interval. So messages leave the relay at the same phase of the next ones' sending."""
DELAY_PAIRS = 6
DELAY_RUN_S = 2.0
STALL_S = 0.02
STALL_EVERY_S = 0.25
STALL_RUN_S = 4.0
SELF_PAIRS = 8
SELF_RUN_S = 2.0
COST_S = 10.0
COST_BAR = 0.01
MAIN_THREAD = "main"
SELF_METRICS = ("received", *(f"latency.service.{name}_ms" for name in ("p50", "p90", "p99")))

console = Console(highlight=False, soft_wrap=True)


def injected_delay() -> bool:
    """Whether 5 ms that a relay adds are seen: p50 with them less p50 without them, in alternating runs."""
    without: list[tuple[float, float]] = []
    delayed: list[tuple[float, float]] = []
    for pair in range(DELAY_PAIRS):
        # Each of the two is first in every second pair.
        for runs in (without, delayed) if pair % 2 else (delayed, without):
            runs.append(_through_relay(BASE_MS + (DELAY_MS if runs is delayed else 0.0)))
    before_ms, after_ms, held_before_ms, held_after_ms = (
        statistics.median(run[index] for run in runs) for index in (0, 1) for runs in (without, delayed)
    )
    seen_ms, added_ms = after_ms - before_ms, held_after_ms - held_before_ms
    error = seen_ms / DELAY_MS - 1
    console.print(
        f"a relay adds {DELAY_MS:g} ms (by its own clock {added_ms:.3f} ms): service p50 without "
        f"{before_ms:.3f} ms, with {after_ms:.3f} ms: seen {seen_ms:.3f} ms, {error:+.1%} (bar {DELAY_BAR:.0%})"
    )
    return abs(error) <= DELAY_BAR


def _through_relay(hold_ms: float) -> tuple[float, float]:
    """The service p50 of a run, and how long the relay held a message; both in ms."""
    with Relay("PUSH", Treatment(hold_ms=hold_ms)) as relay:
        finished = run_with(through(relay, "PUSH", DELAY_RATE, duration_s=DELAY_RUN_S, warmup_s=0.3))
        passed = relay.stop()
    assert_balanced(finished.result)
    return finished.result.handlers["h"].listeners["l"].service_us.p50 / 1000, passed.held_ms


def planted_stall() -> bool:
    """Whether a worker that is stopped for 20 ms again and again is named, and its tail not blamed on ZeroMQ."""
    times = int((STALL_RUN_S - 0.5) / STALL_EVERY_S)
    freezes = Freezes("h/pull-1", 0.5, STALL_S, STALL_EVERY_S, times)
    check = "h/pull-1: latency.service.p99_ms < 5"
    raw = one_handler({"socket_type": "PUSH"}, rate=1000, duration_s=STALL_RUN_S, checks=[check])
    result = run_with(raw, freezes.carry_out).result
    assert_balanced(result)
    (stalled,) = [worker for worker in result.workers.values() if worker.units == ["h/pull-1"]]
    service = result.handlers["h"].listeners["pull-1"].service_us
    waiting = [one for one in result.findings if one.kind is FindingKind.WAITING and one.unit == "h/pull-1"]
    explained = max((one.share or 0.0 for one in waiting if one.metric == "latency.service.p99_ms"), default=0.0)
    console.print(
        f"a listener's process stopped {times} times for {STALL_S * 1000:g} ms: its worker shows a stall of "
        f"{stalled.stall_us.max / 1000:.1f} ms, service p99 is {service.p99 / 1000:.1f} ms, of which "
        f"{explained:.0%} is told to be the bench's own waiting; verdict {result.verdict}"
    )
    for finding in waiting[:2]:
        console.print(f"  {finding.message}")
    # A beat is due every 5 ms, so the longest late beat shows the stall less up to one interval.
    is_shown = stalled.stall_us.max / 1e6 >= STALL_S - 0.005
    return is_shown and explained >= 0.8 and result.verdict == "invalid"


def against_itself() -> bool:
    """Whether the same preset, run twice again and again in turns, shows no difference.

    What counts is what ``zmq-bench ab`` would claim. Chance alone makes a claim in one of twenty such series.
    """
    first: list[dict[str, float]] = []
    second: list[dict[str, float]] = []
    raw = one_handler({"socket_type": "PUSH"}, rate=2000, duration_s=SELF_RUN_S, warmup_s=0.3)
    for pair in range(SELF_PAIRS):
        for runs in (first, second) if pair % 2 else (second, first):
            result = run_with(raw).result
            assert_balanced(result)
            runs.append(metric_values(result, SELF_METRICS))
    compared = compare_pairs(first, second, SELF_METRICS).metrics
    is_same = {run["received"] for run in first} == {run["received"] for run in second}
    console.print(f"a run against itself, {SELF_PAIRS} pairs: the same number received: {'yes' if is_same else 'NO'}")
    for name, metric in compared.items():
        claimed = metric.shown or metric.spread_changed
        console.print(f"  {name}: {metric.a:g} against {metric.b:g}: {'DIFFERS' if claimed else 'no difference'}")
    return is_same and not any(metric.shown or metric.spread_changed for metric in compared.values())


def cost_of_watching() -> bool:
    """Whether heartbeat and usage cost each worker less than 1 % of a core.

    The main thread and the heartbeat's thread of an idle worker do nothing else, so their processor time is the
    difference between with and without.
    """
    if not Path("/proc/self/task").is_dir():
        console.print("cost of heartbeats and usage: this system does not tell the processor time of a thread")
        return True
    spent: dict[int, dict[str, float]] = {}
    raw = one_handler({"socket_type": "PUSH"}, rate=1, duration_s=COST_S + 1)

    async def watch(session: Session) -> None:
        while session.phase in (Phase.IDLE, Phase.OPENING):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        pids = {pid for unit in session.units.values() if (pid := session.pid_of(unit)) is not None}
        before = {pid: _watching_s(pid) for pid in pids}
        await asyncio.sleep(COST_S)
        for pid in pids:
            spent[pid] = {name: seconds - before[pid][name] for name, seconds in _watching_s(pid).items()}

    bare = _bare_beats_share()
    result = run_with(raw, watch).result
    shares = [sum(parts.values()) / COST_S for parts in spent.values()]
    beats = [parts[THREAD_NAME] / COST_S for parts in spent.values()]
    whole = [worker.cpu_s / result.duration_s for worker in result.workers.values()]
    console.print(
        f"an idle worker: heartbeat, usage and reports cost {_percents(shares)} of a core (bar {COST_BAR:.0%}), the "
        f"thread of the beats {_percents(beats)}; all of the worker with its start {_percents(whole)}. A thread that "
        f"only sleeps {PERIOD_NS // NS_PER_MS} ms at a time costs {bare:.2%} on this machine"
    )
    return bool(shares) and max(shares) < COST_BAR


def _bare_beats_share() -> float:
    """The share of a core that beats cost which nobody reads: to sleep and to wake up."""
    now_ns, before_s = time.perf_counter_ns(), time.thread_time()
    Heartbeat(now_ns, is_compiled=active().functions is not None).beat_until(now_ns + int(COST_S * NS_PER_S))
    return (time.thread_time() - before_s) / COST_S


def _watching_s(pid: int) -> dict[str, float]:
    """The processor time of the two threads of a worker that watch it, in seconds."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        name = MAIN_THREAD if thread.name == str(pid) else (thread / "comm").read_text().strip()
        if name in (MAIN_THREAD, THREAD_NAME):
            found[name] = int((thread / "schedstat").read_text().split()[0]) / 1e9
    return found


def _percents(shares: list[float]) -> str:
    return ", ".join(f"{share:.2%}" for share in shares)


PARTS: dict[str, Callable[[], bool]] = {
    "delay": injected_delay,
    "stall": planted_stall,
    "self": against_itself,
    "cost": cost_of_watching,
    "trials": trials,
}


def truth(names: list[str]) -> bool:
    """Run the named parts; whether all of them hold."""
    passed = True
    for name in names:
        holds = PARTS[name]()
        console.print(f"  -> {name}: {'holds' if holds else 'DOES NOT HOLD'}")
        passed = passed and holds
    return passed


def main() -> None:
    """Run the parts that the arguments name, or all."""
    names = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        sys.exit(f"no part {', '.join(unknown)}; parts: {', '.join(PARTS)}")
    sys.exit(0 if truth(names) else 1)


if __name__ == "__main__":
    main()
