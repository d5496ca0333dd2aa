"""Runs of the bench that are compared with plain libzmq: preset -> **run** -> figures."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

from bench_app.engine.result import HandlerResult, ListenerResult, Machine, RunResult
from benchmarks import window_run
from benchmarks.freezing import run_with
from benchmarks.plain_libzmq import TOPIC, Transport
from benchmarks.presets import assert_balanced, one_handler
from benchmarks.side_by_side import Figures

Load = Mapping[str, Any]

WINDOW_S = 8.0
"""Longer than other runs, because the lag of the window is measured only after it has settled."""


def machine() -> Machine:
    """The data plane and the libzmq that workers use, as the result of a short run names them."""
    return run_with(one_handler({"socket_type": "PUSH"}, duration_s=0.2)).result.machine


def one_pair(
    socket_type: str, load: Load, seconds: float, *, transport: Transport = "tcp", size: int = 512, warmup_s: float = 0
) -> Figures:
    """One handler with one listener. The latencies are those of a request's round trip for REQ, else one-way."""
    with tempfile.TemporaryDirectory() as folder:
        raw = _preset({"socket_type": socket_type}, load, size, duration_s=seconds, warmup_s=warmup_s)
        address = {"tcp": "127.0.0.1:*", "ipc": f"{folder}/pair", "inproc": "pair"}[transport]
        raw["output"]["handlers"]["h"]["uri"] = f"zmq://{transport}://{address}"
        return _run(raw)


def subscribers(count: int, load: Load, seconds: float) -> Figures:
    """One PUB with ``count`` listeners over tcp. It waits for the slowest of them, so nothing is dropped."""
    config = {"socket_type": "PUB", "topic": TOPIC}
    bench = {"handlers": {"h": {"no_drop": True}}, "listeners": {"h": [{} for _ in range(count)]}}
    return _run(_preset(config, load, 512, duration_s=seconds, **bench))


def handlers(count: int, rate: float, seconds: float) -> Figures:
    """``count`` PUSH handlers over tcp with one listener each. They share ``rate`` evenly."""
    load = {"shape": "constant", "rate": rate / count}
    raw = _preset({"socket_type": "PUSH"}, load, 512, duration_s=seconds)
    one = raw["output"]["handlers"]["h"]
    raw["output"]["handlers"] = {f"h{number}": one for number in range(count)}
    raw["bench"]["handlers"] = {}
    return _run(raw)


def window(size: int) -> Figures:
    """One PUSH with one PULL over tcp at full speed in the window."""
    measured = window_run.measure(_preset({"socket_type": "PUSH"}, {"shape": "max"}, size, duration_s=WINDOW_S))
    return Figures(rate=_rate(measured.result), lag_p99_ms=measured.gui.loop_lag_p99_ms)


def _preset(config: dict[str, Any], load: Load, size: int, **bench: Any) -> dict[str, Any]:
    # A minimal event has any size that has room for the stamp. Larger ones are padded.
    return one_handler(config, source={"kind": "synthetic", "event": "minimal", "size": size, "load": load}, **bench)


def _run(raw: dict[str, Any]) -> Figures:
    result = run_with(raw).result
    assert_balanced(result)
    handler = next(iter(result.handlers.values()))
    latencies = handler.round_trip_us or _listeners(result)[0].service_us
    rate = _rate(result)
    return Figures(
        rate=rate,
        p50_us=latencies.p50,
        p99_us=latencies.p99,
        lateness_p99_us=handler.lateness_us.p99,
        cpu_us=_cores(result) * 1e6 / max(1.0, rate),
    )


def _rate(result: RunResult) -> float:
    """Deliveries per second while events were offered."""
    return sum(_delivered(handler) / handler.seconds for handler in result.handlers.values())


def _delivered(handler: HandlerResult) -> int:
    return sum(one.received - one.received_in_drain for one in handler.listeners.values())


def _listeners(result: RunResult) -> list[ListenerResult]:
    return [one for handler in result.handlers.values() for one in handler.listeners.values()]


def _cores(result: RunResult) -> float:
    """Processor time of all workers per second, from the first to the last report of each; 0 without two reports.

    The first report of a worker has what it did before the start, too.
    """
    total = 0.0
    for worker in result.workers.values():
        seconds = worker.per_second
        if len(seconds) > 1:
            total += sum(second.cpu_s for second in seconds[1:]) / (seconds[-1].at_s - seconds[0].at_s)
    return total
