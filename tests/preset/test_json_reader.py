"""A file that is not JSON is refused with the line and column of the fault."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from bench_app.errors import PresetError
from bench_app.preset import documents, json_reader
from bench_app.preset.documents import load, parse
from tests.preset.presets import pub_preset, write


@pytest.mark.parametrize(
    ("content", "place", "expected"),
    [
        ('{"a": 1,\n "é": NaN}', "line 2, column 7", "a number that JSON allows"),
        ('{"a": 1,\n "NaN": [1,\n  -Infinity]}', "line 3, column 3", "a number that JSON allows"),
        ('{"é": "é", "a": 1e400}', "line 1, column 17", "a number that JSON allows"),
        ("1" * 5000, "line 1, column 1", "a number that JSON allows"),
        ('{"a": 1\n "b": 2}', "line 2, column 2", "a comma"),
        ('{"a" 1}', "line 1, column 6", "a colon"),
        ('{"a": tru}', "line 1, column 7", "a value"),
        ("{'a': 1}", "line 1, column 2", "a key in double quotes"),
        ('{"a": "b\n"}', "line 1, column 9", "no line break"),
        ('{"a": "\\x"}', "line 1, column 8", "a valid escape"),
        ('{"a": "b', "line 1, column 7", "a closing double quote"),
        ('{"a": {', "line 1, column 8", "a key in double quotes"),
        ('{"a": [1, 2', "line 1, column 12", "a comma"),
        ("", "line 1, column 1", "a value"),
        ("{}\n\n{}", "line 3, column 1", "the end of the file"),
        (b'{"a":\n "\xff"}', "line 2, column 3", "text in UTF-8"),
        ("{}".encode("utf-16"), "line 1, column 1", "text in UTF-8"),
    ],
)
def test_a_fault_has_its_line_and_column(tmp_path: Path, content: str | bytes, place: str, expected: str) -> None:
    with pytest.raises(PresetError) as caught:
        load(write(tmp_path, content))
    [fault] = caught.value.faults
    assert fault.path == place
    assert expected in fault.expected


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    text = '{"output": {"handlers": {"a": {"uri": "x"}, "a": {"uri": "y", "uri": "z", "uri": "z"}}}}'
    with pytest.raises(PresetError) as caught:
        load(write(tmp_path, text))
    assert [fault.path for fault in caught.value.faults] == ["output.handlers.a", "output.handlers.a.uri"]


@pytest.mark.parametrize("content", ["[" * 200_000, '{"a":' * 200_000, "[" * 300 + "]" * 300])
def test_endless_nesting_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(PresetError, match="nested at most 100 deep"):
        load(write(tmp_path, content))


def test_endless_nesting_is_refused_before_the_text_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_reader.json, "loads", lambda *_, **__: pytest.fail("parsed"))
    with pytest.raises(PresetError, match=r"line 2, column 102: .*nested at most 100 deep"):
        json_reader.decode(b'{"a":\n [[[' + b"[" * 100_000 + b"]" * 100_003 + b"}", "deep")


def test_brackets_within_strings_are_not_nesting() -> None:
    raw = {"a": "[{" * 300 + '\\"' + "[" * 300, "b": [[]] * 300, '\\"[[': ["\\"] * 200}
    assert json_reader.decode(json.dumps(raw).encode(), "flat") == raw


def test_half_a_surrogate_pair(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="surrogate"):
        load(write(tmp_path, '{"x": "\\ud800"}'))


def test_an_edit_searches_only_the_parts_that_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = pub_preset()
    raw["other"] = [{"key": number} for number in range(1000)]
    document = parse(raw, "test")
    seen: list[Any] = []
    walk = json_reader._walk
    monkeypatch.setattr(json_reader, "_walk", lambda *args: (seen.append(each) or each for each in walk(*args)))
    edited = documents.replace(document, "bench.duration_s", 3)
    assert edited.preset.bench.duration_s == 3 and len(seen) < 20
    with pytest.raises(PresetError, match="finite"):
        documents.replace(document, "bench.duration_s", math.inf)
    with pytest.raises(PresetError, match="surrogate"):
        documents.replace(document, "other", [*raw["other"], {"key": "\ud800"}])


def test_parts_shared_with_checked_data_are_not_searched_again() -> None:
    unwritable = {"inside": [math.nan]}
    raw = {"same": unwritable, "list": [unwritable, 1]}
    assert json_reader.data_faults(raw, checked=raw) == []
    changed = {**raw, "list": [unwritable, math.inf]}
    assert [fault.path for fault in json_reader.data_faults(changed, checked=raw)] == ["list[1]"]
    paths = [fault.path for fault in json_reader.data_faults(changed)]
    assert paths == ["same.inside[0]", "list[0].inside[0]", "list[1]"]
