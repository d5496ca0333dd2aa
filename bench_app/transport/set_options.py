"""The bench's keys put on a socket: handler -> **socket** ~~> **socket** -> listener. Before bind or connect, always:
most of them act at the next one only.
"""

from __future__ import annotations

from typing import Any

import zmq

from bench_app.model import HandlerBench, ListenerSpec
from bench_app.transport import bind

_SYSTEM_SWITCH = {"system": -1, "off": 0, "on": 1}


def set_handler_options(socket: zmq.Socket[Any], bench: HandlerBench, endpoint: str) -> None:
    """Put a handler's keys on its socket, which goes to ``endpoint``."""
    _set_shared(socket, bench, endpoint)
    socket.immediate = int(bench.immediate)
    if bench.max_message_size >= 0:
        socket.maxmsgsize = bench.max_message_size
    if bench.no_drop and socket.type == zmq.XPUB:
        socket.setsockopt(zmq.XPUB_NODROP, 1)


def set_listener_options(socket: zmq.Socket[Any], spec: ListenerSpec, endpoint: str) -> None:
    """Put a listener's keys on its socket, which goes to ``endpoint``."""
    _set_shared(socket, spec, endpoint)
    socket.maxmsgsize = spec.max_message_size


def silence_limit_ms(keys: HandlerBench | ListenerSpec) -> int:
    """How long a pinged peer may be silent; 0 where none is pinged."""
    return (keys.heartbeat_timeout or keys.heartbeat_interval) if keys.heartbeat_interval else 0


def _set_shared(socket: zmq.Socket[Any], keys: HandlerBench | ListenerSpec, endpoint: str) -> None:
    bind.use_ipv6(socket, endpoint, keys.ipv6)
    # What stands at its default is not touched: libzmq's own default may be another number for the same.
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
