"""Keys of a socket that contradict each other, the pattern or the endpoint. Pure.

Which keys a pattern refuses stands at the key in the model; this module has the rules that take two keys to see.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.errors import UriError
from bench_app.model import HandlerBench, HandlerConfig, HandlerSpec, ListenerSpec, Pattern, SocketKeys
from bench_app.model.keys import key_of, keys_of
from bench_app.model.validation import compact
from bench_app.transport.endpoint import Endpoint, binds, parse_listener_endpoint, parse_uri

Conflict = tuple[str, str]
"""A key, and what was expected of it."""

_ONE_FRAME = 'false while a message has more than one frame, of which it would keep one: needs "framing": "joined"'


def handler_conflicts(handler: HandlerSpec, bench: HandlerBench) -> Iterator[Conflict]:
    """Keys of a handler that cannot work together."""
    config = handler.config
    endpoint = _endpoint(handler.uri)
    yield from _shared(bench)
    yield from _refused(bench, config.pattern, config.socket_type)
    yield from _backoff(bench, config)
    if _conflates(bench, config.pattern) and (expected := _handler_conflates(config, bench, endpoint)):
        yield "conflate", expected
    if bench.ipv6 == "off" and not bench.paired and endpoint is not None and endpoint.ipv6:
        yield "ipv6", "auto or on for an IPv6 address"


def listener_conflicts(handler: HandlerSpec, bench: HandlerBench, listener: ListenerSpec) -> Iterator[Conflict]:
    """Keys of a listener of that handler that cannot work together, or beside the keys of the handler."""
    pattern = handler.config.pattern
    yield from _shared(listener)
    yield from _refused(listener, pattern, pattern.listener_type)
    if _conflates(listener, pattern) and (expected := _listener_conflates(handler, bench, listener)):
        yield "conflate", expected
    if listener.ipv6 == "off" and (own := _own_endpoint(listener)) is not None and own.ipv6:
        yield "ipv6", "auto or on for an IPv6 address"


def _refused(keys: SocketKeys, pattern: Pattern, socket_type: str) -> Iterator[Conflict]:
    """Keys that the model refuses for a pattern: each must keep its default."""
    for key in keys_of(type(keys)):
        reason = key.info.refused_for.get(pattern.socket_type)
        if reason and getattr(keys, key.name) != key.default:
            yield key.name, f"{compact(key.default)} for a {socket_type}, {reason}"


def _conflates(keys: SocketKeys, pattern: Pattern) -> bool:
    """Whether the socket is to conflate and its pattern allows that, so that the other keys decide."""
    return keys.conflate and pattern.socket_type in key_of(type(keys), "conflate").info.patterns


def _shared(keys: SocketKeys) -> Iterator[Conflict]:
    if keys.heartbeat_timeout and not keys.heartbeat_interval:
        yield "heartbeat_timeout", "0 without a heartbeat_interval: a peer that is not pinged has nothing to answer"
    if keys.max_message_size == 0:
        yield "max_message_size", "above 0, or -1 for no limit: no event is empty"
    if keys.tcp_keepalive != "on":
        for key in ("tcp_keepalive_idle", "tcp_keepalive_interval"):
            if getattr(keys, key):
                yield key, '0 unless "tcp_keepalive" is "on"'


def _backoff(bench: HandlerBench, config: HandlerConfig) -> Iterator[Conflict]:
    if not bench.reconnect_interval_max:
        return
    if config.reconnect_interval <= 0:
        yield "reconnect_interval_max", "0 where reconnect_interval switches reconnecting off"
    elif bench.reconnect_interval_max <= config.reconnect_interval:
        yield "reconnect_interval_max", f"0, or above reconnect_interval, which is {config.reconnect_interval}"


def _handler_conflates(config: HandlerConfig, bench: HandlerBench, endpoint: Endpoint | None) -> str:
    if bench.stamp == "frame":
        return 'false with "stamp": "frame": it would keep one frame of a message'
    if endpoint is not None and endpoint.transport == "inproc" and binds(endpoint, bench.mode, config.socket_type):
        return "false for the side of inproc that binds: the one that connects says what the pipe is like"
    return ""


def _listener_conflates(handler: HandlerSpec, bench: HandlerBench, listener: ListenerSpec) -> str:
    config = handler.config
    endpoint = _endpoint(handler.uri)
    if bench.stamp == "frame":
        return 'false with "stamp": "frame": it would keep one frame of a message'
    if config.pattern.sends_topic:
        return _subscriber_conflates(bench, listener)
    if endpoint is not None and endpoint.transport == "inproc" and not binds(endpoint, bench.mode, config.socket_type):
        return "false for the side of inproc that binds: the one that connects says what the pipe is like"
    return ""


def _subscriber_conflates(bench: HandlerBench, listener: ListenerSpec) -> str:
    if bench.framing != "joined":
        return _ONE_FRAME
    if listener.topics is not None and len(listener.topics) > 1:
        return "false with more than one topic: it keeps the newest of its own subscriptions only, too"
    if bench.start_gate:
        return (
            'false unless "start_gate" is false: of its own subscriptions it keeps one, which cannot tell that it is in'
        )
    return ""


def _endpoint(uri: str) -> Endpoint | None:
    try:
        return parse_uri(uri)
    except UriError:
        return None


def _own_endpoint(listener: ListenerSpec) -> Endpoint | None:
    try:
        return None if listener.endpoint is None else parse_listener_endpoint(listener.endpoint)[0]
    except UriError:
        return None
