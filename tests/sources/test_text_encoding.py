"""Encodings are recognised by the first bytes."""

from __future__ import annotations

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.record import BrokenFileError
from bench_app.sources.text_encoding import as_utf8

TEXT = '{"ort": "Köln", "日本": "\U0001f600"}\n' * 5_000


def read(content: bytes) -> tuple[bytes, str]:
    file, name = as_utf8(io.BufferedReader(io.BytesIO(content)))
    return file.read(), name


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8 with a byte order mark"),
        (TEXT.encode("utf-16"), "UTF-16 with a byte order mark"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16 with a byte order mark"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-32"), "UTF-32 with a byte order mark"),
    ],
)
def test_each_encoding(content: bytes, name: str) -> None:
    assert read(content) == (TEXT.encode(), name)


@pytest.mark.parametrize("content", [b"", b"a", b"ab", b"\xff", b"a\0", b"\xfe\xfd\xff\xff"])
def test_other_content_is_unchanged(content: bytes) -> None:
    assert read(content)[0] == content


def test_half_a_character_at_the_end_is_named() -> None:
    with pytest.raises(BrokenFileError, match="UTF-16 text is broken: truncated data"):
        read("abc".encode("utf-16")[:-1])


def test_a_lone_surrogate_is_no_utf8() -> None:
    content, _ = read("a\ud800b".encode("utf-16", "surrogatepass"))
    with pytest.raises(UnicodeDecodeError):
        content.decode()


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_any_text_survives(text: str, encoding: str) -> None:
    assert read(f"{{{text}".encode(encoding))[0] == f"{{{text}".encode()
