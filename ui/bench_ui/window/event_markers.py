"""Marks events of a run on the plots: events -> **event markers** -> plots."""

from __future__ import annotations

from collections.abc import Iterable

from bench_app.engine.events import EventKind, RunEvent
from bench_ui.plots.board import PlotBoard


def mark_events(board: PlotBoard, events: Iterable[RunEvent]) -> None:
    """Mark the events that plots show. Events before the start of the run are before the time axis begins."""
    for event in events:
        if event.marker and event.at_s > 0:
            board.mark(event.at_s, marker_text(event), is_change(event))


def is_change(event: RunEvent) -> bool:
    """True if a setting was changed; False for any other event."""
    return event.kind is EventKind.CHANGE


def marker_text(event: RunEvent) -> str:
    """The text of a marker. The message of a change names its handler; other messages get their source in front."""
    return event.message if is_change(event) else f"{event.source}: {event.message}"
