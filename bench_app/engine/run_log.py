"""The run's log: what units tell of their sockets, and what a person is told -> ``logging``, in the session's process.

Nothing here sets logging up: the program that drives the session does, such as the command line
(:mod:`bench_app.cli.logs`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from bench_app.engine.control.messages import Logged
from bench_app.engine.events import RunEvent

_events = logging.getLogger("zmq_bench.run")
_sockets = logging.getLogger("zmq_bench.socket")


def wants_debug() -> bool:
    """True where somebody hears what sockets do; else workers need not tell."""
    return _sockets.isEnabledFor(logging.DEBUG)


def relay(logged: Logged, title: str) -> None:
    """Log what a unit, called ``title``, told from its own process: with that process, and the time it happened."""
    if not wants_debug():
        return
    record = logging.makeLogRecord(
        {
            **logged.fields,
            "name": _sockets.name,
            "levelno": logging.DEBUG,
            "levelname": logging.getLevelName(logging.DEBUG),
            "msg": f"{title}: {logged.sentence}",
            "created": logged.at_ns / 1e9,
            "msecs": logged.at_ns // 1_000_000 % 1000,
            "process": logged.pid,
            "processName": logged.worker,
            "threadName": logged.unit,
            "worker": logged.worker,
            "unit": title,
            "event": logged.event,
        }
    )
    _sockets.handle(record)


def logging_events(on_event: Callable[[RunEvent], None]) -> Callable[[RunEvent], None]:
    """``on_event``, with everything it is told also in the log."""

    def log_and_tell(event: RunEvent) -> None:
        extra = {"unit": event.source, "event": "told", "at_s": round(event.at_s, 6)}
        _events.info("%s: %s", event.source, event.message, extra=extra)
        on_event(event)

    return log_and_tell
