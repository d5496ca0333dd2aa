"""What the rules know of a handler and its listeners: settings, load, and counts. Plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench_app.measure.backlog import Consumer, mean_rate
from bench_app.measure.ledger import HandlerCounts
from bench_app.model import ConstantLoad, HandlerBench, HandlerConfig, ListenerSpec, Load, Pattern
from bench_app.model.json_path import JsonPath, format_path


@dataclass(frozen=True, kw_only=True)
class ListenerSituation:
    """One listener.

    Attributes:
        title: its name with that of its handler.
        name: its name.
        spec: its settings.
        path: where its settings are in the preset; None if they are not there, or if the consumer is the user's own.
        lost: messages that it should have received after it had joined.
        before_join: messages that it missed because it had not joined.
        share: the part of the accepted messages whose topic it subscribed to.
        rate: messages per second that it took while it read, with the settings of now; 0 if that is not known.
        holds: how many messages its connection held when it was full; None if that is not known.
        deaths: how often its process ended in the run.
    """

    title: str
    name: str
    spec: ListenerSpec
    path: JsonPath | None
    lost: int = 0
    before_join: int = 0
    share: float = 1.0
    rate: float = 0.0
    holds: int | None = None
    deaths: int = 0

    @property
    def pause_ms(self) -> float:
        """The time that it spends on a message by its settings, in the mean."""
        return self.spec.delay_ms + self.spec.delay_jitter_ms / 2

    @property
    def fastest(self) -> float:
        """Messages per second that its settings allow at most."""
        return 1000 / self.pause_ms if self.pause_ms else math.inf

    @property
    def pace(self) -> float:
        """Messages per second that it takes: as measured if that fits its settings, otherwise by its settings."""
        return self.rate if 0.3 * self.fastest < self.rate <= self.fastest else self.fastest

    @property
    def consumer(self) -> Consumer:
        """Its speed and its stall by its settings, for a sum."""
        return Consumer(self.pace, self.spec.stall)

    def setting(self, key: str) -> str:
        """The path of one of its settings."""
        assert self.path is not None
        return format_path((*self.path, key))


@dataclass(frozen=True, kw_only=True)
class HandlerSituation:
    """One handler.

    Attributes:
        name: its name.
        config: its settings for production.
        bench: the settings that the bench adds.
        binds: whether it binds.
        endpoint: where it binds or connects to.
        load: the load of its source.
        offered_rate: events per second that it was offered, for a load that has no rate of its own.
        duration_s: for how many seconds the run offers events.
        counts: its counters.
        lost: messages that were accepted and not received.
        listeners: its listeners.
        ever_connected: whether a peer was connected at any time.
        gave_up: whether it has given up connecting.
        message_bytes: the mean size of its messages.
    """

    name: str
    config: HandlerConfig
    bench: HandlerBench
    binds: bool = True
    endpoint: str = ""
    load: Load
    offered_rate: float = 0.0
    duration_s: float
    counts: HandlerCounts
    lost: int = 0
    listeners: tuple[ListenerSituation, ...] = ()
    ever_connected: bool = True
    gave_up: bool = False
    message_bytes: float = 0.0

    @property
    def pattern(self) -> Pattern:
        """How its messages are delivered."""
        return self.config.pattern

    @property
    def drops_when_full(self) -> bool:
        """Whether its socket drops messages for a full connection; other sockets wait."""
        return self.pattern.drops_when_full and not self.bench.no_drop

    @property
    def steady_load(self) -> Load:
        """Its load; for one without a rate of its own, the measured rate."""
        return self.load if mean_rate(self.load, 1.0) is not None else ConstantLoad(rate=max(1e-3, self.offered_rate))

    @property
    def rate(self) -> float:
        """Events per second that it is offered, in the mean of the run."""
        return mean_rate(self.steady_load, self.duration_s) or 0.0

    @property
    def lost_at_socket(self) -> int:
        """The events that its queue or its socket did not take."""
        return self.counts.queue_overflow + self.counts.send_timeout

    @property
    def left_at_end(self) -> int:
        """The events that still waited in its queue when its linger was over, unless it had no peer any more."""
        return self.counts.aborted if self.ever_connected and not self.gave_up else 0

    @property
    def lost_in_queue(self) -> int:
        """The events that its socket did not take in time, at any time or at the end."""
        return self.lost_at_socket + self.left_at_end

    @property
    def queue_cause(self) -> str:
        """The counter with most of what was lost in its queue."""
        losses = {
            "queue_overflow": self.counts.queue_overflow,
            "send_timeout": self.counts.send_timeout,
            "aborted": self.left_at_end,
        }
        return max(losses, key=losses.__getitem__)

    @property
    def lost_in_all(self) -> int:
        """All events that were lost."""
        return self.lost_at_socket + self.counts.aborted + self.counts.request_timeout + self.lost

    @property
    def main_cause(self) -> str:
        """The counter with most of the losses."""
        counts = self.counts
        losses = {
            "queue_overflow": counts.queue_overflow,
            "send_timeout": counts.send_timeout,
            "aborted": counts.aborted,
            "request_timeout": counts.request_timeout,
            "lost": self.lost,
        }
        return max(losses, key=losses.__getitem__)

    def config_setting(self, key: str) -> str:
        """The path of one of its settings for production."""
        return format_path(("output", "handlers", self.name, "config", key))

    def bench_setting(self, key: str) -> str:
        """The path of one of the settings that the bench adds."""
        return format_path(("bench", "handlers", self.name, key))
