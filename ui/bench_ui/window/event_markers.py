"""Marks events of a run on the plots: events -> **event markers** -> plots."""

from __future__ import annotations

from collections.abc import Iterable

from bench_app.engine.events import EventKind, RunEvent
from bench_ui.plots.board import PlotBoard


def mark_events(board: PlotBoard, events: Iterable[RunEvent]) -> None:
    """Mark those of the events that plots show. What happened before the start of the run has no place on them."""
    for event in events:
        if event.marker and event.at_s > 0:
            board.mark(event.at_s, marker_text(event), is_change(event))


def is_change(event: RunEvent) -> bool:
    """True if the event is a change of a setting; False if it is something that happened."""
    return event.kind is EventKind.CHANGE


def marker_text(event: RunEvent) -> str:
    """The text of a marker. A change names its handler itself; other events get their source in front."""
    return event.message if is_change(event) else f"{event.source}: {event.message}"
