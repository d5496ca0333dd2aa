"""Messages: JSON out and in, and the topic found in frames."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import InputError
from bench_app.library.message import ClientFraming, Message, decode, encode, message_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    # Making a value takes nearly all the time of a test, so values are small.
    max_leaves=20,
)


@given(JSON)
def test_a_value_that_json_can_hold_is_read_back(value: Any) -> None:
    assert decode(encode(value)) == value


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("event", [object(), {1j: 1}, "\ud800", nested(100_000)], ids=["object", "key", "text", "deep"])
def test_a_value_that_json_cannot_hold_is_an_input_error(event: Any) -> None:
    with pytest.raises(InputError, match="this event cannot be written as JSON"):
        encode(event)


@pytest.mark.parametrize("body", [b"", b"no json", b"\xff", b"[" * 100_000])
def test_bytes_that_are_not_json_stay_bytes(body: bytes) -> None:
    assert decode(body) == body


@pytest.mark.parametrize(
    ("frames", "topic", "value"),
    [
        ([b"a.b", b'{"id":1}'], "a.b", {"id": 1}),
        ([b'a.b {"id": 1}'], "a.b", {"id": 1}),
        ([b'{"id": 1}'], "", {"id": 1}),
        ([b"[1, 2]"], "", [1, 2]),
        ([b'"a b"'], "", "a b"),
        ([b"7"], "", 7),
        ([b"\xff", b"1"], "\ufffd", 1),
    ],
)
def test_a_topic_is_found_in_a_frame_of_its_own_or_before_a_blank(frames: list[bytes], topic: str, value: Any) -> None:
    message = message_of(frames, has_topic=True)
    assert (message.topic, message.value) == (topic, value)


def test_without_topics_the_last_frame_is_the_body() -> None:
    assert message_of([b"", b'{"a": 1}'], has_topic=False) == Message("", {"a": 1}, b'{"a": 1}')
    assert message_of([b"a 1"], has_topic=False) == Message("", b"a 1", b"a 1")


@pytest.mark.parametrize(
    ("framing", "frames", "topic", "value"),
    [
        ("frames", [b"a b", b"[1]", b"stamp"], "a b", [1]),
        ("auto", [b"a", b"[1]", b"stamp"], "a", [1]),
        ("frames", [b"a 1"], "a 1", b""),
        ("joined", [b"a [1]", b"stamp"], "a", [1]),
        ("joined", [b'{"a" 1'], '{"a"', 1),
        ("joined", [b"1"], "", 1),
    ],
)
def test_topic_and_value_are_where_the_framing_says_and_no_frame_is_cut(
    framing: ClientFraming, frames: list[bytes], topic: str, value: Any
) -> None:
    message = message_of(frames, True, framing)
    assert (message.topic, message.value, message.frames) == (topic, value, tuple(frames))


def test_messages_are_equal_by_topic_value_and_raw() -> None:
    one = Message("a", [1], b"[1]", (b"a", b"[1]"), 7)
    assert one == Message("a", [1], b"[1]") and hash(one) == hash(Message("a", [1], b"[1]"))
    assert one != Message("b", [1], b"[1]") and one != "a"
