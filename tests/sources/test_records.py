"""Records of files in each format, as they stand there or with the reason why they cannot be read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.errors import SourceError
from bench_app.sources import records
from bench_app.sources.records import BadRecord, Record, find_format, read_records

BOM = b"\xef\xbb\xbf"


def read(path: Path, content: bytes, wanted: str = "auto") -> list[Record | BadRecord]:
    path.write_bytes(content)
    return list(read_records(path, find_format(path, wanted)))


def texts(found: list[Record | BadRecord]) -> list[bytes]:
    assert all(isinstance(record, Record) for record in found)
    return [record.text for record in found if isinstance(record, Record)]


@pytest.mark.parametrize(
    ("name", "unit"),
    [("a.jsonl", "line"), ("a.NDJSON", "line"), ("a.json", "element"), ("a.b.csv", "line"), ("a.json.gz", "element")],
)
def test_the_name_tells_the_format(name: str, unit: str) -> None:
    assert find_format(Path(name), "auto").unit == unit


@pytest.mark.parametrize("name", ["a", "a.txt", "a.gz", "jsonl"])
def test_a_name_that_tells_nothing(name: str) -> None:
    with pytest.raises(SourceError, match=r"expected \.jsonl"):
        find_format(Path(name), "auto")


class TestJsonLines:
    def test_bytes_pass_unchanged_but_for_the_ends(self, tmp_path: Path) -> None:
        content = BOM + b'{"a": 1.10}\r\n\n  {"b":"\xc3\xa9"}  \n \n{"c":1}'
        found = read(tmp_path / "a.jsonl", content)
        assert found == [Record(1, b'{"a": 1.10}'), Record(3, b'{"b":"\xc3\xa9"}'), Record(5, b'{"c":1}')]

    def test_a_line_too_long_is_passed_over(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(records, "MAX_RECORD_BYTES", 50)
        monkeypatch.setattr(records, "_SKIP_BYTES", 7)
        long = b'{"a":"' + b"x" * 100 + b'"}'
        found = read(tmp_path / "a.jsonl", b'{"a":1}\n' + long + b'\n{"a":2}\n' + long)
        assert found[0] == Record(1, b'{"a":1}')
        assert found[2] == Record(3, b'{"a":2}')
        assert [record.number for record in found if isinstance(record, BadRecord)] == [2, 4]


class TestArray:
    def test_numbers_keep_every_digit(self, tmp_path: Path) -> None:
        content = BOM + b' [ {"a":1.10,"b":123456789012345678901234567890,"c":1e-7} , {"a":true} ]\n'
        found = texts(read(tmp_path / "a.json", content))
        assert found == [b'{"a":1.10,"b":123456789012345678901234567890,"c":1E-7}', b'{"a":true}']

    def test_elements_are_counted_from_1(self, tmp_path: Path) -> None:
        assert [record.number for record in read(tmp_path / "a.json", b"[1,2,3]")] == [1, 2, 3]

    @pytest.mark.parametrize("content", [b"", b"  \n", b"[]"])
    def test_nothing_in_it(self, tmp_path: Path, content: bytes) -> None:
        assert read(tmp_path / "a.json", content) == []

    @pytest.mark.parametrize("content", [b'{"a":1}', b'{"a":1}\n{"a":2}\n', b'{"item":[{"a":1}]}', b'"text"'])
    def test_no_array_names_the_format_for_lines(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(SourceError, match=r'a\.json: it holds no JSON array.*"jsonl"'):
            read(tmp_path / "a.json", content)

    @pytest.mark.parametrize("content", [b'[{"a":1},', b'[{"a":1},nonsense]', b'[{"a":1}] x', b'[{"a":1},"\xff"]'])
    def test_a_broken_array_tells_where(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(SourceError, match="after element 1 the JSON array cannot be read"):
            read(tmp_path / "a.json", content)

    def test_nesting_too_deep_is_one_bad_record(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.json", b"[" + b"[" * 12_000 + b"]" * 12_000 + b',{"a":1}]')
        assert isinstance(found[0], BadRecord)
        assert found[1] == Record(2, b'{"a":1}')

    def test_an_element_too_long_ends_the_reading(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(records, "MAX_RECORD_BYTES", 200_000)
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
            found.extend(read_records(path, find_format(path, "auto")))

    @pytest.mark.parametrize("place", range(0, 300, 7))
    def test_such_an_integer_is_found_wherever_the_chunks_part(self, tmp_path: Path, place: int) -> None:
        content = b'[{"a":1},{"b":"' + b"x" * (65_536 - 4_400 + place * 15) + b'","a":' + b"9" * 4301 + b"}]"
        with pytest.raises(SourceError, match="number of more than"):
            read(tmp_path / "a.json", content)

    def test_elements_before_such_an_integer_come_out(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        path.write_bytes(b'[{"a":1},{"a":2},{"a":' + b"9" * 100_000 + b"}]")
        found = read_records(path, find_format(path, "auto"))
        assert [next(found), next(found)] == [Record(1, b'{"a":1}'), Record(2, b'{"a":2}')]
        with pytest.raises(SourceError, match="number of more than"):
            next(found)

    def test_many_digits_in_a_string_are_fine(self, tmp_path: Path) -> None:
        content = b'{"a":"' + b"9" * 200_000 + b'"}'
        assert texts(read(tmp_path / "a.json", b"[" + content + b"]")) == [content]

    @pytest.mark.parametrize("number", [b"1e99999999999999999999", b"-1.5e-99999999999999999999"])
    def test_an_exponent_beyond_all_bounds_is_told(self, tmp_path: Path, number: bytes) -> None:
        with pytest.raises(SourceError, match="after element 1 the JSON array has a number no computer can hold"):
            read(tmp_path / "a.json", b'[{"a":1},{"a":' + number + b"}]")


class TestCsv:
    def test_cells_that_spell_json_become_json(self, tmp_path: Path) -> None:
        content = b"name, n,e,t,f,z,text\r\nJo,1.10,-2E+5,true,false,null,\r\n"
        (text,) = texts(read(tmp_path / "a.csv", BOM + content))
        assert text == b'{"name":"Jo","n":1.10,"e":-2E+5,"t":true,"f":false,"z":null,"text":""}'

    @pytest.mark.parametrize("cell", ["007", "+1", "1.", ".5", "0x1", "NaN", "Infinity", "True", " 1", "1_000", "٣"])
    def test_cells_that_nearly_do_stay_strings(self, tmp_path: Path, cell: str) -> None:
        (text,) = texts(read(tmp_path / "a.csv", f"a,b\n{cell},1\n".encode()))
        assert json.loads(text) == {"a": cell, "b": 1}

    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=2, max_size=5))
    @settings(max_examples=50)
    def test_any_text_survives(self, cells: list[str]) -> None:
        sheet = io.StringIO(newline="")
        names = [f"column {number}" for number in range(len(cells))]
        csv.writer(sheet, quoting=csv.QUOTE_ALL).writerows([names, cells])
        (record,) = find_format(Path("a.csv"), "auto").read(io.BytesIO(sheet.getvalue().encode()))
        assert isinstance(record, Record)
        found = json.loads(record.text)
        assert list(found) == names
        for cell, value in zip(cells, found.values(), strict=True):
            assert value == (cell if isinstance(value, str) else json.loads(cell))

    def test_line_breaks_in_quotes(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.csv", b'a,b\n"x\ny",2\n3,4\n')
        assert found == [Record(3, b'{"a":"x\\ny","b":2}'), Record(4, b'{"a":3,"b":4}')]

    def test_rows_of_another_length_are_bad(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.csv", b"a,b\n1\n\n1,2,3\n1,2\n")
        assert found[:2] == [
            BadRecord(2, "1 cells, while the header has 2"),
            BadRecord(4, "3 cells, while the header has 2"),
        ]
        assert found[2] == Record(5, b'{"a":1,"b":2}')

    def test_a_line_that_is_not_utf8_is_bad(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.csv", b"a\nx\n\xff\ny\n")
        assert found == [Record(2, b'{"a":"x"}'), BadRecord(3, "not UTF-8"), Record(4, b'{"a":"y"}')]

    def test_a_quote_never_closed_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(records, "MAX_CELL_CHARS", 1000)
        found = read(tmp_path / "a.csv", b'a,b\n1,"open\n' + b"1,2\n" * 1000)
        assert isinstance(found[0], BadRecord)
        assert "field larger than field limit" in found[0].reason

    def test_a_line_too_long_is_passed_over(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(records, "MAX_RECORD_BYTES", 50)
        found = read(tmp_path / "a.csv", b"a,b\n1,2\n" + b"x" * 200 + b",2\n3,4\n")
        assert [type(record) for record in found] == [Record, BadRecord, Record]
        assert [record.number for record in found] == [2, 3, 4]

    def test_a_column_twice(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match='the column "a" twice'):
            read(tmp_path / "a.csv", b"a,b,a\n1,2,3\n")

    @pytest.mark.parametrize(
        ("header", "reason"),
        [
            (b'a,"b', "the CSV header cannot be read: field larger than field limit"),
            (b"a," + b"x" * 3000, "the CSV header cannot be read: longer than 2,000 bytes"),
            (b"a,\xff", "the CSV header is not UTF-8"),
            (b"a,b,a", 'the CSV header has the column "a" twice'),
        ],
    )
    def test_no_row_is_taken_for_a_header_that_cannot_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: bytes, reason: str
    ) -> None:
        monkeypatch.setattr(records, "MAX_CELL_CHARS", 1000)
        monkeypatch.setattr(records, "MAX_RECORD_BYTES", 2000)
        with pytest.raises(SourceError, match=rf"a\.csv: {reason}"):
            read(tmp_path / "a.csv", header + b"\n" + b"1,2\n" * 1000)


class TestFiles:
    @pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz", "a.csv.gz"])
    def test_gzip(self, tmp_path: Path, name: str) -> None:
        plain = {"a.jsonl.gz": b'{"a":1}\n', "a.json.gz": b'[{"a":1}]', "a.csv.gz": b"a\n1\n"}[name]
        assert texts(read(tmp_path / name, gzip.compress(BOM + plain))) == [b'{"a":1}']

    def test_named_gz_and_not_gzipped(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="gzip data is broken"):
            read(tmp_path / "a.jsonl.gz", b'{"a":1}\n')

    @pytest.mark.parametrize("cut", [4, 30, -1])
    def test_gzip_cut_short(self, tmp_path: Path, cut: int) -> None:
        with pytest.raises(SourceError, match="gzip data is broken"):
            read(tmp_path / "a.jsonl.gz", gzip.compress(b'{"a":"%s"}\n' % os.urandom(500).hex().encode())[:cut])

    def test_gzip_damaged(self, tmp_path: Path) -> None:
        data = bytearray(gzip.compress(b'{"a":"%s"}\n' % os.urandom(5000).hex().encode()))
        data[100:200] = bytes(100)
        with pytest.raises(SourceError, match="gzip data is broken"):
            read(tmp_path / "a.jsonl.gz", bytes(data))

    def test_missing(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        with pytest.raises(SourceError, match=r"a\.jsonl: there is no such file"):
            list(read_records(path, find_format(path, "auto")))

    def test_folder(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="this is a folder"):
            list(read_records(tmp_path, find_format(tmp_path, "jsonl")))

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_does_not_hang(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        os.mkfifo(path)
        with pytest.raises(SourceError, match="a pipe or a device"):
            list(read_records(path, find_format(path, "auto")))

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_unreadable(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b"{}\n")
        path.chmod(0)
        with pytest.raises(SourceError, match="cannot be read: Permission denied"):
            list(read_records(path, find_format(path, "auto")))

    @pytest.mark.parametrize(
        ("name", "start", "row"),
        [("a.jsonl.gz", b"", b'{"a":"%s"}\n'), ("a.json.gz", b"[0", b',{"a":"%s"}'), ("a.csv.gz", b"a\n", b"x%s\n")],
    )
    def test_what_stands_before_a_cut_comes_out(self, tmp_path: Path, name: str, start: bytes, row: bytes) -> None:
        plain = start + b"".join(row % os.urandom(30).hex().encode() for _ in range(20_000))
        path = tmp_path / name
        path.write_bytes(gzip.compress(plain)[:-1000])
        found = []
        with pytest.raises(SourceError, match="gzip data is broken"):
            for record in read_records(path, find_format(path, "auto")):
                found.append(record)
        assert 15_000 < len(found) < 20_000

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"])
    @pytest.mark.parametrize("last", [True, False])
    @pytest.mark.parametrize("bom", [b"", BOM])
    def test_line_ends_of_every_kind(self, tmp_path: Path, end: bytes, last: bool, bom: bytes) -> None:
        wanted = [b'{"a":1}', b'{"a":2}']
        assert texts(read(tmp_path / "a.jsonl", bom + end.join(wanted) + end * last)) == wanted
        assert texts(read(tmp_path / "a.csv", bom + end.join([b"a", b"1", b"2"]) + end * last)) == wanted
