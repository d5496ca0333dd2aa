"""Sampled events on a time line: samples of the listeners -> **trace** -> ui.perfetto.dev, chrome://tracing.

The format is the *Trace Event Format* of Chrome, which Perfetto reads, too. Times are in microseconds. A sampled
message carries its stamp, so three moments are known: it was due, the socket took it, it was received.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench_app.measure.message_samples import MessageSample
from bench_app.transport.stamp import VALID_TIMES, decode_one

if TYPE_CHECKING:
    from bench_app.engine.session import Session

_STAMP = re.compile(rb"1-[0-9a-f]{8}-([0-9a-f]{4})-(" + VALID_TIMES.pattern + rb")")
_STAGES = ("queue", "socket", "wire", "listener")
_MOST_LANES = 1_000_000
"""More than there are samples of a listener."""
_RUN = 1
"""The process of the run's own events. 0 is the idle task for readers."""
_PHASE_SPAN, _PHASE_MOMENT, _PHASE_NAME = "X", "i", "M"


@dataclass(frozen=True)
class SampledEvents:
    """The samples of one listener."""

    handler: str
    listener: str
    samples: tuple[MessageSample, ...]


def trace_json(session: Session) -> str:
    """The trace of a session's sampled events, and the events of the run as moments, as JSON."""
    sampled = [
        SampledEvents(listener.handler.key.name, listener.plan.name, tuple(listener.samples))
        for listener in session.listeners.values()
    ]
    start_ns = session.start_ns or 0
    moments = [(event.at_s, f"{event.source}: {event.message}") for event in session.events]
    return json.dumps({"displayTimeUnit": "ms", "traceEvents": list(trace_events(sampled, start_ns, moments))})


def trace_events(
    sampled: Iterable[SampledEvents], start_ns: int, moments: Iterable[tuple[float, str]] = ()
) -> Iterator[dict[str, Any]]:
    """Each listener is a process of the trace, and each stage a thread of it. Times count from ``start_ns``.

    Spans of one thread must not overlap: Perfetto drops those that do. Messages wait at the same time, so a stage has
    as many threads as spans at a time.
    """
    yield _named("process_name", _RUN, _RUN, "run")
    for at_s, text in moments:
        yield _moment(text, at_s * 1e6, _RUN, _RUN)
    for process, one in enumerate(sampled, start=_RUN + 1):
        yield _named("process_name", process, 0, f"{one.handler} -> {one.listener}")
        events = [event for sample in one.samples for event in _of_sample(sample, start_ns, process)]
        names = {_thread_of(stage, 0): stage for stage in _STAGES}
        for stage in _STAGES:
            spans = [event for event in events if event["name"] == stage and event["ph"] == _PHASE_SPAN]
            for lane in range(1, _spread(spans)):
                names[_thread_of(stage, lane)] = f"{stage} {lane + 1}"
        for thread, name in sorted(names.items()):
            yield _named("thread_name", process, thread, name)
        yield from events


def _spread(spans: list[dict[str, Any]]) -> int:
    """Move spans that overlap to threads of their own. Returns how many threads there are."""
    ends: list[float] = []
    for span in sorted(spans, key=lambda span: span["ts"]):
        lane = next((lane for lane, end in enumerate(ends) if end <= span["ts"]), len(ends))
        ends[lane : lane + 1] = [span["ts"] + span["dur"]]
        span["tid"] += lane
    return len(ends)


def _thread_of(stage: str, lane: int) -> int:
    return 1 + _STAGES.index(stage) * _MOST_LANES + lane


def _of_sample(sample: MessageSample, start_ns: int, process: int) -> Iterator[dict[str, Any]]:
    stamped = _stamp_of(sample)
    received_us = (sample.at_ns - start_ns) / 1e3
    queue, socket, wire, listener = (_thread_of(stage, 0) for stage in _STAGES)
    if stamped is None:
        yield _moment("listener", received_us, process, listener, size=sample.size)
        return
    sequence, intended_ns, sent_ns = stamped
    due_us, sent_us = (intended_ns - start_ns) / 1e3, (sent_ns - start_ns) / 1e3
    common = {"sequence": sequence, "size": sample.size}
    yield _span("queue", due_us, sent_us, process, queue, **common)
    yield _moment("socket", sent_us, process, socket, **common)
    yield _span("wire", sent_us, received_us, process, wire, **common)
    yield _moment("listener", received_us, process, listener, **common)


def _stamp_of(sample: MessageSample) -> tuple[int, int, int] | None:
    for frame in sample.frames:
        found = _STAMP.search(frame)
        if found is not None:
            return decode_one(found[2])
    return None


def _span(name: str, begin_us: float, end_us: float, process: int, thread: int, **values: int) -> dict[str, Any]:
    span_us = max(0.0, end_us - begin_us)
    return {**_event(name, _PHASE_SPAN, begin_us, process, thread), "dur": round(span_us, 3), "args": values}


def _moment(name: str, at_us: float, process: int, thread: int, **values: int) -> dict[str, Any]:
    return {**_event(name, _PHASE_MOMENT, at_us, process, thread), "s": "t", "args": values}


def _event(name: str, phase: str, at_us: float, process: int, thread: int) -> dict[str, Any]:
    return {"name": name, "cat": "event", "ph": phase, "ts": round(at_us, 3), "pid": process, "tid": thread}


def _named(what: str, process: int, thread: int, name: str) -> dict[str, Any]:
    # Some readers expect a category and a time of each event; Chrome writes these.
    place = {"cat": "__metadata", "ts": 0, "pid": process, "tid": thread}
    return {"name": what, "ph": _PHASE_NAME, **place, "args": {"name": name}}
