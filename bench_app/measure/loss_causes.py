"""Every way to lose an event, in one table: counters -> **causes of loss** -> strip, plots, tables, archive, checks.

A counter is a loss if, and only if, it is the key of a cause in this table. All code that lists or adds up losses reads
the table, so all totals of one run agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from bench_app.model.patterns import Delivery, pattern_of

LossColor = Literal["overflow", "timeout", "aborted", "lost", "before_join"]
"""Names of colours. The window's theme and the terminal's styles each have a value for every name."""


class Stage(IntEnum):
    """The part of an event's way where the event is lost, in the order of the way."""

    QUEUE = 1
    """The handler's own queue."""
    SOCKET = 2
    """Between the queue and the socket, which has not accepted the event."""
    ON_THE_WAY = 3
    """Between the socket and the listener, after the socket accepted the event."""
    REPLY = 4
    """The way of a reply back to the handler."""


@dataclass(frozen=True, kw_only=True)
class LossCause:
    """One way to lose an event.

    Attributes:
        key: the name of the counter in ledgers, results, time series and checks.
        label: the name in tables and plots.
        tooltip: the explanation for the user.
        stage: where the event is lost.
        color: the name of the colour.
        deliveries: the deliveries that have this counter.
        by_listeners_only: whether only the listeners count it, so that the handler's figure is their sum.
    """

    key: str
    label: str
    tooltip: str
    stage: Stage
    color: LossColor
    deliveries: frozenset[Delivery] = frozenset(Delivery)
    by_listeners_only: bool = False

    @property
    def known_at_listeners(self) -> bool:
        """Whether each listener has a figure of its own if each listener should get every message."""
        return self.stage is Stage.ON_THE_WAY

    def concerns(self, socket_type: str) -> bool:
        """Whether handlers of this socket type can lose events this way."""
        return pattern_of(socket_type).delivery in self.deliveries


LOSS_CAUSES = (
    LossCause(
        key="queue_overflow",
        label="overflow",
        tooltip="The handler's queue was full (queue_size).",
        stage=Stage.QUEUE,
        color="overflow",
    ),
    LossCause(
        key="send_timeout",
        label="timeout",
        tooltip="The socket did not take the event within send_timeout.",
        stage=Stage.SOCKET,
        color="timeout",
    ),
    LossCause(
        key="aborted",
        label="aborted",
        tooltip="The handler gave up connecting, or was stopped and linger ran out, before the event was sent.",
        stage=Stage.SOCKET,
        color="aborted",
    ),
    LossCause(
        key="request_timeout",
        label="no reply",
        tooltip="No attempt of the request was answered within request_timeout.",
        stage=Stage.REPLY,
        color="timeout",
        deliveries=frozenset({Delivery.REQUEST}),
    ),
    LossCause(
        key="lost",
        label="lost",
        tooltip=(
            "The socket accepted the message, and no listener received it. During a run, a gap shows it, or more "
            "messages are on the way than the connection can hold."
        ),
        stage=Stage.ON_THE_WAY,
        color="lost",
    ),
    LossCause(
        key="before_join",
        label="before join",
        tooltip="The message was sent before the listener's subscription was in effect.",
        stage=Stage.ON_THE_WAY,
        color="before_join",
        deliveries=frozenset({Delivery.EACH}),
        by_listeners_only=True,
    ),
)
"""All causes. The causes that the handler counts come first, then the causes that only the listeners reveal."""

LOSS_CAUSES_BY_STAGE = tuple(sorted(LOSS_CAUSES, key=lambda cause: cause.stage))
"""All causes in the order of an event's way."""

LISTENER_LOSS_CAUSES = tuple(cause for cause in LOSS_CAUSES if cause.known_at_listeners)
"""The causes for which a single listener has a figure."""
