"""Settings with which consumers keep up, and room for the time in which they do not. Used by several rules. Pure.

Each function returns the settings that must change, by their paths in the preset. A setting that is enough already is
not among them. No setting is below what the sum needs: room is rounded up, a delay is rounded down but never to 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from bench_app.advice.advice import Value
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.texts import rounded_down, rounded_up
from bench_app.model.spec import INT32_MAX

SPARE = 0.75
"""A consumer that is to keep up uses this part of its time, so that it also catches up."""
SPARE_S = 1.0
"""A process on a busy machine may not run for so long."""
SPARE_MS = round(2000 * SPARE_S)
"""A timeout with this length outlasts such a time."""
MOST_BYTES = 2**30
"""More memory than this is not proposed for messages that wait."""
LARGEST_QUEUE = 10_000_000
LIBZMQ_MARK = 1000
"""libzmq's default high-water mark. A bound socket has it if its own mark was set too late."""
SLOWEST_DRAIN = 1000.0
"""A listener of the bench without a delay takes at least so many messages per second on a busy machine."""
LEAST_BUFFER = 131_072
"""A connection with a smaller ``receive_buffer`` that was full may go on at the pace of TCP's probes, a few a second.

A segment on loopback has 64 KiB, and Linux holds back one that is larger than the window until a probe is due.
"""
_LEAST_OVERHEAD_MS = 0.1
_SHORTEST_PAUSE_MS = 0.01


def shorter_delay(listener: ListenerSituation, needed: float) -> dict[str, Value]:
    """The delay with which a listener takes ``needed`` messages per second; empty if no delay is short enough.

    The delay and its jitter shrink by the same factor.
    """
    if listener.path is None or not listener.pause_ms:
        return {}
    overhead_ms = max(_LEAST_OVERHEAD_MS, 1000 / listener.pace - listener.pause_ms)
    pause_ms = SPARE * 1000 / needed - overhead_ms
    if not _SHORTEST_PAUSE_MS <= pause_ms < listener.pause_ms:
        return {}
    factor = pause_ms / listener.pause_ms
    before = {"delay_ms": listener.spec.delay_ms, "delay_jitter_ms": listener.spec.delay_jitter_ms}
    return {listener.setting(key): rounded_down(factor * value) for key, value in before.items() if value}


def mark_in_force(handler: HandlerSituation) -> int:
    """The high-water mark that the handler's connections have."""
    return LIBZMQ_MARK if is_mark_too_late(handler) else handler.config.high_water_mark


def is_mark_too_late(handler: HandlerSituation) -> bool:
    """Whether the mark is set after the bind, where peers that connect do not get it."""
    return handler.binds and handler.bench.high_water_mark_set == "after"


def fits_in_memory(handler: HandlerSituation, messages: float) -> bool:
    """Whether so many messages of the handler may wait."""
    return messages * handler.message_bytes <= MOST_BYTES and messages <= INT32_MAX


def larger_mark(handler: HandlerSituation, mark: int) -> dict[str, Value]:
    """The settings that give the handler's connections this mark."""
    if not mark_in_force(handler) or mark <= mark_in_force(handler):
        return {}
    proposal: dict[str, Value] = {}
    if mark > handler.config.high_water_mark > 0:
        proposal[handler.config_setting("high_water_mark")] = mark
    if is_mark_too_late(handler):
        proposal[handler.bench_setting("high_water_mark_set")] = "before"
    return proposal


def larger_buffers(handler: HandlerSituation, listeners: Iterable[ListenerSituation]) -> dict[str, Value]:
    """The receive buffers with which connections over TCP go on at once after they were full."""
    if not handler.endpoint.startswith("tcp"):
        return {}
    small = (one for one in listeners if one.path is not None and 0 < one.spec.receive_buffer < LEAST_BUFFER)
    return {one.setting("receive_buffer"): LEAST_BUFFER for one in small}


def larger_queue(handler: HandlerSituation, queue: int) -> dict[str, Value]:
    """The setting that gives the handler's own queue this size."""
    return {handler.config_setting("queue_size"): queue} if queue > handler.config.queue_size else {}


def longer_send_timeout(handler: HandlerSituation, timeout_ms: int) -> dict[str, Value]:
    """The setting with which the head of the queue waits so long."""
    if handler.pattern.gets_replies or not 0 <= handler.config.send_timeout < timeout_ms:
        return {}
    return {handler.config_setting("send_timeout"): timeout_ms}


def longer_linger(handler: HandlerSituation, waiting: float, taken: float) -> dict[str, Value]:
    """The linger in which consumers that take ``taken`` per second read what waits when the last event is due."""
    linger_ms = min(INT32_MAX, rounded_up(1500 * waiting / taken))
    return {handler.config_setting("linger"): linger_ms} if 0 <= handler.config.linger < linger_ms else {}
