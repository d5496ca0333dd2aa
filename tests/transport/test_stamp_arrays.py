"""Many stamps read at once, compared with reading one text at a time in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench_app.transport import stamp
from bench_app.transport.stamp_arrays import decode_times

INT63_MAX = 2**63 - 1
LOWER_HEX = frozenset(b"0123456789abcdef")

numbers = st.integers(0, INT63_MAX)
rows = st.tuples(numbers, numbers, numbers)


def oracle(text: bytes) -> tuple[int, int, int] | None:
    """One text, read with ``int(x, 16)``; None if ``stamp.times`` never writes such a text."""
    parts = text.split(b"-")
    if len(parts) != 3 or any(len(part) != 16 or not LOWER_HEX.issuperset(part) for part in parts):
        return None
    first, second, third = (int(part, 16) for part in parts)
    return (first, second, third) if max(first, second, third) <= INT63_MAX else None


def assert_decoded_like_oracle(texts: list[bytes]) -> None:
    decoded, valid = decode_times(texts)
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


@given(st.lists(rows, max_size=40))
@example([])
@example([(0, 0, 0)])
@example([(INT63_MAX, INT63_MAX, INT63_MAX)])
def test_a_written_text_is_read_back(written: list[tuple[int, int, int]]) -> None:
    decoded, valid = decode_times([stamp.times(*row) for row in written])
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
    decoded, valid = decode_times(texts)
    assert valid.tolist() == [True, False, True]
    assert decoded.tolist() == [[7, 8, 9], [0, 0, 0], [10, 11, 12]]


@pytest.mark.parametrize("cut", [1, 16, 49])
def test_two_texts_that_are_divided_at_the_wrong_place_are_both_broken(cut: int) -> None:
    joined = stamp.times(1, 2, 3) + stamp.times(4, 5, 6)
    at = stamp.TIMES_LENGTH + cut
    assert_decoded_like_oracle([joined[:at], joined[at:]])
