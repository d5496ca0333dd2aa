"""The endpoint at which a handler's socket and its listeners meet: parsing, which side binds, loopback."""

from __future__ import annotations

import functools
import ipaddress
import re
import sys
from typing import Literal

import msgspec
import zmq

from bench_app.errors import UriError
from bench_app.model import Mode, SocketType, pattern_of

Transport = Literal["tcp", "ipc", "inproc"]

SCHEME = "zmq://"
LOOPBACK = "127.0.0.1"
INPROC_NAME_MAX = 255

_FORM = "zmq://tcp://HOST:PORT, zmq://ipc:///PATH or zmq://inproc://NAME"
_HOST_NAME = re.compile(r"(?=.{1,253}\.?$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*\.?")
_DOTTED_DIGITS = re.compile(r"[0-9.]+")
_LOOPBACK_V4 = re.compile(r"127\.[0-9.]+")
_PORT = re.compile(r"[0-9]{1,5}")


class Endpoint(msgspec.Struct, frozen=True):
    """A libzmq endpoint.

    Attributes:
        transport: tcp, ipc or inproc.
        address: the host (tcp), the path (ipc) or the name (inproc).
        port: the port (tcp); None for a wildcard, and for other transports.
    """

    transport: Transport
    address: str
    port: int | None = None

    def __str__(self) -> str:
        if self.transport != "tcp":
            return f"{self.transport}://{self.address}"
        return f"tcp://{self.address}:{'*' if self.port is None else self.port}"

    @property
    def uri(self) -> str:
        """The endpoint as a preset writes it."""
        return f"{SCHEME}{self}"

    @property
    def any_interface(self) -> bool:
        """Whether the address means every interface of this machine."""
        return self.transport == "tcp" and (self.address == "*" or _is_unspecified(self.address))

    @property
    def is_open_to_network(self) -> bool:
        """Whether other machines can reach a socket that binds here."""
        if self.transport != "tcp" or self.address in ("localhost", "lo"):
            return False
        try:
            return not ipaddress.ip_address(self.address.strip("[]")).is_loopback
        except ValueError:
            return True  # a host name, the name of an interface, or *

    def opens_to_network(self, binds: bool | None) -> bool:
        """Whether a socket of a command opens this machine to others; ``binds`` None: it binds only at a wildcard."""
        is_bound = self.any_interface or self.wildcard_port if binds is None else binds
        return is_bound and self.is_open_to_network

    @property
    def wildcard_port(self) -> bool:
        """Whether the operating system chooses the port. Only a socket that binds can have such a port."""
        return self.transport == "tcp" and self.port is None

    @property
    def is_bind_only(self) -> bool:
        """Whether only a bind can use the endpoint: its port is a wildcard, or its host is ``*``."""
        return self.wildcard_port or (self.transport == "tcp" and self.address == "*")

    @property
    def ipv6(self) -> bool:
        """Whether a socket needs its IPV6 option for this address."""
        return self.transport == "tcp" and self.address.startswith("[")


@functools.lru_cache(maxsize=1024)
def parse_uri(text: str) -> Endpoint:
    """``zmq://tcp://*:5555`` as an :class:`Endpoint`; raises :class:`UriError` with the form that was expected."""
    if not text.startswith(SCHEME):
        raise UriError(text, f"a URI that begins with zmq://: {_FORM}")
    return _parse_endpoint(text, text.removeprefix(SCHEME))


def parse_listener_endpoint(text: str) -> tuple[Endpoint, bool | None]:
    """A listener's own ``endpoint``: (endpoint, binds), where binds is None if the text does not say.

    The text may begin with ``bind:`` or ``connect:``, and may have ``zmq://`` before the transport.
    """
    rest, binding = text, None
    for prefix, forced in (("bind:", True), ("connect:", False)):
        if text.startswith(prefix):
            rest, binding = text.removeprefix(prefix), forced
    endpoint = _parse_endpoint(text, rest.removeprefix(SCHEME))
    if binding is False and endpoint.is_bind_only:
        raise UriError(text, "a host and a port to connect to, not a wildcard")
    return endpoint, binding


def parse_receipts_endpoint(text: str) -> Endpoint:
    """The address at which the bench binds for receipts; raises :class:`UriError`."""
    endpoint, binding = parse_listener_endpoint(text)
    if binding is False or endpoint.transport == "inproc":
        raise UriError(
            text, "an address at which the bench binds and other processes connect: tcp://HOST:PORT or ipc://PATH"
        )
    return endpoint


