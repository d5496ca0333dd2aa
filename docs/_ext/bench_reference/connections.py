"""The reference of connection messages: each message comes from the code that emits it, with its meaning.

The tracker is fed with the events that libzmq emits in each case. So the page always has the messages that the window
shows.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import zmq

from bench_app.errors import SocketSetupError
from bench_app.transport.bind import bind_socket
from bench_app.transport.connection import ConnectionState, ConnectionTracker
from bench_reference.markdown import code, table

Event = tuple[int, int]

PEER = "tcp://work-queue:5556"
OWN = "tcp://127.0.0.1:5555"
LIMIT = 10
_FD = 17
_SILENT_MS = 312

OPENED: Event = (zmq.EVENT_CONNECT_DELAYED, errno.EINPROGRESS)
CLOSED: Event = (zmq.EVENT_CLOSED, _FD)
CONNECTED: Event = (zmq.EVENT_CONNECTED, _FD)
HANDSHAKE_DONE: Event = (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)
ENDED: Event = (zmq.EVENT_DISCONNECTED, _FD)
RETRIED: Event = (zmq.EVENT_CONNECT_RETRIED, 183)
ACCEPTED: Event = (zmq.EVENT_ACCEPTED, _FD)

REFUSED = (OPENED, CLOSED, RETRIED)
SUCCESS = (OPENED, CONNECTED, HANDSHAKE_DONE)
HUNG_UP = (OPENED, CONNECTED, ENDED)


def _greeting_fails(event: int, value: int) -> tuple[Event, ...]:
    return OPENED, CONNECTED, (event, value), ENDED, RETRIED


class Case(NamedTuple):
    """Events that lead to a message, the meaning of the message, and what to do."""

    events: tuple[Event, ...]
    means: str
    do: str
    silent_ms: int = 0
    """How long the peer had been silent before the disconnection."""
    waited_ms: int = 0
    """How long the attempt had lasted when it was closed."""
    reconnects: bool = True


_STATES = (
    Case((), "The handler or listener does not run", ""),
    Case((OPENED,), "The socket connects, and no attempt has ended yet", ""),
    Case(SUCCESS, "The socket is connected. A socket that binds has at least one peer", ""),
    Case(
        REFUSED * 3,
        "Attempts fail, and the socket tries again. Without a limit of attempts the part *of 10* is missing",
        "",
    ),
    Case(
        (*SUCCESS, ENDED, RETRIED),
        "Heartbeats ended the connection, and the socket tries to connect again",
        "",
        _SILENT_MS,
    ),
    Case(
        HUNG_UP,
        "The peer closed the connection before the handshake was complete: another socket type, or no ZeroMQ",
        "",
    ),
    Case(
        (OPENED, CONNECTED, (zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400), ENDED),
        "The handshake was refused for a permanent reason",
        "",
    ),
    Case(REFUSED * (LIMIT + 1), "The limit is reached, or reconnecting is switched off: nothing is sent any more", ""),
)

_OUTGOING = (
    Case((OPENED,), "No answer yet. Shown in the tooltip only", "If it lasts: a firewall that drops packets?"),
    Case(SUCCESS, "The handshake is complete; messages flow", ""),
    Case(
        (*SUCCESS, ENDED, *REFUSED, *SUCCESS),
        "The connection is back. Messages that were on their way when it broke may be lost; the ledger counts them",
        "",
    ),
    Case(
        (OPENED, CONNECTED),
        "The peer accepted the TCP connection and sends nothing: a process that hangs, a proxy without its other end, "
        "or no ZeroMQ. Shown in the tooltip only",
        "Look at the peer. After 30 s ZeroMQ ends the connection by itself and tries again",
    ),
    Case(REFUSED, "The attempt failed; another one follows. The reason is in brackets", "See the reasons below"),
    Case((*SUCCESS, ENDED), "The peer closed or died, or the network failed", "Nothing: the socket tries again"),
    Case(
        (*SUCCESS, ENDED),
        "Heartbeats got no answer: the peer hangs, has disappeared, or is too full to read",
        "See [connections](../how-to/connections.md); if the peer is only slow, a longer `heartbeat_timeout`",
        silent_ms=_SILENT_MS,
    ),
    Case(
        HUNG_UP,
        "The peer closed the connection before the handshake was complete",
        "Look at what listens there: is it ZeroMQ, and does its type fit (PUB to SUB, PUSH to PULL, REQ to REP)?",
    ),
    Case(
        (OPENED, CONNECTED, (zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400), ENDED),
        "The peer refuses this socket. libzmq does not try again by itself",
        "The reason is in brackets. Remove it, then start again",
    ),
    Case(
        REFUSED * (LIMIT + 1),
        "`max_reconnect_attempts` is used up. Queued and new events count as `aborted`",
        "Remove the reason, then *Connect again* in the handler's menu, or `handler.reconnect()`",
    ),
    Case(
        (OPENED, CLOSED),
        "`reconnect_interval` is 0 or -1: one attempt, and no other",
        "An interval above 0, or *Connect again*",
        reconnects=False,
    ),
)

_REASONS = (
    Case(
        REFUSED,
        "No process listens there, the port is another one, or a firewall refuses",
        "`ss -tlnp` on that machine: what listens?",
    ),
    Case(
        REFUSED,
        "Packets vanish: a firewall that drops them, or a machine that is switched off. On Linux it takes some 130 s",
        "`telnet HOST PORT` hangs, too: ask the administrator of the network",
        waited_ms=130_000,
    ),
    Case((RETRIED,), "A typing error, or a name service that does not answer", "`getent hosts NAME`"),
    Case((CLOSED, RETRIED), "No route: an interface is down, or no route leads there", "`ip route get ADDRESS`"),
    Case(
        (*HUNG_UP, RETRIED),
        "The socket types do not fit (PUSH to SUB), or the port speaks another protocol",
        "Look at what listens there",
    ),
    Case((*SUCCESS, ENDED, RETRIED), "The connection ended a moment ago", "Nothing: the next attempt follows"),
    Case((*SUCCESS, ENDED, RETRIED, *REFUSED), "The connection ended; now nothing listens", "Is the peer restarting?"),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, errno.EPIPE),
        "The peer closed the connection during the handshake",
        "With CURVE: compare the server's public key with the one you have",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, errno.ETIMEDOUT),
        "The peer accepted the connection and sent no greeting within 30 s",
        "The peer hangs, or is no ZeroMQ",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH),
        "One side uses security and the other does not, or they use different mechanisms",
        "Use the same mechanism at both ends. The bench has none: it tests handlers without security",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),
        "A key is incomplete, or is the wrong one",
        "Compare both keys",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_UNSPECIFIED),
        "The peer broke the protocol of ZeroMQ in another way: it is a program that only resembles ZeroMQ",
        "Look at what listens there",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400),
        "The peer's authenticator (ZAP) refused this socket",
        "Read the log of the authenticator",
    ),
)

_BOUND = (
    Case((), "Where it listens, and how many peers are connected. Shown in the tooltip", ""),
    Case((ACCEPTED, HANDSHAKE_DONE), "A peer connected, and how many there are now", ""),
    Case((ACCEPTED, HANDSHAKE_DONE, ENDED), "A peer closed its connection, died, or was disconnected", ""),
    Case(
        (ACCEPTED, HANDSHAKE_DONE, ENDED),
        "Heartbeats got no answer",
        "As above: does the peer hang, or is it slow?",
        silent_ms=_SILENT_MS,
    ),
    Case(
        (ACCEPTED, ENDED),
        "The peer has a socket type that does not fit, or is no ZeroMQ (a port scanner, a browser)",
        "`--debug` logs its descriptor; `tcpdump` shows its address",
    ),
    Case(
        (ACCEPTED, (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH), ENDED),
        "A peer connected and its handshake failed; the reasons are those above",
        "Repair the peer",
    ),
    Case((ACCEPTED, ENDED) * 3, "The number of peers that were turned away; each reason is shown once", ""),
    Case(
        ((zmq.EVENT_ACCEPT_FAILED, errno.EMFILE),),
        "The system refused one more connection",
        "`ulimit -n`: each connection needs a descriptor",
    ),
)

_BIND_ADVICE: dict[int, str] = {
    errno.EADDRNOTAVAIL: "bind `*`, or an address of this machine (`ip addr`)",
    errno.ENODEV: "bind `*`, an address or an interface of this machine",
    errno.EAGAIN: "`getent hosts NAME`, or a numeric address",
    errno.EACCES: "a port from 1024 up, or a folder you may write to",
    errno.ENOENT: "make the folder of the ipc path",
    errno.EINVAL: "`HOST:PORT`, the port from 1 to 65535",
    errno.EPROTONOSUPPORT: "tcp, ipc or inproc; not every system has ipc",
    errno.EMFILE: "`ulimit -n`; each socket needs several descriptors",
}


def connection_states() -> str:
    """Every label of a connection's state, as tree and table show it."""
    return table(("the bench says", "`state` in the library", "it means"), _states())


