"""Set the bench's keys on a socket: handler -> **socket** ~~> **socket** -> listener.

Call it before bind or connect: most options act at the next bind or connect only.
"""

from __future__ import annotations

from typing import Any

import zmq

from bench_app.model import HandlerBench, ListenerSpec
from bench_app.model.socket_options import Switch

_SYSTEM_SWITCH = {"system": -1, "off": 0, "on": 1}


def set_handler_options(socket: zmq.Socket[Any], bench: HandlerBench, endpoint: str) -> None:
    """Set a handler's keys on its socket, which will bind or connect to ``endpoint``."""
    _set_shared(socket, bench, endpoint)
    socket.immediate = int(bench.immediate)
    if bench.max_message_size >= 0:
        socket.maxmsgsize = bench.max_message_size
    if bench.no_drop and socket.type == zmq.XPUB:
        socket.setsockopt(zmq.XPUB_NODROP, 1)


def set_listener_options(socket: zmq.Socket[Any], spec: ListenerSpec, endpoint: str) -> None:
    """Set a listener's keys on its socket, which will bind or connect to ``endpoint``."""
    _set_shared(socket, spec, endpoint)
    socket.maxmsgsize = spec.max_message_size


def silence_limit_ms(keys: HandlerBench | ListenerSpec) -> int:
    """Silence after which heartbeats end a connection; 0 without heartbeats."""
    return (keys.heartbeat_timeout or keys.heartbeat_interval) if keys.heartbeat_interval else 0


def use_ipv6(socket: zmq.Socket[Any], endpoint: str, wanted: Switch = "auto") -> None:
    """Switch IPv6 on or off; ``auto`` switches it on where the endpoint has an IPv6 address."""
    socket.ipv6 = endpoint.startswith("tcp://[") if wanted == "auto" else wanted == "on"


def _set_shared(socket: zmq.Socket[Any], keys: HandlerBench | ListenerSpec, endpoint: str) -> None:
    use_ipv6(socket, endpoint, keys.ipv6)
    # A key at its default sets nothing: libzmq's own default may be another number that means the same.
    if keys.reconnect_interval_max:
        socket.reconnect_ivl_max = keys.reconnect_interval_max
    if keys.heartbeat_interval:
        socket.heartbeat_ivl = keys.heartbeat_interval
        socket.heartbeat_timeout = silence_limit_ms(keys)
    if keys.conflate:
        socket.conflate = True
    if keys.tcp_keepalive != "system":
        socket.tcp_keepalive = _SYSTEM_SWITCH[keys.tcp_keepalive]
    if keys.tcp_keepalive_idle:
        socket.tcp_keepalive_idle = keys.tcp_keepalive_idle
    if keys.tcp_keepalive_interval:
        socket.tcp_keepalive_intvl = keys.tcp_keepalive_interval
    if keys.send_buffer:
        socket.sndbuf = keys.send_buffer
    if keys.receive_buffer:
        socket.rcvbuf = keys.receive_buffer
