"""The texts of the flow strip: flow, and the baseline's flow -> **texts** of stages and losses -> strip. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench_app.measure.loss_causes import LOSS_CAUSES_BY_STAGE, LossCause, Stage
from bench_ui.panels.flow import Flow
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK

LOSS_COLUMNS = {Stage.QUEUE: 1, Stage.SOCKET: 2, Stage.ON_THE_WAY: 3, Stage.REPLY: 4}
"""The stage of the strip under which each stage's losses are."""
_LOST = "lost"
SCOPE_TIP = "The events of these are counted: the lines selected in the tree, or all if none is selected."
UNKNOWN_TIP = "Its consumer is your own: what arrived is unknown to the bench."
_STAGE_TIPS = {
    "offered": "Events that the sources offered to the handlers since the start of the run.",
    "queue": "Events that wait in the handlers' own queues, and how many these queues hold (queue_size).",
    "accepted": "Messages that the sockets accepted. offered = overflow + timeout + aborted + queued + accepted",
    "on the way": "Accepted, and not yet known to be received or lost: in socket buffers, in the kernel, on the wire.",
    "received": "Distinct messages that listeners received. A PUB's message counts for each subscriber that gets it.",
    "replied": "Requests whose reply came back.",
}


@dataclass(frozen=True)
class StageText:
    """One stage of the strip. ``note`` is below the number; ``baseline`` is the baseline's number, or None."""

    name: str
    number: str
    color: str
    note: str
    tooltip: str
    baseline: int | None = None


@dataclass(frozen=True)
class LossText:
    """One cause of loss under its stage. ``text`` is the full text, ``short_text`` the one for little room.

    ``color`` is "muted" without a loss. ``baseline`` is the baseline's number, 0 without one.
    """

    text: str
    short_text: str
    color: str
    tooltip: str
    has_losses: bool
    baseline: int = 0


def end_name(flow: Flow) -> str:
    """The name of the last stage: a request is replied, another message is received."""
    return "replied" if flow.only_requests else "received"


def stages_of(flow: Flow, baseline: Flow | None) -> list[StageText]:
    """The five stages from left to right."""
    end = end_name(flow)
    unknown = flow.is_arrival_unknown
    ended = number_format.NOTHING if unknown else number_format.count(flow.received)
    on_the_way = number_format.NOTHING if unknown else number_format.count(flow.in_flight)
    capacity = f"of {flow.queue_size:,}" if flow.queue_size else ""
    offered, accepted, received = (_rate_text(flow, rate) for rate in flow.rates)
    stages = (
        ("offered", number_format.count(flow.offered), "offered", offered),
        ("queue", number_format.count(flow.queued), "queue", capacity),
        ("accepted", number_format.count(flow.accepted), "accepted", accepted),
        ("on the way", on_the_way, "text", _fits_text(flow)),
        (end, ended, "received", received),
    )
    before = {} if baseline is None else _baseline_counts(baseline, end)
    return [
        StageText(name, number, color, note, _tooltip(_stage_tip(name, number), before.get(name)), before.get(name))
        for name, number, color, note in stages
    ]


def losses_of(flow: Flow, baseline: Flow | None) -> dict[int, list[LossText]]:
    """The causes of loss by the place of their stage."""
    groups: dict[int, list[LossText]] = {}
    for cause in _causes_of(flow):
        groups.setdefault(LOSS_COLUMNS[cause.stage], []).append(_loss_text(cause, flow, baseline))
    return groups


def description_of(flow: Flow, baseline: Flow | None) -> str:
    """The whole strip as one text, for screen readers."""
    end = end_name(flow)
    losses = ", ".join(f"{cause.label} {_loss_count(cause, flow)}" for cause in _causes_of(flow))
    if flow.overfull is not None:
        losses += f" ({flow.overfull.text})"
    unknown = flow.is_arrival_unknown
    ended = f"{end} unknown" if unknown else f"on the way {flow.in_flight:,}, {end} {flow.received:,}"
    text = f"offered {flow.offered:,}, queued {flow.queued:,}, accepted {flow.accepted:,}, {ended}; {losses}"
    if baseline is None:
        return text
    return f"{text}; baseline: offered {baseline.offered:,}, {end} {baseline.received:,}"


def _causes_of(flow: Flow) -> Iterable[LossCause]:
    """The causes that a flow has a number for, in the order of an event's way."""
    return (cause for cause in LOSS_CAUSES_BY_STAGE if cause.key in flow.losses)


def _loss_count(cause: LossCause, flow: Flow) -> str:
    """The losses of a cause; unknown if only listeners know them and none of them is the bench's own."""
    if flow.is_arrival_unknown and cause.known_at_listeners:
        return number_format.NOTHING
    return number_format.count(flow.losses[cause.key])


def _loss_text(cause: LossCause, flow: Flow, baseline: Flow | None) -> LossText:
    count = flow.losses[cause.key]
    before = None if baseline is None else baseline.losses[cause.key]
    # A part of the number is a lower bound until a gap shows the exact number.
    overfull = flow.overfull if cause.key == _LOST else None
    least = "" if overfull is None else "≥ "
    none = f"{cause.label} {_loss_count(cause, flow)}"
    return LossText(
        text=f"↓ {cause.label} {least}{count:,}" if count else none,
        short_text=f"↓ {cause.label} {least}{number_format.short(count)}" if count else none,
        color=cause.color if count else "muted",
        tooltip=_tooltip(cause.tooltip if overfull is None else f"{cause.tooltip}\n{overfull.text}", before),
        has_losses=bool(count),
        baseline=before or 0,
    )


def _fits_text(flow: Flow) -> str:
    return "" if flow.overfull is None else f"at most {flow.overfull.fits:,} fit"


def _stage_tip(name: str, number: str) -> str:
    return f"{_STAGE_TIPS[name]}\n{UNKNOWN_TIP}" if number == number_format.NOTHING else _STAGE_TIPS[name]


def _rate_text(flow: Flow, rate: float) -> str:
    text = number_format.rate(rate)
    if text == number_format.NOTHING:
        return ""
    return f"mean {text}" if flow.over else text


def _baseline_counts(baseline: Flow, end: str) -> dict[str, int]:
    return {"offered": baseline.offered, "accepted": baseline.accepted, end: baseline.received}


def _tooltip(text: str, baseline: int | None) -> str:
    if baseline is None:
        return text
    return f"{text}\n{BASELINE_MARK} {baseline:,}: the baseline, at the same moment of its run."
