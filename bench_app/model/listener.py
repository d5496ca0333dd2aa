"""A listener that the bench pairs with a handler: its speed, its faults, and its socket."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from bench_app.model import socket_options as options
from bench_app.model.key_info import Change, Group, ZmqOption, key, refused_for
from bench_app.model.spec import Count, Milliseconds, Name, SecondsOrZero, Share, Spec, Topic

WaitMode = Literal["block", "poll", "spin"]

_live = partial(key, change=Change.LIVE, group=Group.LISTENER)


class ListenerSpec(Spec, frozen=True):
    """One paired consumer: SUB for a PUB, PULL for a PUSH, REP for a REQ."""

    name: Annotated[
        Name | None,
        key(
            "Name of the listener in the ledger; default: sub-1, pull-1, rep-1, ...",
            change=Change.RESTARTS_HANDLER,
            group=Group.NOT_ON_A_FORM,
            examples=["dashboard"],
        ),
    ] = None
    topics: Annotated[
        tuple[Topic, ...] | None,
        key(
            "Topic prefixes to which a SUB subscribes; default: the handler's topic",
            change=Change.RESTARTS_HANDLER,
            group=Group.LISTENER,
            position=8,
            only_for=("PUB",),
            examples=[["analytics", "alerts"]],
        ),
    ] = None
    high_water_mark: Annotated[
        Count,
        key(
            "Maximum messages waiting in the listener's socket",
            change=Change.RECREATES_SOCKET,
            group=Group.LISTENER,
            position=6,
            # Only the receive mark is set. A SUB sends its subscriptions through its send queue, and a send mark
            # of 1 would drop every subscription but the first.
            zmq=ZmqOption("RCVHWM", unset=None),
            unit="messages",
            label="High-water mark",
            slider=True,
        ),
    ] = 1000
    delay_ms: Annotated[
        Milliseconds, _live("Time spent on each message", position=1, unit="ms", label="Delay", slider=True)
    ] = 0.0
    delay_jitter_ms: Annotated[
        Milliseconds,
        _live(
            "Random time added to the delay, drawn evenly from 0 to this value",
            position=2,
            unit="ms",
            label="Delay jitter",
        ),
    ] = 0.0
    drop_replies: Annotated[Share, _live("REP: share of requests that get no reply", position=3, only_for=("REQ",))] = (
        0.0
    )
    error_replies: Annotated[
        Share, _live("REP: share of requests answered with an error", position=4, only_for=("REQ",))
    ] = 0.0
    reply: Annotated[
        dict[str, Any] | None,
        _live(
            "REP: the body of a reply; default: {ok: true, ...}",
            position=5,
            only_for=("REQ",),
            examples=[{"ok": True}],
        ),
    ] = None
    endpoint: Annotated[
        str | None,
        key(
            "Endpoint of the listener, if it is not the handler's (behind a proxy): bind:..., connect:... or bare",
            change=Change.RESTARTS_HANDLER,
            group=Group.LISTENER,
            position=9,
            examples=["connect:tcp://127.0.0.1:5560"],
        ),
    ] = None
    receipts: Annotated[
        str | None,
        key(
            "Your own consumer is this listener, and sends receipts for what it received to this address: the bench "
            "only counts them",
            change=Change.RESTARTS_HANDLER,
            group=Group.LISTENER,
            position=11,
            examples=["tcp://127.0.0.1:5599"],
        ),
    ] = None
    stall: Annotated[
        tuple[SecondsOrZero, SecondsOrZero] | None,
        _live(
            "Pause in which the listener reads nothing: from and to, in seconds of the run",
            position=7,
            unit="s",
            examples=[[5.0, 10.0]],
        ),
    ] = None
    wait: Annotated[
        WaitMode,
        key(
            "How the listener waits for a message: block sleeps in the receive; poll sleeps in zmq_poll before each "
            "receive; spin asks again and again without a pause, and takes a whole processor",
            change=Change.RESTARTS_HANDLER,
            group=Group.LISTENER,
            position=10,
        ),
    ] = "block"
    reconnect_interval_max: options.ReconnectIntervalMax = 0
    heartbeat_interval: options.HeartbeatInterval = 0
    heartbeat_timeout: options.HeartbeatTimeout = 0
    conflate: Annotated[options.Conflate, refused_for({"REQ": "which must reply to each request"})] = False
    max_message_size: options.MaxMessageSize = options.MAX_MESSAGE_BYTES
    send_buffer: options.SendBuffer = 0
    receive_buffer: options.ReceiveBuffer = 0
    ipv6: options.Ipv6 = "auto"
    tcp_keepalive: options.TcpKeepalive = "system"
    tcp_keepalive_idle: options.TcpKeepaliveIdle = 0
    tcp_keepalive_interval: options.TcpKeepaliveInterval = 0
