"""Small presets as documents."""

from __future__ import annotations

from typing import Any

from bench_app.preset.documents import Document, parse
from tests.runs import preset


def document_of(**handlers: dict[str, Any]) -> Document:
    """A preset with these handlers. A handler is a PUSH on this machine unless it says otherwise."""
    raw = preset()
    raw["output"]["handlers"] = {
        name: {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "PUSH"}} | handler
        for name, handler in handlers.items()
    }
    raw["bench"]["handlers"] = {}
    return parse(raw, "test")
