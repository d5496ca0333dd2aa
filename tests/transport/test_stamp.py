"""The wire stamp: its place in an event, its fixed width, and what a patch changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.transport import stamp

INT63_MAX = 2**63 - 1

identities = st.builds(stamp.Identity, run=st.integers(0, 2**32 - 1), handler=st.integers(0, 2**16 - 1))
numbers = st.integers(0, INT63_MAX)
rows = st.tuples(numbers, numbers, numbers)
json_objects = st.dictionaries(
    st.text(max_size=8).filter(lambda key: key != "_bench"),
    st.none() | st.integers() | st.text(max_size=20),
    max_size=5,
)


@given(identities, json_objects)
def test_wrap_makes_the_stamp_the_first_key_and_keeps_the_rest(
    identity: stamp.Identity, event: dict[str, object]
) -> None:
    body = stamp.wrap(identity, json.dumps(event).encode())
    read = json.loads(body)
    assert next(iter(read)) == "_bench"
    assert read.pop("_bench") == f"1-{identity.run:08x}-{identity.handler:04x}-" + "-".join(["0" * 16] * 3)
    assert read == event


@given(identities, json_objects)
def test_wrap_adds_field_cost_bytes(identity: stamp.Identity, event: dict[str, object]) -> None:
    text = json.dumps(event).encode()
    assert len(stamp.wrap(identity, text)) - len(text) == stamp.FIELD_COST - (0 if event else 1)


@pytest.mark.parametrize("empty", [b"{}", b"{ }", b"{\n\t}", b"{ } "])
def test_wrap_of_an_object_without_keys_leaves_no_comma(empty: bytes) -> None:
    body = stamp.wrap(stamp.Identity(1, 2), empty)
    assert list(json.loads(body)) == ["_bench"]


def test_wrap_takes_an_object_written_over_many_lines() -> None:
    body = stamp.wrap(stamp.Identity(1, 2), b'{\n  "a": {}\n}\n')
    read = json.loads(body)
    assert list(read) == ["_bench", "a"]


def test_wrap_does_not_change_the_event() -> None:
    event = bytearray(b'{"a":1}')
    stamp.wrap(stamp.Identity(1, 2), event)
    assert event == b'{"a":1}'


@given(identities, rows, json_objects)
def test_patching_changes_no_length_and_nothing_else(
    identity: stamp.Identity, row: tuple[int, int, int], event: dict[str, object]
) -> None:
    body = stamp.wrap(identity, json.dumps(event).encode())
    length = len(body)
    body[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(*row)
    assert len(body) == length
    read = json.loads(body)
    text = read.pop("_bench")
    assert text == f"1-{identity.run:08x}-{identity.handler:04x}-" + "-".join(f"{number:016x}" for number in row)
    assert read == event


@given(identities, rows)
def test_all_parts_have_a_fixed_width(identity: stamp.Identity, row: tuple[int, int, int]) -> None:
    assert len(identity.text) == stamp.IDENTITY_LENGTH == 16
    assert len(stamp.times(*row)) == stamp.TIMES_LENGTH == 50
    assert len(stamp.frame(identity)) == stamp.TEXT_LENGTH == 66
    assert stamp.wrap(identity, b"{}").index(stamp.frame(identity)) == len(stamp.KEY)
    assert len(stamp.KEY) + stamp.IDENTITY_LENGTH == stamp.TIMES_AT


def test_each_call_makes_a_new_frame() -> None:
    identity = stamp.Identity(1, 2)
    first = stamp.frame(identity)
    first[-1:] = b"f"
    assert stamp.frame(identity).endswith(b"0")


def test_the_text_is_the_documented_one() -> None:
    identity = stamp.Identity(0xDEADBEEF, 0x12)
    assert identity.text + stamp.times(1, 2, 0xFF) == (
        b"1-deadbeef-0012-0000000000000001-0000000000000002-00000000000000ff"
    )
