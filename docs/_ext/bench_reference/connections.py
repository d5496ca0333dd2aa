"""The reference of what connections say: each sentence is made by the code that says it, beside what it means.

The tracker is fed with the events libzmq gives in each case. So a wording that changes changes here, too, and what a
reader finds on the page is what stands in the window.
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
SHAKEN: Event = (zmq.EVENT_HANDSHAKE_SUCCEEDED, 0)
ENDED: Event = (zmq.EVENT_DISCONNECTED, _FD)
RETRIED: Event = (zmq.EVENT_CONNECT_RETRIED, 183)
ACCEPTED: Event = (zmq.EVENT_ACCEPTED, _FD)

REFUSED = (OPENED, CLOSED, RETRIED)
SUCCESS = (OPENED, CONNECTED, SHAKEN)
HUNG_UP = (OPENED, CONNECTED, ENDED)


def _greeting_fails(event: int, value: int) -> tuple[Event, ...]:
    return OPENED, CONNECTED, (event, value), ENDED, RETRIED


class Case(NamedTuple):
    """Events that lead to a sentence, what that means and what to do."""

    events: tuple[Event, ...]
    means: str
    do: str
    silent_ms: int = 0
    """How long the peer had been silent when it was disconnected."""
    waited_ms: int = 0
    """How long the attempt had gone on when it was closed."""
    reconnects: bool = True


_STATES = (
    Case((), "It does not run", ""),
    Case((OPENED,), "It tries, and no attempt has ended yet", ""),
    Case(SUCCESS, "It can send. One that binds: at least one peer is there", ""),
    Case(REFUSED * 3, "Attempts fail, and the next follows by itself. Without a limit there is no *of*", ""),
    Case((*SUCCESS, ENDED, RETRIED), "Heartbeats have ended the connection, and it is tried again", "", _SILENT_MS),
    Case(HUNG_UP, "The peer hung up before the handshake was through: another socket type, or no ZeroMQ", ""),
    Case(
        (OPENED, CONNECTED, (zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400), ENDED),
        "The handshake was refused for a reason that will not pass by itself",
        "",
    ),
    Case(REFUSED * (LIMIT + 1), "The limit is reached, or reconnecting is switched off: nothing is sent any more", ""),
)

_OUTGOING = (
    Case((OPENED,), "No answer yet. Stands in the tooltip only", "If it lasts: a firewall that drops packets?"),
    Case(SUCCESS, "The handshake is through, messages go", ""),
    Case(
        (*SUCCESS, ENDED, *REFUSED, *SUCCESS),
        "It is back. What was on its way when the connection broke may be lost; the ledger counts it",
        "",
    ),
    Case(
        (OPENED, CONNECTED),
        "Somebody took the TCP connection and does not speak: a process that hangs, a proxy whose other end is away, "
        "or no ZeroMQ. Stands in the tooltip only",
        "Look at the peer. ZeroMQ ends such a connection by itself after 30 s, and tries again",
    ),
    Case(REFUSED, "The attempt failed, another follows. The reason is in brackets", "See the reasons below"),
    Case((*SUCCESS, ENDED), "The peer closed it, died, or the network did", "Nothing: it is tried again"),
    Case(
        (*SUCCESS, ENDED),
        "Heartbeats got no answer: the peer hangs, is gone without a word, or is alive and too full to read",
        "See [connections](../how-to/connections.md); is the peer merely slow, a longer `heartbeat_timeout`",
        silent_ms=_SILENT_MS,
    ),
    Case(
        HUNG_UP,
        "The peer hung up before the handshake was through",
        "Look at what listens there: is it ZeroMQ, and of the type that fits (PUB to SUB, PUSH to PULL, REQ to REP)?",
    ),
    Case(
        (OPENED, CONNECTED, (zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400), ENDED),
        "The peer does not let this one in. libzmq does not try again by itself",
        "The reason is in brackets. Mend it, then start anew",
    ),
    Case(
        REFUSED * (LIMIT + 1),
        "`max_reconnect_attempts` is used up. What waits and what comes is `aborted`",
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
    Case(REFUSED, "No process there, another port, or a firewall", "`ss -tlnp` on that machine: who listens?"),
    Case(
        REFUSED,
        "Packets vanish: a firewall that drops them, or a machine that is switched off. On Linux it takes some 130 s",
        "`telnet HOST PORT` hangs, too: ask who runs the network",
        waited_ms=130_000,
    ),
    Case((RETRIED,), "A typing error, or a name service that does not answer", "`getent hosts NAME`"),
    Case((CLOSED, RETRIED), "No route: an interface is down, or a network nobody leads to", "`ip route get ADDRESS`"),
    Case(
        (*HUNG_UP, RETRIED),
        "The socket types do not fit (PUSH to SUB), or another protocol lives at this port",
        "Look at what listens there",
    ),
    Case((*SUCCESS, ENDED, RETRIED), "It was connected until a moment ago", "Nothing: the next attempt follows"),
    Case((*SUCCESS, ENDED, RETRIED, *REFUSED), "It was connected; now nobody is there", "Is the peer starting anew?"),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, errno.EPIPE),
        "The peer hung up in the middle of the handshake",
        "With CURVE: compare the server's public key with the one you have",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, errno.ETIMEDOUT),
        "The peer took the connection and did not greet within 30 s",
        "It hangs, or is no ZeroMQ",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH),
        "One side has security switched on, the other not, or of another kind",
        "The same mechanism at both ends. The bench has none: it tests handlers without",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC),
        "A key was cut, or belongs to somebody else",
        "Compare both keys",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_UNSPECIFIED),
        "The peer broke the protocol of ZeroMQ in some other way: something that only resembles it",
        "Look at what listens there",
    ),
    Case(
        _greeting_fails(zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400),
        "The peer's authenticator (ZAP) turned this one down",
        "Its log says why",
    ),
)

_BOUND = (
    Case((), "Where it listens, and who is there. Stands in the tooltip", ""),
    Case((ACCEPTED, SHAKEN), "A peer came, and how many there are now", ""),
    Case((ACCEPTED, SHAKEN, ENDED), "A peer closed its connection, died, or was cut off", ""),
    Case(
        (ACCEPTED, SHAKEN, ENDED),
        "Heartbeats got no answer",
        "As above: does it hang, or is it slow?",
        silent_ms=_SILENT_MS,
    ),
    Case(
        (ACCEPTED, ENDED),
        "Whoever came is of a type that does not fit, or no ZeroMQ (a port scanner, a browser)",
        "`--debug` tells its descriptor; `tcpdump` its address",
    ),
    Case(
        (ACCEPTED, (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH), ENDED),
        "It came and its handshake failed; the reasons are those above",
        "Mend the peer",
    ),
    Case((ACCEPTED, ENDED) * 3, "The count of those that were turned away, of which each reason is told once", ""),
    Case(
        ((zmq.EVENT_ACCEPT_FAILED, errno.EMFILE),),
        "The system refused one more connection",
        "`ulimit -n`: each connection needs a descriptor",
    ),
)

_BIND_ADVICE: dict[int, str] = {
    errno.EADDRNOTAVAIL: "bind `*`, or an address of this machine (`ip addr`)",
    errno.ENODEV: "bind `*`, an address or an interface of this machine",
    errno.EAGAIN: "`getent hosts NAME`, or an address in figures",
    errno.EACCES: "a port from 1024 up, or a folder you may write to",
    errno.ENOENT: "make the folder of the ipc path",
    errno.EINVAL: "`HOST:PORT`, the port from 1 to 65535",
    errno.EPROTONOSUPPORT: "tcp, ipc or inproc; ipc is not there on every system",
    errno.EMFILE: "`ulimit -n`; each socket needs several descriptors",
}


def connection_states() -> str:
    """Every word for a connection as tree and table show it."""
    return table(("the bench says", "`state` in the library", "it means"), _states())


def connection_news() -> str:
    """The sentences of a socket that connects."""
    return _table((_outgoing(case), case) for case in _OUTGOING)


def connection_reasons() -> str:
    """Why an attempt came to nothing: the words in brackets."""
    return _table((_reason(case), case) for case in _REASONS)


def bound_news() -> str:
    """The sentences of a socket that binds."""
    return _table((_incoming(case), case) for case in _BOUND)


def bind_failures() -> str:
    """Why a socket cannot be bound, but for an address in use."""
    return table(("the bench says", "do"), [[code(_bind_fails(number)), do] for number, do in _BIND_ADVICE.items()])


def _table(rows: Iterable[tuple[str, Case]]) -> str:
    return table(("the bench says", "it means", "do"), [[code(words), case.means, case.do] for words, case in rows])


def _states() -> Iterator[list[str]]:
    for case in _STATES:
        tracker = _connecting(*([PEER] if case.events else []))
        _feed(tracker, case)
        yield [code(tracker.label), _member(tracker.state), case.means]
    listening = _bound()
    yield [code(listening.label), _member(listening.state), "It listens, and nobody is there"]


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
    return _last_words(_connecting(PEER, reconnects=case.reconnects), case)


def _incoming(case: Case) -> str:
    return _last_words(_bound(), case)


def _reason(case: Case) -> str:
    tracker = _connecting(PEER)
    _feed(tracker, case)
    return tracker.sentence.partition("(")[2].removesuffix(")")


def _last_words(tracker: ConnectionTracker, case: Case) -> str:
    """What the last event was told as; where it was no news, how the connection stands."""
    told = _feed(tracker, case)
    return told[-1] if told else tracker.sentence


def _feed(tracker: ConnectionTracker, case: Case) -> list[str]:
    """What the last of the events has told."""
    told: list[str] = []
    for event, value in case.events:
        silent_ms = case.silent_ms if event == zmq.EVENT_DISCONNECTED else 0
        told, _ = tracker.feed(event, value, PEER, silent_ms, case.waited_ms if event == zmq.EVENT_CLOSED else 0)
    return told


class _Unbindable:
    """A socket whose bind fails for a given reason."""

    def __init__(self, number: int) -> None:
        self._number = number

    def bind(self, endpoint: str) -> None:
        raise zmq.ZMQError(self._number)


def _bind_fails(number: int) -> str:
    # An address in figures has no name to resolve: only a name can fail for that reason.
    endpoint = PEER if number == errno.EAGAIN else "ENDPOINT"
    socket: Any = _Unbindable(number)
    try:
        bind_socket(socket, endpoint)
    except SocketSetupError as error:
        return str(error).replace(PEER, "ENDPOINT")
    raise AssertionError("an error that is no error")
