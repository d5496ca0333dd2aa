"""Set the bench's keys on a socket: handler -> **socket** ~~> **socket** -> listener.

The model names the libzmq option of each key. Set options before bind or connect: most of them act at the next bind or
connect only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import zmq

from bench_app.model import HandlerBench, ListenerSpec, SocketKeys
from bench_app.model.key_info import ZmqOption
from bench_app.model.keys import keys_of
from bench_app.model.socket_options import Switch
from bench_app.transport.endpoint_parts import parts_of

_ONLY_ON: Mapping[str, int] = {"XPUB_NODROP": zmq.XPUB}
"""Options that libzmq refuses on any other type of socket."""


def set_handler_options(socket: zmq.Socket[Any], bench: HandlerBench, endpoint: str) -> None:
    """Set a handler's keys on its socket, which will bind or connect to ``endpoint``."""
    _set_options(socket, bench, endpoint)


def set_listener_options(socket: zmq.Socket[Any], spec: ListenerSpec, endpoint: str) -> None:
    """Set a listener's keys on its socket, which will bind or connect to ``endpoint``."""
    _set_options(socket, spec, endpoint)


def silence_limit_ms(keys: SocketKeys) -> int:
    """Silence after which heartbeats end a connection; 0 without heartbeats."""
    return (keys.heartbeat_timeout or keys.heartbeat_interval) if keys.heartbeat_interval else 0


def use_ipv6(socket: zmq.Socket[Any], endpoint: str, wanted: Switch = "auto") -> None:
    """Switch IPv6 on or off; ``auto`` switches it on if the endpoint has an IPv6 address."""
    socket.ipv6 = _wants_ipv6(endpoint, wanted)


def _wants_ipv6(endpoint: str, wanted: Switch) -> bool:
    return parts_of(endpoint).host.startswith("[") if wanted == "auto" else wanted == "on"


def _set_options(socket: zmq.Socket[Any], keys: SocketKeys, endpoint: str) -> None:
    for key in keys_of(type(keys)):
        option = key.info.zmq
        if option is None or socket.type != _ONLY_ON.get(option.name, socket.type):
            continue
        value = _value(option, key.name, keys, endpoint)
        # A key at its default sets nothing: libzmq's own default may be another number that means the same.
        if value != option.unset:
            socket.setsockopt(getattr(zmq, option.name), value)


def _value(option: ZmqOption, name: str, keys: SocketKeys, endpoint: str) -> int:
    if name in _COMPUTED:
        return _COMPUTED[name](keys, endpoint)
    given = getattr(keys, name)
    return option.value_by_text[given] if option.value_by_text else int(given)


_COMPUTED: Mapping[str, Callable[[SocketKeys, str], int]] = {
    "heartbeat_timeout": lambda keys, _: silence_limit_ms(keys),
    "ipv6": lambda keys, endpoint: int(_wants_ipv6(endpoint, keys.ipv6)),
}
"""Keys whose option depends on more than the key itself: on another key, or on the endpoint."""
