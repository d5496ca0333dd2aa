"""Handlers of a production file whose uri has another scheme than ``zmq://``. Pure.

The specs of a preset leave these handlers out. The JSON of the document keeps them, so that saving writes them again.
"""

from __future__ import annotations

import re
from typing import Any

from bench_app.model.validation import did_you_mean

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://")
_TRANSPORTS = frozenset({"tcp", "ipc", "inproc", "udp", "ws", "wss", "pgm", "epgm", "norm", "vmci", "tipc"})
"""Transports that follow ``zmq://``. A uri that begins with a transport lacks ``zmq://``, which is a fault."""


def handlers_of_other_schemes(raw: Any) -> dict[str, str]:
    """The scheme of each handler in decoded JSON that does not use ZeroMQ, by the handler's name.

    Empty if no handler uses ZeroMQ: a preset needs a ZeroMQ handler, so the other schemes are then faults.
    """
    handlers = _handlers(raw)
    found = {name: scheme for name, entry in handlers.items() if (scheme := _foreign_scheme(entry))}
    return found if len(found) < len(handlers) else {}


def without(raw: Any, foreign: dict[str, str]) -> Any:
    """The JSON without the ``foreign`` handlers; ``raw`` itself is not changed."""
    if not foreign:
        return raw
    left = {name: entry for name, entry in _handlers(raw).items() if name not in foreign}
    return {**raw, "output": {**raw["output"], "handlers": left}}


def _handlers(raw: Any) -> dict[str, Any]:
    output = raw.get("output") if isinstance(raw, dict) else None
    handlers = output.get("handlers") if isinstance(output, dict) else None
    return handlers if isinstance(handlers, dict) else {}


def _foreign_scheme(entry: Any) -> str:
    uri = entry.get("uri") if isinstance(entry, dict) else None
    found = _SCHEME.match(uri) if isinstance(uri, str) else None
    if found is None or found[1] == "zmq" or found[1] in _TRANSPORTS or did_you_mean(found[1], ["zmq"]):
        return ""
    return found[1]
