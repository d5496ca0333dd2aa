"""The parts of an endpoint as libzmq names it: ``tcp://HOST:PORT``, ``ipc://PATH``, ``inproc://NAME``.

:mod:`.endpoint` reads what users write. The text here is complete and valid already: it comes from libzmq or from an
:class:`~bench_app.transport.endpoint.Endpoint`.
"""

from __future__ import annotations

from typing import NamedTuple


class EndpointParts(NamedTuple):
    """Transport and address. ``host`` and ``port`` are "" for a transport other than tcp."""

    transport: str
    address: str
    host: str = ""
    port: str = ""


def parts_of(endpoint: str) -> EndpointParts:
    """The parts of an endpoint."""
    transport, _, address = endpoint.partition("://")
    if transport != "tcp":
        return EndpointParts(transport, address)
    host, _, port = address.rpartition(":")
    return EndpointParts(transport, address, host, port)


def is_inproc(endpoint: str) -> bool:
    """Whether only sockets of the same process can meet here."""
    return parts_of(endpoint).transport == "inproc"


def ipc_path(endpoint: str) -> str | None:
    """The path of an ipc endpoint, or its abstract name with ``@`` in front; None for other transports."""
    parts = parts_of(endpoint)
    return parts.address if parts.transport == "ipc" else None


def unix_address(path: str) -> str:
    """The address of an :func:`ipc_path` for a socket of the operating system."""
    return "\0" + path[1:] if path.startswith("@") else path
