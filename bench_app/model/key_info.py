"""What the bench knows of a preset key beside its type and default. It stands at the key's field, once.

Forms, documentation, JSON Schema, the plan of a change, the checks of a preset and the socket options all read it
through :mod:`bench_app.model.keys`. A new key is one field::

    type_of_service: Annotated[
        Count,
        key(
            "Type of service of the connection's IP packets (IP_TOS)",
            change=Change.RECREATES_SOCKET,
            group=Group.CONNECTION,
            zmq=ZmqOption("TOS"),
        ),
    ] = 0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from msgspec import Meta

from bench_app.model.patterns import PATTERNS, SocketType

ALL_PATTERNS: tuple[SocketType, ...] = tuple(PATTERNS)
"""Every pattern, named by the handler's socket type. A listener's pattern is that of its handler."""

LAST = 1000
"""The position of keys that follow the numbered ones of their group."""

_INFO = "key"
_REFUSED = "refused_for"
_NONE_REFUSED: Mapping[SocketType, str] = MappingProxyType({})


class Change(Enum):
    """What a run under way does when a key changes."""

    LIVE = "live"
    """The handler or the listener takes the new value at once."""
    RECREATES_SOCKET = "recreates the socket"
    """The handler or the listener goes on, with a new socket."""
    RESTARTS_HANDLER = "restarts the handler"
    """The handler ends with its listeners, and a successor of the same name starts with empty counters."""
    MEMBERSHIP = "membership"
    """The handler joins the run or leaves it."""
    NEXT_START = "next start"
    """The run goes on with the old value."""
    NONE = "none"
    """The key plays no part in a run."""
    PER_KEY = "per key"
    """The value is made of keys that each have an effect of their own."""


class Group(Enum):
    """The part of the window's forms that shows a key, with its heading."""

    HANDLER = "Handler"
    SOCKET = "Socket and queue"
    BENCH = "On the bench"
    CONNECTION = "Connection"
    LISTENER = "Listener"
    LOAD = "Load"
    EVENTS = "Events"
    RUN = "The run"
    NOT_ON_A_FORM = ""


@dataclass(frozen=True)
class ZmqOption:
    """The libzmq option that a key sets.

    :mod:`bench_app.transport.set_options` sets the options of a connection and of a listener. Those of a handler's
    config are set by :mod:`bench_app.handlers.socket`, some of them after bind or connect, or on an open socket.

    Attributes:
        name: The option's constant in pyzmq. The model itself imports no zmq.
        unset: The value for which the option is not set, so that libzmq's own default stays; None: it is always set.
        words: The option's value for each word that the key can be; empty where the key is a number or a switch.
    """

    name: str
    unset: int | None = 0
    words: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class KeyInfo:
    """What stands at the field of a key.

    Attributes:
        change: What a run under way does when the key changes.
        group: The part of the forms that shows the key.
        position: The key's place in its group; keys with the same position keep the order of the spec.
        only_for: The socket types for which the key has an effect; for others it is ignored.
        refused_for: Socket types for which the key must keep its default, and why: the end of the fault's message.
        zmq: The libzmq option that the key sets, if any.
        unit: The unit of the value, as people write it; "" where it has none.
        label: The key's name on a form; "" stands for the key itself, spelled out.
        lines: How many lines a text may need on a form.
        slider: Whether the form has a slider for the key.
        start: What a form begins with for a key that has no default.
        entry: What the documentation calls a key inside this object.
    """

    change: Change = Change.NONE
    group: Group = Group.NOT_ON_A_FORM
    position: int = LAST
    only_for: tuple[SocketType, ...] = ALL_PATTERNS
    refused_for: Mapping[SocketType, str] = field(default_factory=dict)
    zmq: ZmqOption | None = None
    unit: str = ""
    label: str = ""
    lines: int = 1
    slider: bool = False
    start: Any = None
    entry: str = "NAME"

    @property
    def patterns(self) -> tuple[SocketType, ...]:
        """The socket types for which the key can be used."""
        return tuple(pattern for pattern in self.only_for if pattern not in self.refused_for)


def key(
    description: str,
    *,
    change: Change,
    group: Group,
    position: int = LAST,
    only_for: tuple[SocketType, ...] = ALL_PATTERNS,
    refused_for: Mapping[SocketType, str] = _NONE_REFUSED,
    zmq: ZmqOption | None = None,
    unit: str = "",
    label: str = "",
    lines: int = 1,
    slider: bool = False,
    start: Any = None,
    entry: str = "NAME",
    examples: Sequence[Any] | None = None,
) -> Meta:
    """The annotation of a key; see :class:`KeyInfo`. Ranges and lengths stand at the type, with ``Meta``."""
    info = KeyInfo(
        change=change,
        group=group,
        position=position,
        only_for=only_for,
        refused_for=refused_for,
        zmq=zmq,
        unit=unit,
        label=label,
        lines=lines,
        slider=slider,
        start=start,
        entry=entry,
    )
    return Meta(description=description, examples=None if examples is None else list(examples), extra={_INFO: info})


def refused_for(reasons: Mapping[SocketType, str]) -> Meta:
    """An annotation for a key that two specs share: the socket types that refuse it in this spec, and why."""
    return Meta(extra={_REFUSED: reasons})


def info_in(extra: Mapping[str, Any] | None) -> KeyInfo | None:
    """What :func:`key` and :func:`refused_for` put into the ``extra`` of a field; None for a field without them."""
    info: KeyInfo | None = (extra or {}).get(_INFO)
    if info is None or extra is None or _REFUSED not in extra:
        return info
    return replace(info, refused_for=extra[_REFUSED])
