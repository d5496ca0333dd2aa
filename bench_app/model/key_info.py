"""The facts about a preset key in addition to its type and default. Each fact is written once, at the key's field.

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
from enum import Enum
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Meta

from bench_app.model.patterns import PATTERNS, SocketType

ALL_PATTERNS: tuple[SocketType, ...] = tuple(PATTERNS)
"""Every pattern, named by the handler's socket type. A listener has the pattern of its handler."""

LAST = 1000
"""The position of keys without a number of their own: they follow the numbered keys of their group."""

_INFO = "key"
_REFUSED = "refused_for"
_NONE_REFUSED: Mapping[SocketType, str] = MappingProxyType({})


class Change(Enum):
    """The effect of a key's change on a run that is under way."""

    LIVE = "live"
    """The handler or the listener takes the new value at once."""
    RECREATES_SOCKET = "recreates the socket"
    """The handler or the listener continues with a new socket and keeps its counters."""
    RESTARTS_HANDLER = "restarts the handler"
    """The handler and its listeners end. A successor of the same name starts with empty counters."""
    MEMBERSHIP = "membership"
    """The handler joins the run or leaves it."""
    NEXT_START = "next start"
    """The run keeps the old value; the next run takes the new one."""
    NONE = "none"
    """The key has no effect on a run."""
    PER_KEY = "per key"
    """The value is an object whose keys each have a :class:`Change` of their own."""


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


class ZmqOption(msgspec.Struct, frozen=True):
    """The libzmq option that a key sets.

    :mod:`bench_app.transport.set_options` sets the options of a connection and of a listener.
    :mod:`bench_app.handlers.socket` sets those of a handler's config, some of them after bind or connect, or on an
    open socket.

    Attributes:
        name: the option's constant in pyzmq. The model itself imports no zmq.
        unset: the value for which the bench does not set the option, so that libzmq's own default applies. None: the
            bench always sets the option.
        value_by_text: the option's value for each text that the key can have; empty for a key with numbers or
            booleans.
    """

    name: str
    unset: int | None = 0
    value_by_text: Mapping[str, int] = msgspec.field(default_factory=dict)


class KeyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The facts about one key, written at its field.

    Attributes:
        change: the effect of the key's change on a run that is under way.
        group: the part of the forms that shows the key.
        position: the key's place in its group; keys with the same position keep the order of the spec.
        only_for: the socket types for which the key has an effect; other socket types ignore it.
        refused_for: socket types for which the key must keep its default, each with the reason. The reason ends the
            message about the fault.
        zmq: the libzmq option that the key sets, if any.
        unit: the unit of the value, as people write it; "" for a value without a unit.
        label: the key's name on a form; "" means the key itself, spelled out.
        lines: how many lines a text may need on a form.
        slider: whether the form has a slider for the key.
        start: the first value on a form for a key that has no default.
        entry: the placeholder for a key of this object in a path, such as ``NAME`` or ``SINK``.
    """

    change: Change = Change.NONE
    group: Group = Group.NOT_ON_A_FORM
    position: int = LAST
    only_for: tuple[SocketType, ...] = ALL_PATTERNS
    refused_for: Mapping[SocketType, str] = msgspec.field(default_factory=dict)
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
    """The annotation of a key; see :class:`KeyInfo`. The type gives ranges and lengths, with ``Meta``."""
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
    """The facts that :func:`key` and :func:`refused_for` put into the ``extra`` of a field; None for a plain field."""
    info: KeyInfo | None = (extra or {}).get(_INFO)
    if info is None or extra is None or _REFUSED not in extra:
        return info
    return msgspec.structs.replace(info, refused_for=extra[_REFUSED])
