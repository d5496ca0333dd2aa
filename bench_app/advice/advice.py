"""The type of an advice: what is lost, why, the sum, and the settings with which nothing would be lost."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from bench_app.measure.loss_causes import LOSS_CAUSES

PAGE = "explanation/adviser"
_LABELS = {cause.key: cause.label for cause in LOSS_CAUSES}

Value = bool | int | float | str


class Rule(StrEnum):
    """Why events are lost."""

    SLOW_CONSUMER = "slow_consumer"
    """The consumers take fewer events per second than are offered."""
    BURST = "burst"
    """The consumer takes enough on average, but a stall or a burst is longer than the connection is large."""
    TOO_FEW_WORKERS = "too_few_workers"
    """The workers of a PUSH take fewer events per second together than are offered."""
    QUEUE_OVERFLOW = "queue_overflow"
    """The handler's queue is too small for the time in which its socket takes nothing."""
    SEND_TIMEOUT = "send_timeout"
    """``send_timeout`` is shorter than the time in which the socket takes nothing."""
    REQUEST_TIMEOUT = "request_timeout"
    """``request_timeout`` and ``retries`` are too short for the service."""
    SLOW_JOINER = "slow_joiner"
    """The handler sends before its listener has subscribed."""
    HEARTBEAT = "heartbeat"
    """Heartbeats disconnect a consumer that is only slow."""
    RECONNECT = "reconnect"
    """There is no peer, or the handler has given up connecting."""
    DEAD_WORKER = "dead_worker"
    """A listener's process ended, and the messages that waited at it are gone."""


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What loses events, and the settings with which nothing would be lost.

    Attributes:
        rule: why events are lost.
        unit: the title of the handler or listener that loses them.
        cause: the counter that has most of the losses.
        events_lost: how many events are lost for this reason.
        is_certain: whether the loss follows from the settings alone, and from no measured speed.
        why: the reason with its sum, as a sentence without a full stop.
        remedy: what would help, with the alternatives there are, as a sentence without a full stop.
        sum: the numbers of the sum.
        proposal: the settings that would help, by the path in the preset; empty if no setting does.
        proposed: the proposal in words, as a sentence without a full stop; "" if there is none.
        caveat: why the reading is bent, as a sentence without a full stop; "" if it is sound.
    """

    rule: Rule
    unit: str
    cause: str
    events_lost: int
    is_certain: bool
    why: str
    remedy: str
    sum: dict[str, float]
    proposal: dict[str, Value]
    proposed: str = ""
    caveat: str = ""

    @property
    def loss(self) -> str:
        """What is lost, in short, such as ``45,300 lost`` or ``12 lost (timeout)``."""
        how = "" if self.cause == "lost" else f" ({_LABELS[self.cause]})"
        return f"{self.events_lost:,} lost{how}"

    @property
    def message(self) -> str:
        """The whole advice as a line. It says first if the reading is bent."""
        caveat = f"{self.caveat}. " if self.caveat else ""
        return f"{caveat}{self.unit}, {self.loss}: {self.texts[0]}"

    @property
    def texts(self) -> tuple[str, ...]:
        """Reason, remedy and proposal without the loss, the longest text first: for a line that may be too short.

        A sum begins with its two main numbers, so what follows the colon in the reason is left out first, then what
        would do. The settings that are proposed stay.
        """
        first = self.why.partition(": ")[0]
        return (
            _sentences(self.why, self.remedy, self.proposed),
            _sentences(first, self.remedy, self.proposed),
            _sentences(first, self.proposed or self.remedy),
        )

    @property
    def short_message(self) -> str:
        """The loss, the main numbers of its reason, and what is proposed."""
        bent = "Reading bent. " if self.caveat else ""
        return f"{bent}{self.unit}, {self.loss}: {self.texts[-1]}"

    @property
    def settings(self) -> list[str]:
        """The proposal as ``PATH=VALUE``, as ``--set`` takes each."""
        return [f"{path}={_json(value)}" for path, value in self.proposal.items()]

    @property
    def page(self) -> str:
        """The page and the heading of the documentation that explain the rule."""
        return f"{PAGE}#{self.rule.replace('_', '-')}"


def _sentences(*texts: str) -> str:
    first, *others = (text for text in texts if text)
    return f"{'. '.join([first, *(text[:1].upper() + text[1:] for text in others)])}."


def _json(value: Value) -> str:
    return msgspec.json.encode(value).decode()
