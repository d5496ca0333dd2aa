"""Records of JSON text: lines, values one after the other, values over several lines."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources import json_text, record
from bench_app.sources.json_text import read_json_text
from bench_app.sources.record import BadRecord, Record
from tests.sources.record_files import BOM, read


def records(content: bytes) -> list[tuple[int, Any]]:
    """The number and the value of each record; the text of what is no JSON."""
    found: list[tuple[int, Any]] = []
    for each in read_json_text(io.BytesIO(content)):
        assert isinstance(each, Record)
        try:
            found.append((each.number, json.loads(each.text)))
        except ValueError:
            found.append((each.number, each.text.decode()))
    return found


class TestJsonLines:
    def test_lines_are_unchanged_except_for_blanks_at_both_ends(self, tmp_path: Path) -> None:
        content = BOM + b'{"a": 1.10}\r\n\n  {"b":"\xc3\xa9"}  \n \n{"c":1}'
        found = read(tmp_path / "a.jsonl", content)
        assert found == [Record(1, b'{"a": 1.10}'), Record(3, b'{"b":"\xc3\xa9"}'), Record(5, b'{"c":1}')]

    def test_a_line_that_is_too_long_is_skipped(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(record, "MAX_RECORD_BYTES", 50)
        monkeypatch.setattr(record, "_SKIP_BYTES", 7)
        long = b'{"a":"' + b"x" * 100 + b'"}'
        found = read(tmp_path / "a.jsonl", b'{"a":1}\n' + long + b'\n{"a":2}\n' + long)
        assert found[0] == Record(1, b'{"a":1}')
        assert found[2] == Record(3, b'{"a":2}')
        assert [bad.number for bad in found if isinstance(bad, BadRecord)] == [2, 4]


PRETTY = b"""{
  "a": [
    {"b": 1},
    {"b": "}{ ]"}
  ]
}
{
  "a": []
}{
  "a": {}
}
"""


def test_values_over_several_lines() -> None:
    assert records(PRETTY) == [(1, {"a": [{"b": 1}, {"b": "}{ ]"}]}), (7, {"a": []}), (9, {"a": {}})]


@pytest.mark.parametrize("content", [b'{"a":1}{"a":2}', b'{"a":1}  {"a":2}\n', b'\x1e{"a":1}\n\x1e{"a":2}\n'])
def test_values_one_after_the_other(content: bytes) -> None:
    assert [value for _, value in records(content)] == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "broken",
    [
        *('{"a":', '{"a":1,', '{"a":{"b":[1', '{"a":[1}', '{"a":"open', '{"a":"x\\', "nonsense", "}", "]"),
        *('{"a":1} x', '{"a":1}]', '{"a":[1,2]', '"text'),
    ],
)
def test_after_a_broken_line_the_next_one_is_read(broken: str) -> None:
    found = records(f'{{"n":1}}\n{broken}\n{{"n":2}}\n{{"n":3}}\n'.encode())
    good = [value for _, value in found if isinstance(value, dict)]
    assert good == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [value for _, value in found if not isinstance(value, dict)] == [broken]


def test_objects_on_lines_of_their_own_inside_a_value() -> None:
    content = b'{"events": [\n{"a":1},\n{"a":2}\n],\n"of":\n{"b":3}\n}\n'
    assert records(content) == [(1, {"events": [{"a": 1}, {"a": 2}], "of": {"b": 3}})]


def test_a_value_over_many_lines_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_RECORD_BYTES", 1000)
    content = b'{"a": [\n' + b"  1,\n" * 1000 + b'{"n":1}\n'
    found = list(read_json_text(io.BytesIO(content)))
    assert any(isinstance(each, BadRecord) and "longer than" in each.message for each in found)
    assert found[-1] == Record(1002, b'{"n":1}')


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
EVENTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=6)


@given(EVENTS, st.sampled_from([None, 0, 1, 4]), st.sampled_from(["", "\n", "\r\n", "\n\n", " "]), st.booleans())
def test_any_objects_are_read_in_any_layout(
    events: list[Any], indent: int | None, between: str, is_ascii: bool
) -> None:
    content = between.join(json.dumps(event, indent=indent, ensure_ascii=is_ascii) for event in events)
    found = records(content.encode())
    assert [value for _, value in found] == events


@given(st.lists(st.text('{}[]",:\\ ax1', max_size=12), max_size=8))
def test_any_text_is_read_to_its_end(lines: list[str]) -> None:
    assert all(1 <= number <= len(lines) for number, _ in records("\n".join(lines).encode()))


PRETTY_LINES = [
    "{",
    "}",
    "[",
    "]",
    '  "a": 1,',
    '  "a": 1',
    '  "b": {',
    "  }",
    "",
    '{"a":1}',
    "x",
    '\t"c": "}"',
    "} {",
    '  "d',
]


@given(st.lists(st.sampled_from(PRETTY_LINES), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_the_quick_way_through_pretty_printed_values_changes_nothing(lines: list[str], end: str) -> None:
    file = "".join(line + end for line in lines).encode()
    quick = list(read_json_text(io.BytesIO(file)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_pretty_printed", lambda first, lines: ([first], None))
        assert list(read_json_text(io.BytesIO(file))) == quick


def test_a_pretty_printed_value_in_pretty_printed_text_is_read_whole() -> None:
    value = json.dumps({"a": [1, {"b": "} {"}], "c": {}}, indent=2)
    records = list(read_json_text(io.BytesIO(f"{value}\n{value}\n{value[:-2]}\n{value}".encode())))
    assert [json.loads(record.text) for record in records[:2]] == [json.loads(value)] * 2
    assert [record.number for record in records[:2]] == [1, 1 + len(value.splitlines())]
