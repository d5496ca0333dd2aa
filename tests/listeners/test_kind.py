"""The registry of listener kinds fits the registry of handler kinds: each handler kind names its listener kind."""

from __future__ import annotations

import pytest
import zmq

from bench_app.handlers import HANDLER_KINDS, LISTENER_KINDS
from bench_app.model import PATTERNS, SocketType


@pytest.mark.parametrize("socket_type", sorted(HANDLER_KINDS))
def test_each_handler_kind_has_its_listener_kind(socket_type: SocketType) -> None:
    handler = HANDLER_KINDS[socket_type]
    listener = LISTENER_KINDS[handler.pattern.listener_type]
    assert listener is handler.listener
    assert (listener.make_replier is not None) == handler.pattern.gets_replies


def test_every_pattern_has_the_kinds_of_both_its_ends() -> None:
    assert list(HANDLER_KINDS) == list(PATTERNS)
    assert list(LISTENER_KINDS) == [pattern.listener_type for pattern in PATTERNS.values()]
    assert all(kind.pattern is PATTERNS[name] for name, kind in HANDLER_KINDS.items())


def test_the_sockets_are_the_partners_of_the_handlers() -> None:
    partners = {"SUB": zmq.SUB, "PULL": zmq.PULL, "REP": zmq.ROUTER}
    assert {name: kind.zmq_type for name, kind in LISTENER_KINDS.items()} == partners
