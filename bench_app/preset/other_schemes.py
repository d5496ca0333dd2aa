"""Handlers of a production file whose uri has another scheme than ``zmq://``. The preset leaves them out. Pure.

The file keeps them: they stay in a document's JSON, and are written again when it is saved.
"""

from __future__ import annotations

import re
from typing import Any

from bench_app.model.validation import did_you_mean

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://")
_TRANSPORTS = frozenset({"tcp", "ipc", "inproc", "udp", "ws", "wss", "pgm", "epgm", "norm", "vmci", "tipc"})
"""Transports that follow ``zmq://``. A uri that begins with one of them is a mistake, and no other scheme."""


def foreign_handlers(raw: Any) -> dict[str, str]:
    """The schemes of the handlers of decoded JSON that are not for ZeroMQ, by the handler's name.

    Empty if no handler is for ZeroMQ: a preset needs one, so the schemes are then faults.
    """
    handlers = _handlers(raw)
    found = {name: scheme for name, entry in handlers.items() if (scheme := _foreign_scheme(entry))}
    return found if len(found) < len(handlers) else {}


def without(raw: Any, foreign: dict[str, str]) -> Any:
    """The JSON without those handlers; ``raw`` itself stays as it is."""
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
