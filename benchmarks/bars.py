"""``make bench``: compares the bench's own speed with its limits (bars). The exit code is 1 if a limit is missed.

If there is something to compare with, such as a bare pyzmq pair or plain libzmq in C, both are measured in turns and
their ratio counts, because machines differ and are noisy.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any

from rich.console import Console

from bench_app.engine.result import HandlerResult, ListenerResult
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.running_conditions import this_machine
from bench_app.preset import documents
from bench_app.system.scheduling_groups import leave_shared_session
from benchmarks import (
    advised_runs,
    against_libzmq,
    library_pairs,
    libzmq_bars,
    report_in_browser,
    window_run,
    window_start,
    workers,
)
from benchmarks.bare_pair import measure
from benchmarks.freezing import run_with
from benchmarks.presets import one_handler
from benchmarks.truth import PARTS, truth
from benchmarks.window_run import crowd, flood, many

SIZE = 512
THROUGHPUT_BAR = 100_000
LATENCY_RATIO_BAR = 1.5
FRAMES_BAR = 20
LAG_BAR_MS = 16
CPU_BAR = 0.4
AGREEMENT_BAR = 0.1
ROUNDS = 3
AGREEMENT_ROUNDS = range(24, 73, 8)
"""Numbers of rounds to try, until the terminal's odd and even rounds agree to half the bar."""
AGREEMENT_S = 2.5
"""Many short rounds are better than few long ones: the terminal's own p99 varies by a factor of two between runs."""
SECONDS = 5.0

console = Console(highlight=False)


def run_push(load: dict[str, Any], seconds: float, config: dict[str, Any]) -> FinishedRun:
    """Run PUSH to PULL over tcp with stamped events."""
    source = {"kind": "synthetic", "event": "detection", "size": SIZE, "load": load}
    raw = one_handler({"socket_type": "PUSH", **config}, source=source, duration_s=seconds, warmup_s=0.5)
    return run_with(raw)


def handler_of(finished: FinishedRun) -> HandlerResult:
    """The result of the only handler."""
    return finished.result.handlers["h"]


def throughput() -> bool:
    """Delivered events a second at load ``max``, latency recorded."""
    rates = []
    for _ in range(ROUNDS):
        finished = run_push({"shape": "max"}, SECONDS, {"high_water_mark": 5000})
        handler = handler_of(finished)
        listener = handler.listeners["pull-1"]
        assert finished.result.balanced
        assert listener.service_us.count > 0
        rates.append(listener.received / finished.result.duration_s)
    rate = statistics.median(rates)
    console.print(f"PUSH -> PULL, tcp, {SIZE} B stamped, load max: {rate:,.0f} events/s (bar {THROUGHPUT_BAR:,})")
    return rate >= THROUGHPUT_BAR


def latency() -> bool:
    """Service p50 at 1,000/s against a bare blocking pyzmq pair, in turns."""
    ours, bare = [], []
    for _ in range(ROUNDS):
        bare.append(measure(1000, SECONDS, SIZE) / 1000)
        handler = handler_of(run_push({"shape": "constant", "rate": 1000}, SECONDS, {}))
        ours.append(handler.listeners["pull-1"].service_us.p50)
    ratio = statistics.median(ours) / statistics.median(bare)
    console.print(
        f"paced at 1,000/s: service p50 {statistics.median(ours):.1f} us, bare pyzmq pair "
        f"{statistics.median(bare):.1f} us: ratio {ratio:.2f} (bar {LATENCY_RATIO_BAR})"
    )
    return ratio <= LATENCY_RATIO_BAR


def window() -> bool:
    """Whether the window draws often enough, reacts soon enough, and costs little enough processor time."""
    passed = True
    for name, raw in (
        ("100,000 events/s", flood()),
        ("50 handlers at 200/s", crowd()),
        ("60 handlers at 50/s", many()),
    ):
        measured = window_run.measure(raw)
        gui = measured.gui
        console.print(
            f"window, {name}: {gui.frames_per_s} frames/s (bar {FRAMES_BAR}), loop lag p99 {gui.loop_lag_p99_ms} ms "
            f"(bar {LAG_BAR_MS}), {measured.cpu:.0%} of a core (bar {CPU_BAR:.0%}), {measured.result.verdict}"
        )
        good = gui.frames_per_s >= FRAMES_BAR and gui.loop_lag_p99_ms < LAG_BAR_MS and measured.cpu < CPU_BAR
        passed = passed and good
    return passed


def agreement() -> bool:
    """Whether a run in the window measures the same as the run in the terminal.

    Window and terminal run in turns; each is first in every second round. The resolution of the comparison is the ratio
    of the terminal's odd rounds to its even rounds. While the resolution is too coarse for the bar, more rounds follow,
    whatever the window measures.
    """
    terminal_runs: list[ListenerResult] = []
    window_runs: list[ListenerResult] = []
    raw = one_handler({"socket_type": "PUSH"}, rate=5000, duration_s=AGREEMENT_S, warmup_s=0.5)

    def in_terminal() -> None:
        terminal_runs.append(handler_of(run_with(raw)).listeners["pull-1"])

    def in_window() -> None:
        window_runs.append(window_run.measure(raw).result.handlers["h"].listeners["pull-1"])

    def odd_to_even(name: str) -> float:
        return _median(terminal_runs[1::2], name) / _median(terminal_runs[::2], name)

    for rounds in AGREEMENT_ROUNDS:
        while len(terminal_runs) < rounds:
            for measure_one in (in_terminal, in_window) if len(terminal_runs) % 2 else (in_window, in_terminal):
                measure_one()
        if all(abs(odd_to_even(name) - 1) <= AGREEMENT_BAR / 2 for name in ("p50", "p99")):
            break
    console.print(f"window and terminal in turns, {len(terminal_runs)} rounds of {AGREEMENT_S} s:")
    passed = {run.received for run in terminal_runs} == {run.received for run in window_runs}
    for name in ("p50", "p99"):
        terminal, window = _median(terminal_runs, name), _median(window_runs, name)
        ratio = window / terminal
        console.print(
            f"5,000/s, service {name}: terminal {terminal:.1f} us, window {window:.1f} us: ratio {ratio:.2f} "
            f"(bar {1 - AGREEMENT_BAR:.1f} to {1 + AGREEMENT_BAR:.1f}; terminal odd to even {odd_to_even(name):.2f})"
        )
        passed = passed and abs(ratio - 1) <= AGREEMENT_BAR
    return passed


def _median(listeners: list[ListenerResult], name: str) -> float:
    values: list[float] = [getattr(one.service_us, name) for one in listeners]
    return statistics.median(values)


def main() -> None:
    """Run and print every measurement; exit code 1 if one misses its bar."""
    console.print(f"{this_machine()}")
    # The window does the same at its start, so that both run under the same scheduling.
    leave_shared_session()
    passed = [throughput(), latency(), window(), agreement(), truth(list(PARTS)), workers.memory(), workers.start()]
    passed.append(window_start.compare())
    passed.append(report_in_browser.opens())
    passed.append(advised_runs.advised_runs([name for name, _ in documents.shipped()], advised_runs.TIMES))
    passed.append(library_pairs.compare())
    passed.append(against_libzmq.compare(list(libzmq_bars.PARTS)))
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
