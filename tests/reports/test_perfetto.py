from __future__ import annotations

from bench_app.measure.message_samples import MessageSample
from bench_app.reports.perfetto import SampledEvents, trace_events
from bench_app.transport import stamp

START_NS = 1_000_000_000


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
        (0, 0): "run",
        (1, 0): "h -> l",
        (1, 1): "queue",
        (1, 2): "socket",
        (1, 3): "wire",
        (1, 4): "listener",
    }


def test_a_message_without_a_stamp_is_a_moment() -> None:
    events = list(trace_events([SampledEvents("h", "l", (MessageSample(START_NS + 5000, 3, (b"abc",)),))], START_NS))
    assert [(event["name"], event["ts"]) for event in events if event["ph"] != "M"] == [("listener", 5)]
