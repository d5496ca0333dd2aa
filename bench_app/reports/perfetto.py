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
    """Each listener is a process of the trace, and each stage a thread of it. Times count from ``start_ns``."""
    yield _named("process_name", 0, 0, "run")
    for at_s, text in moments:
        yield _moment(text, at_s * 1e6, 0, 0)
    for process, one in enumerate(sampled, start=1):
        yield _named("process_name", process, 0, f"{one.handler} -> {one.listener}")
        for thread, stage in enumerate(_STAGES, start=1):
            yield _named("thread_name", process, thread, stage)
        for sample in one.samples:
            yield from _of_sample(sample, start_ns, process)


def _of_sample(sample: MessageSample, start_ns: int, process: int) -> Iterator[dict[str, Any]]:
    stamped = _stamp_of(sample)
    received_us = (sample.at_ns - start_ns) / 1e3
    if stamped is None:
        yield _moment("listener", received_us, process, 4, size=sample.size)
        return
    sequence, intended_ns, sent_ns = stamped
    due_us, sent_us = (intended_ns - start_ns) / 1e3, (sent_ns - start_ns) / 1e3
    common = {"sequence": sequence, "size": sample.size}
    yield _span("queue", due_us, sent_us, process, 1, **common)
    yield _moment("socket", sent_us, process, 2, **common)
    yield _span("wire", sent_us, received_us, process, 3, **common)
    yield _moment("listener", received_us, process, 4, **common)


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
    return {"name": what, "ph": _PHASE_NAME, "pid": process, "tid": thread, "args": {"name": name}}
