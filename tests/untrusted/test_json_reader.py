"""The reader of JSON: limits of depth and size, and one kind of error for whatever comes."""

from __future__ import annotations

import msgspec
import pytest

from bench_app.untrusted import json_reader
from bench_app.untrusted.json_depth import MAX_DEPTH
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError, JsonReader

BROKEN = [b"", b"{", b"\xff", b'"\xff"', b'"\\ud800"', b"NaN", b"1e400", b"[1,]", b"nonsense", b'{"a"}', b"\x00"]


class Point(msgspec.Struct):
    x: int


def test_plain_data_and_typed_values() -> None:
    assert ANY_JSON.read(b'{"a":[1,2.5,null,123456789012345678901234567890]}') == {
        "a": [1, 2.5, None, 123456789012345678901234567890]
    }
    assert ANY_JSON.read('"日本"') == "日本"
    assert JsonReader(Point).read(b'{"x":1}') == Point(1)


@pytest.mark.parametrize("text", [*BROKEN, "\ud800", "{"])
def test_what_is_not_json_is_refused(text: bytes | str) -> None:
    with pytest.raises(BadJsonError) as caught:
        ANY_JSON.read(text)
    assert not caught.value.is_over_limit


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(BadJsonError, match="Expected `int`"):
        JsonReader(Point).read(b'{"x":"1"}')


@pytest.mark.parametrize("kind", [object, msgspec.Raw, Point])
@pytest.mark.parametrize("deep", [b"[" * 3000, b'{"a":' * 3000, b"[" * 500 + b"]" * 500, b'{"x":' + b"[" * 1_000_000])
def test_deep_nesting_is_refused_before_it_is_parsed(kind: type[object], deep: bytes) -> None:
    with pytest.raises(BadJsonError, match=f"nested too deeply: more than {MAX_DEPTH} levels") as caught:
        JsonReader(kind).read(deep)
    assert caught.value.is_over_limit


def test_a_text_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_reader, "MAX_BYTES", 5)
    assert ANY_JSON.read(b"12345") == 12345
    with pytest.raises(BadJsonError, match="longer than 5 bytes"):
        ANY_JSON.read(b"123456")
