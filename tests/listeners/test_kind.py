"""The registry of listener kinds fits that of the handlers: each handler kind names the listener it is paired with."""

from __future__ import annotations

import pytest
import zmq

from bench_app.handlers import HANDLER_KINDS
from bench_app.listeners import LISTENER_KINDS
from bench_app.model import SocketType


@pytest.mark.parametrize("socket_type", sorted(HANDLER_KINDS))
def test_each_handler_kind_has_its_listener_kind(socket_type: SocketType) -> None:
    handler = HANDLER_KINDS[socket_type]
    listener = LISTENER_KINDS[handler.listener_type]
    assert listener.listener_type == handler.listener_type
    assert (listener.make_replier is not None) == handler.gets_replies


def test_no_listener_kind_is_without_a_handler() -> None:
    assert set(LISTENER_KINDS) == {kind.listener_type for kind in HANDLER_KINDS.values()}


def test_the_sockets_are_the_partners_of_the_handlers() -> None:
    partners = {"SUB": zmq.SUB, "PULL": zmq.PULL, "REP": zmq.ROUTER}
    assert {name: kind.zmq_type for name, kind in LISTENER_KINDS.items()} == partners
