"""Closing a unit's socket and opening it again, in place or at another endpoint, while the unit goes on.

libzmq cannot change some options of an open socket. For example, a full pipe whose high-water mark is raised stalls for
ever. Messages that the old socket has not sent or read are lost with it, and the ledger counts them.
"""

from __future__ import annotations

import time
from typing import Protocol

from bench_app.engine.control.messages import Moved
from bench_app.engine.worker.unit import UnitChannel
from bench_app.errors import SocketSetupError
from bench_app.transport.open_socket import Target


class Reopenable(Protocol):
    """A unit's socket.

    Attributes:
        target: where :meth:`reopen` opens it.
    """

    target: Target

    def reopen(self) -> str:
        """Close the socket and open it at ``target``; returns its endpoint. Raises SocketSetupError and leaves the
        socket closed."""
        ...


def recreate_socket(socket: Reopenable, channel: UnitChannel) -> bool:
    """Open the socket again at its endpoint. If that fails, the socket is closed, a message is emitted, and
    the result is False."""
    try:
        endpoint = socket.reopen()
    except SocketSetupError as error:
        channel.emit(f"the socket could not be recreated: {error}", marker=True)
        return False
    channel.emit(f"the socket was recreated at {endpoint}", marker=True)
    return True


def move_socket(socket: Reopenable, target: Target, channel: UnitChannel) -> bool:
    """Open the socket at ``target``, or at its former endpoint if that fails, and send Moved with the endpoint.

    Returns False if both fail. The socket is closed then.
    """
    before = socket.target
    endpoint, failure = _reopen_at(socket, target)
    if failure:
        endpoint, failure_before = _reopen_at(socket, before)
        failure = f"{failure}; {failure_before}" if failure_before else failure
    channel.send(Moved(unit=channel.unit, at_ns=time.perf_counter_ns(), endpoint=endpoint, failure=failure))
    return bool(endpoint)


def _reopen_at(socket: Reopenable, target: Target) -> tuple[str, str]:
    """The endpoint and "", or "" and why the socket could not be opened there."""
    socket.target = target
    try:
        return socket.reopen(), ""
    except SocketSetupError as error:
        return "", str(error)
