"""Results of one handler of each pattern, with losses whose sums are known."""

from __future__ import annotations

from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, Machine, RunResult
from bench_app.measure.loss_causes import LOSS_CAUSES

NO_LATENCY = LatencySummary(0, 0, 0, 0, 0, 0, 0, 0)


def a_listener(received: int, lost: int = 0, before_join: int = 0) -> ListenerResult:
    nothing = dict.fromkeys(("duplicates", "reordered", "foreign", "malformed"), 0)
    return ListenerResult(
        received=received,
        lost=lost,
        before_join=before_join,
        **nothing,
        rate=0.0,
        service_us=NO_LATENCY,
        response_us=NO_LATENCY,
    )


def a_handler(socket_type: str, listeners: dict[str, ListenerResult], replied: int = 0, **losses: int) -> HandlerResult:
    return HandlerResult(
        socket_type=socket_type,
        endpoint="tcp://127.0.0.1:5555",
        offered=100,
        accepted=90,
        bytes=0,
        replied=replied,
        retries=0,
        **{cause.key: losses.get(cause.key, 0) for cause in LOSS_CAUSES if not cause.by_listeners_only},
        rate=0.0,
        balanced=True,
        lateness_us=NO_LATENCY,
        listeners=listeners,
    )


def a_result(**handlers: HandlerResult) -> RunResult:
    return RunResult(
        preset="p",
        started_at="2001-01-01T00:00:00+00:00",
        duration_s=1.0,
        verdict="pass",
        reasons=[],
        balanced=True,
        handlers=handlers,
        checks=[],
        machine=Machine(cpus=2, python="3.11", pyzmq="27", libzmq="4.3.5"),
    )


def pub() -> HandlerResult:
    listeners = {"a": a_listener(50, lost=32, before_join=8), "b": a_listener(70, lost=0, before_join=20)}
    return a_handler("PUB", listeners, queue_overflow=1, send_timeout=2, aborted=4, lost=32)


def push() -> HandlerResult:
    return a_handler("PUSH", {"a": a_listener(30), "b": a_listener(40)}, lost=20)


def req() -> HandlerResult:
    return a_handler("REQ", {"rep": a_listener(95)}, replied=80, request_timeout=10)
