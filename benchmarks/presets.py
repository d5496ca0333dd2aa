"""The presets that benchmarks run, and the equations that every run must fulfil."""

from __future__ import annotations

from typing import Any

from bench_app.engine.result import RunResult


def one_handler(
    config: dict[str, Any], *, rate: float = 2000, source: dict[str, Any] | None = None, **bench: Any
) -> dict[str, Any]:
    """A preset with one handler ``h`` over tcp, on a port that the system gives. ``bench`` adds keys of the bench."""
    load = {"shape": "constant", "rate": rate}
    synthetic = {"kind": "synthetic", "event": "detection", "size": 512, "load": load}
    return {
        "output": {"handlers": {"h": {"uri": "zmq://tcp://127.0.0.1:*", "config": config}}},
        "bench": {"version": 1, "sources": {"events": source or synthetic}, "handlers": {"h": {}}, **bench},
    }


def assert_balanced(result: RunResult) -> None:
    """Assert the equations of the ledger, computed from the result's figures alone."""
    assert result.balanced, result.reasons
    for name, handler in result.handlers.items():
        dropped = handler.queue_overflow + handler.send_timeout + handler.aborted
        assert handler.offered == dropped + handler.accepted, name
        received = [listener.received for listener in handler.listeners.values()]
        match handler.socket_type:
            case "REQ":
                assert handler.accepted == handler.replied + handler.request_timeout, name
            case "PUSH":
                assert handler.accepted == sum(received) + handler.lost, name
            case "PUB":
                for listener in handler.listeners.values():
                    accounted = listener.received + listener.lost + listener.before_join
                    assert accounted in (handler.accepted, 0), name
