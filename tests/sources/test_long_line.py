"""Values one after the other on a line that is longer than its pieces."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources import long_line, record
from bench_app.sources.json_text import read_json_text
from bench_app.sources.long_line import LongLine
from bench_app.sources.record import BadRecord, Record, SkipReason

HEAD = 7


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_line, "PIECE_BYTES", HEAD)


def line_of(content: bytes, number: int = 3) -> tuple[LongLine, io.BytesIO]:
    file = io.BytesIO(content)
    return LongLine(number, file.read(HEAD), file), file


def values(content: bytes) -> list[Record | BadRecord]:
    line, file = line_of(content + b"\nnext")
    found = list(line.values())
    assert file.read() == b"next"
    return found


def test_the_values_of_a_line() -> None:
    assert values(b'{"a":[1,{}]}  {"b":"}{\\"\\\\"}[{"c": 2}]\x1e{}') == [
        Record(3, b'{"a":[1,{}]}'),
        Record(3, b'{"b":"}{\\"\\\\"}'),
        Record(3, b'[{"c": 2}]'),
        Record(3, b"{}"),
    ]


@pytest.mark.parametrize("rest", [b'"x"', b"1 {}", b", {}", b'} {"c":1}', b"x{}{}{}{}{}{}"])
def test_anything_else_ends_the_line(rest: bytes) -> None:
    first, second = values(b'{"a":"long enough"}' + rest)
    assert first == Record(3, b'{"a":"long enough"}')
    assert isinstance(second, BadRecord)
    assert second.reason == SkipReason.NOT_JSON


@pytest.mark.parametrize("rest", [b'{"a":"not ended', b'{"a":[1', b"word"])
def test_what_is_cut_is_a_record_that_is_no_value(rest: bytes) -> None:
    assert values(b'{"a":"long enough"} ' + rest)[1:] == [Record(3, rest)]


def test_a_value_that_is_too_long_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MAX_RECORD_BYTES", 20)
    too_long = BadRecord(3, "longer than 20 bytes", SkipReason.OVER_LIMIT)
    short = b'{"a":"is short"}'
    assert values(short + b'{"a":"is a bit longer"}' + short) == [Record(3, short), too_long, Record(3, short)]
    assert values(short + b'{"a":"' + b"x" * 100 + b'"}' + short) == [Record(3, short), too_long]


def test_the_line_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    line, file = line_of(b'{"a":"x y z"} {}\nnext')
    assert line.whole() == Record(3, b'{"a":"x y z"} {}\n')
    assert file.read() == b"next"
    monkeypatch.setattr(record, "MAX_RECORD_BYTES", 10)
    line, file = line_of(b'{"a":"x y z"} {}\nnext')
    assert line.whole() == BadRecord(3, "longer than 10 bytes", SkipReason.OVER_LIMIT)
    assert file.read() == b"next"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a"\\\\{}[]ö ', max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=3), max_size=6), st.sampled_from(["", " ", "\x1e"]))
def test_objects_are_the_same_in_pieces_of_any_size(events: list[Any], between: str) -> None:
    content = between.join(json.dumps(event, ensure_ascii=False) for event in events).encode()
    found = list(read_json_text(io.BytesIO(content)))
    assert [json.loads(one.text) for one in found if isinstance(one, Record)] == events
    assert len(found) == len(events)


def test_a_long_line_within_a_value_over_several_lines() -> None:
    content = b'{\n "a": [\n{"b": "long enough"}, {"c": "long enough"}\n]\n}\n{"d": "after it all"}'
    found = list(read_json_text(io.BytesIO(content)))
    assert [json.loads(one.text) for one in found if isinstance(one, Record)] == [
        {"a": [{"b": "long enough"}, {"c": "long enough"}]},
        {"d": "after it all"},
    ]
