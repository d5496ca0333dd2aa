"""Records of JSON arrays; faulty files are refused with a reason."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest

from bench_app.errors import SourceError
from bench_app.sources import json_records
from bench_app.sources.record import BadRecord, Record, SkipReason
from bench_app.sources.records import read_records
from tests.sources.record_files import BOM, read, texts


class TestArray:
    def test_numbers_keep_every_digit(self, tmp_path: Path) -> None:
        content = BOM + b' [ {"a":1.10,"b":123456789012345678901234567890,"c":1e-7} , {"a":true} ]\n'
        found = texts(read(tmp_path / "a.json", content))
        assert found == [b'{"a":1.10,"b":123456789012345678901234567890,"c":1E-7}', b'{"a":true}']

    def test_elements_are_counted_from_1(self, tmp_path: Path) -> None:
        assert [found.number for found in read(tmp_path / "a.json", b"[1,2,3]")] == [1, 2, 3]

    @pytest.mark.parametrize("content", [b"", b"  \n", b"[]"])
    def test_an_empty_file_has_no_records(self, tmp_path: Path, content: bytes) -> None:
        assert read(tmp_path / "a.json", content) == []

    @pytest.mark.parametrize("content", [b'"text"', b"1", b"nonsense"])
    def test_a_file_without_an_array_is_refused_with_a_hint(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(SourceError, match=r'a\.json: it has no JSON array.*"jsonl"'):
            read(tmp_path / "a.json", content)

    @pytest.mark.parametrize("content", [b'[{"a":1},', b'[{"a":1},nonsense]', b'[{"a":1}] x', b'[{"a":1},"\xff"]'])
    def test_a_broken_array_is_refused_with_the_position(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(SourceError, match="after element 1 the JSON array cannot be read"):
            read(tmp_path / "a.json", content)

    def test_nesting_too_deep_is_one_bad_record(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.json", b"[" + b"[" * 12_000 + b"]" * 12_000 + b',{"a":1}]')
        assert isinstance(found[0], BadRecord)
        assert found[1] == Record(2, b'{"a":1}')

    @pytest.mark.parametrize("depth", [20_000, 50_000, 400_000])
    @pytest.mark.parametrize("open_, close", [(b"[", b"]"), (b'{"a":', b"}")])
    def test_deep_nesting_takes_no_memory(self, tmp_path: Path, depth: int, open_: bytes, close: bytes) -> None:
        path = tmp_path / "a.json"
        path.write_bytes(b'[{"a":1},' + open_ * depth + b"1" + close * depth + b',{"a":2}]')
        before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = list(read_records(path))
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 40_000
        assert [found[0], found[2]] == [Record(1, b'{"a":1}'), Record(3, b'{"a":2}')]
        assert found[1] == BadRecord(2, "nested too deeply: more than 200 levels", SkipReason.OVER_LIMIT)

    def test_brackets_without_an_end_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="after element 0 the JSON array cannot be read"):
            read(tmp_path / "a.json", b"[" * 100_000)

    def test_a_text_like_the_marker_of_a_deep_part_is_kept(self, tmp_path: Path) -> None:
        content = b'{"a":"0123456789abcdef0123456789abcdef"}'
        assert texts(read(tmp_path / "a.json", b"[" + content + b"]")) == [content]

    def test_an_element_that_is_too_long_ends_reading(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(json_records, "MAX_RECORD_BYTES", 200_000)
        content = b"[" + b",".join([b'{"a":"' + b"x" * 50_000 + b'"}'] * 20)
        assert len(read(tmp_path / "a.json", content + b"]")) == 20
        with pytest.raises(SourceError, match="an element of the array is longer"):
            read(tmp_path / "a.json", content + b',"' + b"x" * 500_000 + b'"]')

    @pytest.mark.parametrize("before", [b"", b'{"a":1},' * 8191, b'{"a":1},' * 8000])
    @pytest.mark.parametrize("shape", [b'{"a":%s}', b'{"a": -%s}', b"%s", b'{"a":[1,%s]}'])
    def test_an_integer_that_would_crash_the_parser_is_refused(
        self, tmp_path: Path, before: bytes, shape: bytes
    ) -> None:
        digits = sys.get_int_max_str_digits()
        assert len(read(tmp_path / "a.json", b"[" + before + shape % (b"9" * digits) + b"]")) == before.count(b"a") + 1
        path = tmp_path / "b.json"
        path.write_bytes(b"[" + before + shape % (b"9" * (digits + 1)) + b"]")
        found = []
        with pytest.raises(SourceError, match="number of more than"):
            found.extend(read_records(path))

    @pytest.mark.parametrize("place", range(0, 300, 7))
    def test_such_an_integer_is_found_across_chunks(self, tmp_path: Path, place: int) -> None:
        content = b'[{"a":1},{"b":"' + b"x" * (65_536 - 4_400 + place * 15) + b'","a":' + b"9" * 4301 + b"}]"
        with pytest.raises(SourceError, match="number of more than"):
            read(tmp_path / "a.json", content)

    def test_elements_before_such_an_integer_are_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        path.write_bytes(b'[{"a":1},{"a":2},{"a":' + b"9" * 100_000 + b"}]")
        found = read_records(path)
        assert [next(found), next(found)] == [Record(1, b'{"a":1}'), Record(2, b'{"a":2}')]
        with pytest.raises(SourceError, match="number of more than"):
            next(found)

    def test_many_digits_in_a_string_are_accepted(self, tmp_path: Path) -> None:
        content = b'{"a":"' + b"9" * 200_000 + b'"}'
        assert texts(read(tmp_path / "a.json", b"[" + content + b"]")) == [content]

    @pytest.mark.parametrize("number", [b"1e99999999999999999999", b"-1.5e-99999999999999999999"])
    def test_an_exponent_out_of_range_is_refused(self, tmp_path: Path, number: bytes) -> None:
        with pytest.raises(SourceError, match="after element 1 the JSON array has a number that is out of range"):
            read(tmp_path / "a.json", b'[{"a":1},{"a":' + number + b"}]")
