"""Keys of a socket that contradict each other, the pattern or the endpoint. Pure.

The model says at each key which patterns refuse it. This module adds the rules that compare two or more keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.errors import UriError
from bench_app.model import HandlerBench, HandlerConfig, HandlerSpec, ListenerSpec, Pattern, SocketKeys
from bench_app.model.keys import key_of, keys_of
from bench_app.model.validation import compact
from bench_app.transport.endpoint import Endpoint, binds, parse_listener_endpoint, parse_uri

Conflict = tuple[str, str]
"""A key, and its expected value with the reason."""

_CUTS_STAMP_FRAME = 'false with "stamp": "frame": conflate would keep only one frame of a message'
_CUTS_TOPIC_FRAME = 'false without "framing": "joined": conflate would keep only one frame of a message'
_INPROC_BINDS = "false for the side of inproc that binds: the side that connects decides"


def handler_conflicts(handler: HandlerSpec, bench: HandlerBench) -> Iterator[Conflict]:
    """Keys of a handler that cannot work together."""
    config = handler.config
    endpoint = _endpoint(handler.uri)
    yield from _contradictions(bench)
    yield from _refused(bench, config.pattern, config.socket_type)
    yield from _backoff(bench, config)
    if _may_conflate(bench, config.pattern) and (expected := _handler_conflate_fault(config, bench, endpoint)):
        yield "conflate", expected
    if bench.ipv6 == "off" and not bench.paired and endpoint is not None and endpoint.ipv6:
        yield "ipv6", "auto or on for an IPv6 address"


def listener_conflicts(handler: HandlerSpec, bench: HandlerBench, listener: ListenerSpec) -> Iterator[Conflict]:
    """Keys of a listener that cannot work together, or that contradict keys of its handler."""
    pattern = handler.config.pattern
    yield from _contradictions(listener)
    yield from _refused(listener, pattern, pattern.listener_type)
    if _may_conflate(listener, pattern) and (expected := _listener_conflate_fault(handler, bench, listener)):
        yield "conflate", expected
    if listener.receipts is not None and bench.stamp == "off":
        yield "receipts", 'null with "stamp": "off": a receipt repeats the stamp of a message'
    if listener.ipv6 == "off" and (own := _own_endpoint(listener)) is not None and own.ipv6:
        yield "ipv6", "auto or on for an IPv6 address"


def _refused(keys: SocketKeys, pattern: Pattern, socket_type: str) -> Iterator[Conflict]:
    """Keys that the model refuses for a pattern. Each of them must keep its default."""
    for key in keys_of(type(keys)):
        reason = key.info.refused_for.get(pattern.socket_type)
        if reason and getattr(keys, key.name) != key.default:
            yield key.name, f"{compact(key.default)} for a {socket_type}, {reason}"


def _may_conflate(keys: SocketKeys, pattern: Pattern) -> bool:
    """Whether the socket should conflate and its pattern allows it. The other keys are compared only in that case."""
    return keys.conflate and pattern.socket_type in key_of(type(keys), "conflate").info.patterns


def _contradictions(keys: SocketKeys) -> Iterator[Conflict]:
    if keys.heartbeat_timeout and not keys.heartbeat_interval:
        yield "heartbeat_timeout", "0 without a heartbeat_interval: a peer that gets no ping cannot miss an answer"
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


def _handler_conflate_fault(config: HandlerConfig, bench: HandlerBench, endpoint: Endpoint | None) -> str:
    if bench.stamp == "frame":
        return _CUTS_STAMP_FRAME
    if endpoint is not None and endpoint.transport == "inproc" and binds(endpoint, bench.mode, config.socket_type):
        return _INPROC_BINDS
    return ""


def _listener_conflate_fault(handler: HandlerSpec, bench: HandlerBench, listener: ListenerSpec) -> str:
    config = handler.config
    endpoint = _endpoint(handler.uri)
    if bench.stamp == "frame":
        return _CUTS_STAMP_FRAME
    if config.pattern.sends_topic:
        return _subscriber_conflate_fault(bench, listener)
    if endpoint is not None and endpoint.transport == "inproc" and not binds(endpoint, bench.mode, config.socket_type):
        return _INPROC_BINDS
    return ""


def _subscriber_conflate_fault(bench: HandlerBench, listener: ListenerSpec) -> str:
    if bench.framing != "joined":
        return _CUTS_TOPIC_FRAME
    if listener.topics is not None and len(listener.topics) > 1:
        return "false with more than one topic: conflate would keep only the newest subscription"
    if bench.start_gate:
        # The start gate recognises a SUB by a second subscription, to its join token. Conflate keeps one of the two.
        return 'false unless "start_gate" is false: conflate would drop the subscription that the start gate needs'
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
