"""A step of a preset's timeline: what a run changes, does and shows at a second of the run, or on a key."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bench_app.model.key_info import Change, Group, key
from bench_app.model.spec import Name, Seconds, SecondsOrZero, Spec

NEXT = "next"
"""The time of a step that waits for a key."""
END = "end"
"""The time of a step that comes when the run is over and its ledger is final."""

Act = Literal["kill", "pause", "resume", "stall", "send", "reconnect", "end"]
"""What a step does to a unit."""

ACTS_ON_HANDLERS: tuple[Act, ...] = ("send", "reconnect", "end")
"""The acts that only a handler can carry out."""
ACTS_ON_THE_RUN: tuple[Act, ...] = ("end",)
"""The acts that need no unit: without one, they are about the whole run."""

PLOTS = ("latency", "throughput", "drops", "distribution", "queue", "machine")
"""The names of the window's plots, which a step can show alone."""

_step = partial(key, change=Change.NEXT_START, group=Group.NOT_ON_A_FORM)

Caption = Annotated[str, Meta(max_length=400)]


class TimelineStep(Spec, frozen=True):
    """One step. The steps of a timeline come one after the other, in the order of the preset."""

    at_s: Annotated[
        SecondsOrZero | Literal["next", "end"],
        _step(
            'Second of the run at which the step comes; "next" waits for a key, in the terminal for a second; "end" is '
            "when the run is over and the ledger final",
            unit="s",
            examples=[5.0, "next"],
        ),
    ]
    until: Annotated[
        str | tuple[str, ...],
        _step(
            "Check, or list of checks, that must hold before the step comes, in the grammar of bench.checks; also of "
            "rate_now, the rate of the last second, and of counts since the step before, such as new.lost",
            examples=["zmq-publisher/slow: lost > 1000"],
        ),
    ] = ()
    set: Annotated[
        dict[str, Any],
        _step(
            "Values that the step sets, each by its path in the preset",
            examples=[{"bench.listeners.zmq-publisher[0].delay_ms": 0}],
            entry="PATH",
        ),
    ] = msgspec.field(default_factory=dict)
    act: Annotated[
        Act | None,
        _step(
            "What the step does to the unit: kill ends its worker process, which is replaced; stall pauses it for "
            "for_s seconds; send offers one event; reconnect lets a handler that gave up try again; end stops the "
            "handler, or without a unit the whole run"
        ),
    ] = None
    unit: Annotated[
        Name | None,
        _step("Unit that the step acts on: HANDLER or HANDLER/LISTENER", examples=["zmq-publisher/slow"]),
    ] = None
    for_s: Annotated[Seconds, _step("Length of a stall", unit="s")] = 1.0
    event: Annotated[
        dict[str, Any] | None,
        _step("Event that send offers; default: an object with the number of the step", examples=[{"alert": 1}]),
    ] = None
    show: Annotated[
        Name | None,
        _step(
            f"What the window shows from now on: a handler by its name, or one plot large ({', '.join(PLOTS)})",
            examples=["latency"],
        ),
    ] = None
    caption: Annotated[
        Caption,
        _step(
            "Sentence that the window shows in large letters and the terminal prints; {HANDLER: METRIC} stands for the "
            "value at that moment",
            examples=["{zmq-publisher/slow: lost} events are lost, and no send has failed"],
        ),
    ] = ""

    @property
    def waits_for_key(self) -> bool:
        """Whether the step comes when a key is pressed, and at no certain time."""
        return self.at_s == NEXT

    @property
    def is_at_end(self) -> bool:
        """Whether the step comes when the run is over."""
        return self.at_s == END

    @property
    def conditions(self) -> tuple[str, ...]:
        """The checks that must hold before the step comes."""
        return (self.until,) if isinstance(self.until, str) else self.until
