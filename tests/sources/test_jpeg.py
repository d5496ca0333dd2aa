"""A picture of any length is a complete JPEG."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.jpeg import grey_jpeg

SMALLEST = 141


def segments(image: bytes) -> list[int]:
    """The markers of a JPEG, each found by the length of the segment before it."""
    assert image[:2] == b"\xff\xd8"
    found: list[int] = []
    at = 2
    while at < len(image):
        assert image[at] == 0xFF
        found.append(image[at + 1])
        if found[-1] == 0xD9:
            assert at + 2 == len(image)
            break
        at += 2 + int.from_bytes(image[at + 2 : at + 4], "big")
        if found[-1] == 0xDA:
            at = image.index(b"\xff", at)
    return found


@given(st.integers(0, 1000) | st.integers(65_500, 66_000) | st.integers(131_000, 131_500))
def test_every_size_gives_a_complete_picture_of_about_that_size(size: int) -> None:
    image = grey_jpeg(size, Random(1))
    assert segments(image)[-2:] == [0xDA, 0xD9]
    assert len(image) % 3 == 0, "base64 needs no padding"
    assert max(SMALLEST, size - 5) <= len(image) <= max(SMALLEST, size)
