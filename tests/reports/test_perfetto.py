from __future__ import annotations

from itertools import pairwise
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.message_samples import MessageSample
from bench_app.reports.perfetto import SampledEvents, trace_events
from bench_app.transport import stamp

START_NS = 1_000_000_000


def event_schema(phase: str, **keys: Any) -> dict[str, Any]:
    """A kind of event as Chrome's document *Trace Event Format* describes it. Some readers need each of its keys."""
    number, whole, text = {"type": "number"}, {"type": "integer"}, {"type": "string", "minLength": 1}
    properties = {"name": text, "cat": text, "ph": {"const": phase}, "ts": number, "pid": whole, "tid": whole, **keys}
    return {
        "type": "object",
        "properties": {**properties, "args": keys.get("args", {"type": "object"})},
        "required": list(properties),
        "additionalProperties": False,
    }


COMPLETE = event_schema("X", dur={"type": "number", "minimum": 0})
INSTANT = event_schema("i", s={"enum": ["g", "p", "t"]})
METADATA = event_schema(
    "M",
    name={"enum": ["process_name", "thread_name"]},
    args={"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
)


def stamped(sequence: int, due_ns: int, sent_ns: int, received_ns: int) -> MessageSample:
    text = stamp.Identity(7, 1).text + stamp.times(sequence, due_ns, sent_ns)
    return MessageSample(received_ns, 500, (b"topic", b'{"_bench":"' + text + b'"}'))


def test_a_sample_is_a_span_for_each_part_of_its_way() -> None:
    sample = stamped(42, START_NS + 1000, START_NS + 3000, START_NS + 9000)
    events = list(trace_events([SampledEvents("h", "l", (sample,))], START_NS, [(2.0, "h: connected")]))
    spans = {event["name"]: (event["ts"], event["dur"]) for event in events if event["ph"] == "X"}
    assert spans == {"queue": (1, 2), "wire": (3, 6)}
    moments = {event["name"]: event["ts"] for event in events if event["ph"] == "i"}
    assert moments == {"h: connected": 2_000_000, "socket": 3, "listener": 9}
    assert all(event["args"]["sequence"] == 42 for event in events if event["ph"] == "X")
    names = {(event["pid"], event["tid"]): event["args"]["name"] for event in events if event["ph"] == "M"}
    assert names == {
        (1, 1): "run",
        (2, 0): "h -> l",
        (2, 1): "queue",
        (2, 1_000_001): "socket",
        (2, 2_000_001): "wire",
        (2, 3_000_001): "listener",
    }


def test_a_message_without_a_stamp_is_a_moment() -> None:
    events = list(trace_events([SampledEvents("h", "l", (MessageSample(START_NS + 5000, 3, (b"abc",)),))], START_NS))
    assert [(event["name"], event["ts"]) for event in events if event["ph"] != "M"] == [("listener", 5)]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20), st.integers(0, 90)), max_size=12))
def test_spans_of_one_thread_never_overlap(ways: list[tuple[int, int, int]]) -> None:
    samples = [
        stamped(number, START_NS + 1000 * due, START_NS + 1000 * (due + queued), START_NS + 1000 * (due + queued + way))
        for number, (due, queued, way) in enumerate(ways)
    ]
    events = list(trace_events([SampledEvents("h", "l", tuple(samples))], START_NS))
    named = {(event["pid"], event["tid"]): event["args"]["name"] for event in events if event["ph"] == "M"}
    threads: dict[int, list[tuple[float, float]]] = {}
    for event in events:
        if event["ph"] == "X":
            assert named[2, event["tid"]].startswith(event["name"])
            threads.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    assert sum(map(len, threads.values())) == 2 * len(ways)
    for spans in threads.values():
        assert all(end <= begin for (_, end), (begin, _) in pairwise(sorted(spans)))


def test_the_trace_follows_the_format_of_chrome() -> None:
    samples = (stamped(42, START_NS + 1000, START_NS + 3000, START_NS + 9000), MessageSample(START_NS, 3, (b"abc",)))
    events = list(trace_events([SampledEvents("h", "l", samples)], START_NS, [(2.0, "h: connected")]))
    assert {event["ph"] for event in events} == {"X", "i", "M"}
    jsonschema.validate(events, {"type": "array", "items": {"anyOf": [COMPLETE, INSTANT, METADATA]}})
