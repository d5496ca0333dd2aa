"""The compiled stamp is that of ``bench_app.transport.stamp``, for sound and for damaged texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.transport import stamp
from tests.compiled import compiled

stamp_digits = compiled("stamp_digits")

NUMBERS = st.integers(0, 2**63 - 1)


@given(sequence=NUMBERS, intended_ns=NUMBERS, sent_ns=NUMBERS, anywhere=st.booleans())
def test_it_writes_and_reads_the_text_of_a_stamp(sequence: int, intended_ns: int, sent_ns: int, anywhere: bool) -> None:
    text = stamp.times(sequence, intended_ns, sent_ns)
    assert stamp_digits.write(sequence, intended_ns, sent_ns, anywhere) == text
    assert stamp_digits.read(text, anywhere) == (sequence, intended_ns, sent_ns)


@given(
    numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS),
    at=st.integers(0, stamp.TIMES_LENGTH - 1),
    byte=st.one_of(st.sampled_from(b"0123456789abcdefABCDEFgG-@`/:"), st.integers(0, 255)),
    anywhere=st.booleans(),
)
def test_it_refuses_exactly_the_texts_that_the_python_reader_refuses(
    numbers: tuple[int, int, int], at: int, byte: int, anywhere: bool
) -> None:
    text = bytearray(stamp.times(*numbers))
    text[at] = byte
    assert stamp_digits.read(bytes(text), anywhere) == stamp.decode_one(text)


@pytest.mark.parametrize("text", [b"", b"0" * 49, b"0" * 51])
def test_it_refuses_a_text_of_another_length(text: bytes) -> None:
    assert stamp_digits.read(text) is None