def binds(endpoint: Endpoint, mode: Mode, socket_type: SocketType) -> bool:
    """Whether the handler binds and its listeners connect.

    ``mode`` decides it, and ``auto`` follows the rules of docs/reference/presets.md: over tcp the handler binds where
    the address means every interface; over ipc and inproc a PUB binds and other types connect.
    """
    if mode != "auto":
        return mode == "bind"
    if endpoint.transport == "tcp":
        return endpoint.any_interface
    return pattern_of(socket_type).handler_binds


def on_loopback(endpoint: Endpoint) -> Endpoint:
    """The endpoint to use when both ends run on this machine: a tcp host outside 127.0.0.0/8 becomes 127.0.0.1."""
    if endpoint.transport != "tcp" or _LOOPBACK_V4.fullmatch(endpoint.address):
        return endpoint
    return msgspec.structs.replace(endpoint, address=LOOPBACK)


def _parse_endpoint(whole: str, text: str) -> Endpoint:
    transport, separator, rest = text.partition("://")
    if not separator:
        scheme = SCHEME if whole.startswith(SCHEME) else ""
        looks_tcp = re.fullmatch(r"[^/\s]+:(\d{1,5}|\*)", text)
        meant = f"; did you mean {scheme}tcp://{text}?" if looks_tcp else ""
        forms = _FORM if scheme else _FORM.replace(SCHEME, "")
        raise UriError(whole, f"a transport and an address: {forms}{meant}")
    if any(char.isspace() or not char.isprintable() for char in rest):
        raise UriError(whole, "an address without blanks or control characters")
    match transport:
        case "tcp":
            return _parse_tcp(whole, rest)
        case "ipc":
            return _parse_ipc(whole, rest)
        case "inproc":
            return _parse_inproc(whole, rest)
        case _:
            raise UriError(whole, f"one of the transports tcp, ipc and inproc: {_FORM}")


def _parse_tcp(whole: str, text: str) -> Endpoint:
    host, separator, port = text.rpartition(":")
    if not separator or text.endswith("]"):
        raise UriError(whole, "a port after the host, as in zmq://tcp://localhost:5555")
    if not _is_host(host):
        raise UriError(whole, "a host name, an IPv4 address, an IPv6 address in brackets or * before the port")
    return Endpoint("tcp", host, _port(whole, port))


def _port(whole: str, text: str) -> int | None:
    if text == "*":
        return None
    if not _PORT.fullmatch(text) or int(text) > 65535:
        found = f", not {text}" if text else ""
        raise UriError(whole, f"a port from 0 to 65535 or *{found} (0 and * let the system choose one)")
    return int(text) or None


def _is_host(text: str) -> bool:
    if text == "*":
        return True
    if text.startswith("[") and text.endswith("]"):
        return _is_of(text[1:-1], ipaddress.IPv6Address)
    if _DOTTED_DIGITS.fullmatch(text):
        return _is_of(text, ipaddress.IPv4Address)
    return _HOST_NAME.fullmatch(text) is not None


def is_address(host: str) -> bool:
    """True for a numeric address, which needs no name lookup; an IPv6 address may have brackets and a zone."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def _is_of(text: str, kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False


def _parse_ipc(whole: str, path: str) -> Endpoint:
    if path.startswith("@"):
        _refuse_bad_abstract(whole, path)
    elif not path.startswith("/") or path.endswith("/"):
        raise UriError(whole, "the absolute path of a socket file, as in zmq://ipc:///tmp/analytics.ipc")
    if _size(path) > zmq.IPC_PATH_MAX_LEN:
        raise UriError(whole, f"an ipc path of at most {zmq.IPC_PATH_MAX_LEN} bytes; this one has {_size(path)}")
    return Endpoint("ipc", path)


def _refuse_bad_abstract(whole: str, path: str) -> None:
    if not sys.platform.startswith("linux"):
        raise UriError(whole, "the absolute path of a socket file: abstract names (@name) exist on Linux only")
    if path == "@":
        raise UriError(whole, "a name after the @, as in zmq://ipc://@analytics")


def _parse_inproc(whole: str, name: str) -> Endpoint:
    if not name:
        raise UriError(whole, "a name, as in zmq://inproc://analytics")
    if _size(name) > INPROC_NAME_MAX:
        raise UriError(whole, f"an inproc name of at most {INPROC_NAME_MAX} bytes; this one has {_size(name)}")
    return Endpoint("inproc", name)


def _size(text: str) -> int:
    return len(text.encode())
