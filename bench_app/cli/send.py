"""``zmq-bench send``: events -> **handler** ~~> any ZeroMQ system, with messages about connection and result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Literal

from bench_app.library.handler_stats import HandlerStats
from bench_app.library.output_handler import HandlerState, OutputHandler
from bench_app.model import HandlerBench, HandlerConfig, HandlerSpec, SocketType
from bench_app.model.patterns import PATTERNS
from bench_app.system.signals import held_signals
from bench_app.transport.connection import ConnectionState
from bench_app.transport.endpoint import parse_listener_endpoint
from bench_app.untrusted.visible_text import visible

RECONNECT_MS = 200
"""How long ``send`` and ``listen`` wait before they try to connect again. Somebody sits in front of them and waits."""
FLUSH_EVERY = 1000
"""After this many events, wait until the queue is empty, so that it never overflows."""


def send(
    uri: str, socket_type: SocketType, topic: str, events: Iterator[bytes], emit: Callable[[str], None], wait_s: float
) -> bool:
    """Send events (JSON text), and emit replies and result. True if every event was sent and every request got a reply.

    It first waits up to ``wait_s`` for a receiver: a PUB for a subscriber, because it drops messages without one; other
    sockets for a connection, because libzmq loses accepted messages if no connection ever comes. On a KeyboardInterrupt
    it emits the result so far, and raises the KeyboardInterrupt again.
    """
    pattern = PATTERNS[socket_type]
    endpoint, binds = parse_listener_endpoint(uri)
    mode: Literal["auto", "bind", "connect"] = "auto" if binds is None else "bind" if binds else "connect"
    config = HandlerConfig(
        socket_type=socket_type,
        topic=topic,
        linger=int(wait_s * 1000),
        send_timeout=-1,
        queue_size=FLUSH_EVERY,
        reconnect_interval=RECONNECT_MS,
    )
    connected, announced = threading.Event(), threading.Event()

    def on_connection(state: HandlerState, message: str) -> None:
        # Wait until the endpoint is emitted: a program that reads the output may need it first, to connect.
        announced.wait()
        emit(message)
        if state.state is ConnectionState.CONNECTED:
            connected.set()

    handler: OutputHandler | None = None
    interrupted = reached = False
    try:
        with held_signals():
            handler = OutputHandler(
                "send",
                HandlerSpec(uri=f"zmq://{endpoint}", config=config),
                bench=HandlerBench(mode=mode),
                on_connection=on_connection,
                on_reply=lambda reply: emit(f"reply: {visible(str(reply))}"),
            )
        emit(f"{socket_type} at {handler.endpoint}")
        if endpoint.opens_to_network(binds):
            emit(f"other machines can connect to {handler.endpoint}")
        announced.set()
        if pattern.knows_subscribers:
            if not handler.wait_for_subscriber(wait_s):
                emit(f"no subscriber came in {wait_s:g} s: events sent now are dropped")
        elif not connected.wait(wait_s):
            emit(f"no connection came in {wait_s:g} s")
        for number, event in enumerate(events, start=1):
            handler.write_body(event)
            if number % FLUSH_EVERY == 0 and not handler.flush(wait_s):
                break
        handler.flush(wait_s)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        # The handler's thread may wait for this, and its end is waited for.
        announced.set()
        if handler is not None:
            # Without a receiver libzmq has accepted the messages, but sent none of them.
            reached = handler.wait_for_subscriber(0) if pattern.knows_subscribers else connected.is_set()
            handler.close()
    all_sent = handler is not None and _emit_result(handler.stats, pattern.gets_replies, reached, emit)
    if interrupted:
        raise KeyboardInterrupt
    return all_sent


def _emit_result(stats: HandlerStats, gets_replies: bool, reached: bool, emit: Callable[[str], None]) -> bool:
    answered = f", {stats.replied:,} answered" if gets_replies else ""
    if not reached:
        emit(f"0 of {stats.offered:,} sent{answered}: no receiver was connected")
        return False
    emit(f"{stats.accepted:,} of {stats.offered:,} sent{answered}")
    return stats.accepted == stats.offered and (not gets_replies or stats.replied == stats.offered)
