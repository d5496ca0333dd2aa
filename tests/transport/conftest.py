"""Fixtures of the tests with real sockets."""

from __future__ import annotations

import socket as unix
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq

from tests.transport.connections import Socket, Watched


@pytest.fixture
def context() -> Iterator[zmq.Context[Socket]]:
    with zmq.Context() as context:
        yield context


@pytest.fixture
def watch(context: zmq.Context[Socket]) -> Iterator[Callable[..., Watched]]:
    opened: list[Watched] = []

    def open_one(endpoint: str, limit: int = -1, **more: Any) -> Watched:
        opened.append(Watched(context, endpoint, limit, **more))
        return opened[-1]

    yield open_one
    for watched in opened:
        watched.close()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port without a listener. A socket holds it, so that no other test gets it."""
    with unix.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]