def connection_messages() -> str:
    """The messages of a socket that connects."""
    return _table((_outgoing(case), case) for case in _OUTGOING)


def connection_reasons() -> str:
    """The reasons of failed attempts: the text in brackets."""
    return _table((_reason(case), case) for case in _REASONS)


def bound_messages() -> str:
    """The messages of a socket that binds."""
    return _table((_incoming(case), case) for case in _BOUND)


def bind_failures() -> str:
    """The reasons why a socket cannot be bound, except an address in use."""
    return table(("the bench says", "do"), [[code(_bind_error(number)), do] for number, do in _BIND_ADVICE.items()])


def _table(rows: Iterable[tuple[str, Case]]) -> str:
    return table(("the bench says", "it means", "do"), [[code(text), case.means, case.do] for text, case in rows])


def _states() -> Iterator[list[str]]:
    for case in _STATES:
        tracker = _connecting(*([PEER] if case.events else []))
        _feed(tracker, case)
        yield [code(tracker.label), _member(tracker.state), case.means]
    listening = _bound()
    yield [code(listening.label), _member(listening.state), "The socket listens, and no peer is connected"]


def _member(state: ConnectionState) -> str:
    return code(f"ConnectionState.{state.name}")


def _connecting(*endpoints: str, reconnects: bool = True) -> ConnectionTracker:
    tracker = ConnectionTracker(LIMIT, reconnects)
    for endpoint in endpoints:
        tracker.connecting(endpoint)
    return tracker


