"""A stream is what was sent, whatever the order of its segments."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from bench_app.captures import stream as stream_module
from bench_app.captures.segments import Segment
from bench_app.captures.stream import Stream

DATA = bytes(range(256)) * 4
BASE = 2**32 - 300


def segment(begin: int, end: int, captured: int | None = None, is_first: bool = False) -> Segment:
    data = DATA[begin:end]
    number = (BASE + begin - is_first) % 2**32
    return Segment(begin, "a:1", "b:2", number, is_first, False, data[:captured], len(data))


def read(segments: list[Segment]) -> tuple[bytes, int]:
    """The bytes of a stream, with a hole as dots, and how many bytes are missing."""
    stream = Stream(segment(0, 0, is_first=True))
    chunks = [chunk for one in segments for chunk in stream.add(one)] + list(stream.end())
    return b"".join(b"." * chunk.missing + chunk.data for chunk in chunks), stream.missing


@given(st.data())
def test_order_and_repetition_do_not_matter(data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(DATA) - 1), max_size=12)))
    edges = [0, *cuts, len(DATA)]
    parts = [segment(begin, end) for begin, end in itertools.pairwise(edges)]
    again = data.draw(st.lists(st.sampled_from(parts), max_size=5))
    begins = data.draw(st.lists(st.integers(0, len(DATA) - 100), max_size=3))
    overlapping = [segment(begin, begin + 100) for begin in begins]
    assert read(data.draw(st.permutations([*parts, *again, *overlapping]))) == (DATA, 0)


def test_a_segment_that_was_not_captured_is_a_hole() -> None:
    assert read([segment(0, 10), segment(20, 30)]) == (DATA[:10] + b"." * 10 + DATA[20:30], 10)
    # The capture has only the beginning of a segment.
    assert read([segment(0, 10, captured=4), segment(10, 20)]) == (DATA[:4] + b"." * 6 + DATA[10:20], 6)
    assert read([segment(0, 10, captured=4)]) == (DATA[:4] + b"." * 6, 6)


def test_too_much_that_waits_ends_the_wait() -> None:
    stream = Stream(segment(0, 0, is_first=True))
    large = Segment(0, "a:1", "b:2", (BASE + 1) % 2**32, False, False, bytes(10), stream_module.MOST_WAITING_BYTES + 1)
    (chunk,) = stream.add(large)
    assert (chunk.missing, chunk.data) == (1, bytes(10))
