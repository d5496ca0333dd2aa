"""Results of runs with chosen figures."""

from __future__ import annotations

from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, RunResult, Verdict
from bench_app.engine.running_conditions import this_machine


def latency(p50_us: float) -> LatencySummary:
    return LatencySummary(1000, p50_us, p50_us, 2 * p50_us, 3 * p50_us, 4 * p50_us, 5 * p50_us, 6 * p50_us)


def listener(p50_us: float = 100.0, lost: int = 0) -> ListenerResult:
    return ListenerResult(
        received=1000 - lost,
        lost=lost,
        before_join=0,
        duplicates=0,
        reordered=0,
        foreign=0,
        malformed=0,
        rate=100.0 - lost / 10,
        service_us=latency(p50_us),
        response_us=latency(2 * p50_us),
    )


def handler(**listeners: ListenerResult) -> HandlerResult:
    return HandlerResult(
        socket_type="PUB",
        endpoint="tcp://127.0.0.1:5555",
        offered=1000,
        queue_overflow=0,
        send_timeout=0,
        aborted=0,
        accepted=1000,
        bytes=5000,
        replied=0,
        request_timeout=0,
        retries=0,
        lost=max((one.lost for one in listeners.values()), default=0),
        seconds=10.0,
        rate=100.0,
        balanced=True,
        lateness_us=latency(1.0),
        listeners=listeners,
    )


def result(verdict: Verdict = "pass", /, reasons: tuple[str, ...] = (), **handlers: HandlerResult) -> RunResult:
    return RunResult(
        preset="p",
        started_at="2026-11-28T12:00:00.000+00:00",
        duration_s=10.0,
        verdict=verdict,
        reasons=list(reasons),
        balanced=True,
        handlers=handlers or {"pub": handler(sub=listener())},
        checks=[],
        machine=this_machine(),
    )