def _bound() -> ConnectionTracker:
    tracker = ConnectionTracker()
    tracker.bound(OWN)
    return tracker


def _outgoing(case: Case) -> str:
    return _last_message(_connecting(PEER, reconnects=case.reconnects), case)


def _incoming(case: Case) -> str:
    return _last_message(_bound(), case)


def _reason(case: Case) -> str:
    tracker = _connecting(PEER)
    _feed(tracker, case)
    return tracker.message.partition("(")[2].removesuffix(")")


def _last_message(tracker: ConnectionTracker, case: Case) -> str:
    """The message of the last event; if the event emits none, the message of the connection's state."""
    messages = _feed(tracker, case)
    return messages[-1] if messages else tracker.message


def _feed(tracker: ConnectionTracker, case: Case) -> list[str]:
    """Feed the tracker; returns the messages of the last event."""
    messages: list[str] = []
    for event, value in case.events:
        silent_ms = case.silent_ms if event == zmq.EVENT_DISCONNECTED else 0
        messages, _ = tracker.feed(event, value, PEER, silent_ms, case.waited_ms if event == zmq.EVENT_CLOSED else 0)
    return messages


class _Unbindable:
    """A socket that cannot be bound, with a given error number."""

    def __init__(self, number: int) -> None:
        self._number = number

    def bind(self, endpoint: str) -> None:
        raise zmq.ZMQError(self._number)


def _bind_error(number: int) -> str:
    # Only a name can fail to resolve; a numeric address needs no lookup.
    endpoint = PEER if number == errno.EAGAIN else "ENDPOINT"
    socket: Any = _Unbindable(number)
    try:
        bind_socket(socket, endpoint)
    except SocketSetupError as error:
        return str(error).replace(PEER, "ENDPOINT")
    raise AssertionError("binding an unbindable socket did not fail")
