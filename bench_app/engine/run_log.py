"""The log of a run: its events, and what the sockets in the workers do -> ``logging``, in the session's process.

The program that runs the session configures ``logging``: the command line does it in :mod:`bench_app.cli.logs`.
"""

from __future__ import annotations

import logging

from bench_app.engine.control.messages import Logged
from bench_app.engine.events import RunEvent

_events = logging.getLogger("zmq_bench.run")
_sockets = logging.getLogger("zmq_bench.socket")


def is_socket_log_enabled() -> bool:
    """True if the log records what sockets do. If not, workers need not send it."""
    return _sockets.isEnabledFor(logging.DEBUG)


def log_socket(logged: Logged, title: str) -> None:
    """Log what the socket of a unit did, with the process and the time of the worker. ``title`` names the unit."""
    if not is_socket_log_enabled():
        return
    record = logging.makeLogRecord(
        {
            **logged.fields,
            "name": _sockets.name,
            "levelno": logging.DEBUG,
            "levelname": logging.getLevelName(logging.DEBUG),
            "msg": f"{title}: {logged.message}",
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


def log_event(event: RunEvent) -> None:
    """Log an event of the run. In the log, ``told`` is the name of all these events."""
    extra = {"unit": event.source, "event": "told", "at_s": round(event.at_s, 6)}
    _events.info("%s: %s", event.source, event.message, extra=extra)
