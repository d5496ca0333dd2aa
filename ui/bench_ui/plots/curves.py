"""What the plots draw, as plain arrays: tracks and what is selected -> **curves**. Pure numpy, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set

import numpy as np

from bench_app.measure.arrays import Floats
from bench_app.measure.time_series import TimeSeries, rates, rates_over
from bench_ui.scope import Scope

DROP_CAUSES = {
    "queue_overflow": "overflow",
    "send_timeout": "timeout",
    "aborted": "aborted",
    "request_timeout": "timeout",
    "lost": "lost",
    "before_join": "before_join",
}
"""Every way to lose an event, from the handler's queue to the listener, with its colour."""
DROPS_OVER_S = 1.0
MEASURES = ("service", "response", "round_trip", "lateness")


Tracks = Mapping[str, TimeSeries]


def times(tracks: Tracks, scope: Scope) -> Floats:
    """The time axis; all tracks of a run are sampled at the same moments."""
    track = next(iter(_handlers(tracks, scope)), None)
    return np.empty(0) if track is None else track.column("at_s")


def handlers(tracks: Tracks, scope: Scope) -> dict[str, TimeSeries]:
    """The handlers' tracks of the scope, by name."""
    return {name: track for name, track in tracks.items() if "offered" in track.columns and scope.takes(name)}


def _handlers(tracks: Tracks, scope: Scope) -> list[TimeSeries]:
    return list(handlers(tracks, scope).values())


def listeners(tracks: Tracks, scope: Scope) -> list[TimeSeries]:
    """The listeners' tracks of the scope."""
    names = {name for name, track in tracks.items() if "offered" in track.columns}
    owners = {name: owner(name, names) for name in tracks if name not in names}
    return [
        tracks[name]
        for name, handler in owners.items()
        if scope.takes(handler) and scope.listener in ("", name.removeprefix(f"{handler}/"))
    ]


def owner(name: str, handlers: Set[str]) -> str:
    """The handler that ``handler/listener`` or ``handler/measure`` belongs to; names of handlers may have slashes."""
    handler = name.rpartition("/")[0]
    while handler and handler not in handlers:
        handler = handler.rpartition("/")[0]
    return handler


def latency(tracks: Tracks, scope: Scope, measure: str) -> dict[str, Floats]:
    """Each quantile of a measure in ns; of several handlers or listeners the worst one's."""
    sources = _measuring(tracks, scope, measure)
    return {
        quantile: _worst([track.column(f"{measure}.{quantile}") for track in sources])
        for quantile in ("p50", "p90", "p99", "p99_9")
    }


def measured_by(tracks: Tracks, scope: Scope, measure: str) -> int:
    """How many listeners, or handlers, have values of a measure."""
    sources = _measuring(tracks, scope, measure)
    return sum(bool(len(track)) and bool(np.isfinite(track.column(f"{measure}.p50")).any()) for track in sources)


def _measuring(tracks: Tracks, scope: Scope, measure: str) -> list[TimeSeries]:
    return listeners(tracks, scope) if measure in ("service", "response") else _handlers(tracks, scope)


def throughput(tracks: Tracks, scope: Scope, in_bytes: bool) -> dict[str, Floats]:
    """Messages a second, or MB/s (where what was offered is not known in bytes)."""
    chosen = _handlers(tracks, scope)
    ones = listeners(tracks, scope)
    if in_bytes:
        return {"accepted": rates(chosen, "bytes") / 1e6, "received": rates(ones, "bytes") / 1e6}
    received = rates(ones, "received") if scope.listener else rates(chosen, "received", "received_s")
    return {"offered": rates(chosen, "offered"), "accepted": rates(chosen, "accepted"), "received": received}


def drops(tracks: Tracks, scope: Scope) -> dict[str, Floats]:
    """Events lost a second by cause, over the last :data:`DROPS_OVER_S`; at a listener only what is lost on the way."""
    if scope.listener:
        causes: tuple[str, ...] = ("lost", "before_join")
        tracks_of = listeners(tracks, scope)
    else:
        causes = tuple(DROP_CAUSES)
        tracks_of = _handlers(tracks, scope)
    return {cause: np.nan_to_num(rates_over(tracks_of, cause, DROPS_OVER_S)) for cause in causes}


def queue(tracks: Tracks, scope: Scope) -> dict[str, Floats]:
    """Events in the handlers' queues, and on the way (REQ: without a reply yet)."""
    chosen = _handlers(tracks, scope)
    return {name: _sum(track.column(name) for track in chosen) for name in ("queued", "in_flight")}


def count_at(track: TimeSeries, column: str, at_s: float) -> int:
    """A counter as of the last sample at a moment of the run; 0 before the first."""
    place = int(np.searchsorted(track.column("at_s"), at_s, side="right")) - 1
    return int(track.column(column)[place]) if place >= 0 else 0


def with_lone_points(y: Floats) -> Floats:
    """To be drawn: a value between two gaps is held since the sample before, as a line needs two points."""
    if len(y) < 2:
        return y
    known = np.isfinite(y)
    lone = known[1:] & ~known[:-1] & np.append(~known[2:], True)
    drawn = y.copy()
    drawn[:-1][lone] = y[1:][lone]
    return drawn


def _sum(arrays: Iterable[Floats]) -> Floats:
    return _fold(arrays, np.add)


def _worst(arrays: Iterable[Floats]) -> Floats:
    return _fold(arrays, np.fmax)


def _fold(arrays: Iterable[Floats], operation: Callable[[Floats, Floats], Floats]) -> Floats:
    folded: Floats | None = None
    for array in arrays:
        folded = array.copy() if folded is None else operation(folded, array)
    return np.empty(0) if folded is None else folded
