"""The wire stamp: its fixed width, and reading in bulk compared with reading one text at a time in plain Python."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench_app.transport import stamp

INT63_MAX = 2**63 - 1
LOWER_HEX = frozenset(b"0123456789abcdef")

identities = st.builds(stamp.Identity, run=st.integers(0, 2**32 - 1), handler=st.integers(0, 2**16 - 1))
numbers = st.integers(0, INT63_MAX)
rows = st.tuples(numbers, numbers, numbers)
json_objects = st.dictionaries(
    st.text(max_size=8).filter(lambda key: key != "_bench"),
    st.none() | st.integers() | st.text(max_size=20),
    max_size=5,
)


def oracle(text: bytes) -> tuple[int, int, int] | None:
    """One text, read with ``int(x, 16)``; None if ``stamp.times`` never writes such a text."""
    parts = text.split(b"-")
    if len(parts) != 3 or any(len(part) != 16 or not LOWER_HEX.issuperset(part) for part in parts):
        return None
    first, second, third = (int(part, 16) for part in parts)
    return (first, second, third) if max(first, second, third) <= INT63_MAX else None


def assert_decoded_like_oracle(texts: list[bytes]) -> None:
    decoded, valid = stamp.decode_times(texts)
    expected = [oracle(text) for text in texts]
    assert decoded.shape == (len(texts), 3)
    assert decoded.dtype == np.int64
    assert valid.dtype == np.bool_
    assert valid.tolist() == [row is not None for row in expected]
    assert [tuple(row) for row in decoded.tolist()] == [row or (0, 0, 0) for row in expected]
    assert [stamp.decode_one(text) for text in texts] == expected


@st.composite
def broken_texts(draw: st.DrawFn) -> bytes:
    """A valid text, damaged in one of several ways."""
    text = bytearray(stamp.times(*draw(rows)))
    at = draw(st.integers(0, len(text) - 1))
    match draw(st.sampled_from(["other byte", "cut", "longer", "missing", "upper", "over 63 bits", "blank", "moved"])):
        case "other byte":
            text[at] = draw(st.integers(0, 255))
        case "cut":
            del text[at:]
        case "longer":
            text[at:at] = draw(st.binary(min_size=1, max_size=3))
        case "missing":
            del text[at]
        case "upper":
            text = text.upper()
        case "over 63 bits":
            text[draw(st.sampled_from([0, 17, 34]))] = draw(st.sampled_from(b"89abcdef"))
        case "blank":
            text[at : at + 2] = draw(st.sampled_from([b"  ", b"\t\n", b"0x", b"+1", b"_1", b"\xd9\xa1"]))
        case "moved":
            text[16], text[at] = text[at], text[16]
    return bytes(text)


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


@given(st.lists(rows, max_size=40))
@example([])
@example([(0, 0, 0)])
@example([(INT63_MAX, INT63_MAX, INT63_MAX)])
def test_a_written_text_is_read_back(written: list[tuple[int, int, int]]) -> None:
    decoded, valid = stamp.decode_times([stamp.times(*row) for row in written])
    assert [tuple(row) for row in decoded.tolist()] == written
    assert valid.all()


@given(st.lists(rows.map(lambda row: stamp.times(*row)) | broken_texts() | st.binary(max_size=60), max_size=12))
def test_reads_valid_texts_among_broken_ones(texts: list[bytes]) -> None:
    assert_decoded_like_oracle(texts)


VALID = stamp.times(1, 2, 3)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"-",
        VALID[:-1],
        VALID[1:],
        VALID + b"0",
        VALID * 2,
        VALID.replace(b"-", b"_"),
        VALID.replace(b"-", b"0"),
        VALID.replace(b"0", b"-"),
        VALID[:15] + b"-" + VALID[16:],
        VALID[:16] + b"0" + VALID[17:],
        VALID[:17] + b"-" + VALID[18:33] + b"0" + VALID[34:],
        VALID[:-1] + b"A",
        VALID[:-1] + b"g",
        VALID[:-1] + b" ",
        VALID[:-2] + b"  ",
        VALID[:-1] + b"\n",
        VALID[:-1] + b"\x00",
        VALID[:-1] + b"\xff",
        VALID[:-2] + "١".encode(),
        b"0x" + VALID[2:],
        b"+" + VALID[1:],
        b"8" + VALID[1:],
        b"f" * 16 + VALID[16:],
        VALID[:17] + b"8" + VALID[18:],
        VALID[:34] + b"f" * 16,
    ],
)
@pytest.mark.parametrize("at", [0, 1, 2, None])
def test_a_broken_text_affects_no_other(broken: bytes, at: int | None) -> None:
    others = [stamp.times(4, 5, 6), stamp.times(INT63_MAX, 0, 7)]
    texts = [broken] if at is None else [*others[:at], broken, *others[at:]]
    assert_decoded_like_oracle(texts)


@pytest.mark.parametrize("row", [(-1, 0, 0), (0, -5, 0), (0, 0, -(2**63)), (2**63, 0, 0), (0, 2**64 - 1, 0)])
def test_numbers_outside_63_bits_are_not_valid(row: tuple[int, int, int]) -> None:
    texts = [stamp.times(7, 8, 9), stamp.times(*row), stamp.times(10, 11, 12)]
    decoded, valid = stamp.decode_times(texts)
    assert valid.tolist() == [True, False, True]
    assert decoded.tolist() == [[7, 8, 9], [0, 0, 0], [10, 11, 12]]


@pytest.mark.parametrize("cut", [1, 16, 49])
def test_two_texts_that_are_divided_at_the_wrong_place_are_both_broken(cut: int) -> None:
    joined = stamp.times(1, 2, 3) + stamp.times(4, 5, 6)
    at = stamp.TIMES_LENGTH + cut
    assert_decoded_like_oracle([joined[:at], joined[at:]])
