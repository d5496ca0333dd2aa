"""Marks events of a run on the plots: events -> **event markers** -> plots."""

from __future__ import annotations

from collections.abc import Iterable

from bench_app.engine.events import EventKind, RunEvent
from bench_ui.plots.board import PlotBoard
from bench_ui.plots.mark import Mark, MarkKind

_KINDS = {
    EventKind.CHANGE: MarkKind.CHANGE,
    EventKind.FURTHER_CHANGE: MarkKind.CHANGE,
    EventKind.NOTE: MarkKind.NOTE,
    EventKind.STEP: MarkKind.NOTE,
    EventKind.FAULT: MarkKind.FAULT,
}


def mark_events(board: PlotBoard, events: Iterable[RunEvent]) -> None:
    """Mark the events that plots show. Events before the start of the run are before the time axis begins."""
    for event in events:
        if event.marker and event.at_s > 0:
            mark = Mark(event.at_s, marker_text(event), kind_of(event), short_text(event))
            board.mark(mark, extends_last=event.kind is EventKind.FURTHER_CHANGE)


def kind_of(event: RunEvent) -> MarkKind:
    """The kind of an event's mark. An error is a fault, whatever caused it."""
    return MarkKind.FAULT if event.is_error else _KINDS.get(event.kind, MarkKind.EVENT)


def _names_its_source(event: RunEvent) -> bool:
    return event.kind in (EventKind.CHANGE, EventKind.FURTHER_CHANGE, EventKind.NOTE)


def short_text(event: RunEvent) -> str:
    """The text of a marker without the name of its handler or listener, for a narrow place; "" if it has no name."""
    if event.kind is EventKind.STEP:
        return event.source.rpartition(" ")[2]
    return event.message.partition(": ")[2] if _names_its_source(event) else event.message


def marker_text(event: RunEvent) -> str:
    """The text of a marker. The message of a change names its handler; other messages get their source in front."""
    if event.kind is EventKind.STEP:
        # The caption is above the plots; the mark says when it came.
        return f"step {short_text(event)}"
    return event.message if _names_its_source(event) else f"{event.source}: {event.message}"
