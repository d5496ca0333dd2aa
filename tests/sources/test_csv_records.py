"""CSV rows become JSON objects; a faulty row or header is refused with a reason."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.errors import SourceError
from bench_app.sources import csv_records, record
from bench_app.sources.record import BadRecord, Record, SkipReason
from bench_app.sources.records import find_format
from tests.sources.record_files import BOM, read, texts


class TestCsv:
    def test_cells_with_a_json_literal_become_json(self, tmp_path: Path) -> None:
        content = b"name, n,e,t,f,z,text\r\nJo,1.10,-2E+5,true,false,null,\r\n"
        (text,) = texts(read(tmp_path / "a.csv", BOM + content))
        assert text == b'{"name":"Jo","n":1.10,"e":-2E+5,"t":true,"f":false,"z":null,"text":""}'

    @pytest.mark.parametrize("cell", ["007", "+1", "1.", ".5", "0x1", "NaN", "Infinity", "True", " 1", "1_000", "٣"])
    def test_other_cells_stay_strings(self, tmp_path: Path, cell: str) -> None:
        (text,) = texts(read(tmp_path / "a.csv", f"a,b\n{cell},1\n".encode()))
        assert json.loads(text) == {"a": cell, "b": 1}

    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=2, max_size=5))
    @settings(max_examples=50)
    def test_any_text_survives(self, cells: list[str]) -> None:
        sheet = io.StringIO(newline="")
        names = [f"column {number}" for number in range(len(cells))]
        csv.writer(sheet, quoting=csv.QUOTE_ALL).writerows([names, cells])
        (found,) = find_format(Path("a.csv"), "auto").read(io.BytesIO(sheet.getvalue().encode()))
        assert isinstance(found, Record)
        event = json.loads(found.text)
        assert list(event) == names
        for cell, value in zip(cells, event.values(), strict=True):
            assert value == (cell if isinstance(value, str) else json.loads(cell))

    def test_line_breaks_in_quotes(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.csv", b'a,b\n"x\ny",2\n3,4\n')
        assert found == [Record(3, b'{"a":"x\\ny","b":2}'), Record(4, b'{"a":3,"b":4}')]

    def test_rows_of_another_length_are_bad(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.csv", b"a,b\n1\n\n1,2,3\n1,2\n")
        assert found[:2] == [
            BadRecord(2, "1 cells, while the header has 2", SkipReason.BAD_ROW),
            BadRecord(4, "3 cells, while the header has 2", SkipReason.BAD_ROW),
        ]
        assert found[2] == Record(5, b'{"a":1,"b":2}')

    def test_a_line_that_is_not_utf8_is_bad(self, tmp_path: Path) -> None:
        found = read(tmp_path / "a.csv", b"a\nx\n\xff\ny\n")
        assert found == [
            Record(2, b'{"a":"x"}'),
            BadRecord(3, "not UTF-8", SkipReason.NOT_UTF8),
            Record(4, b'{"a":"y"}'),
        ]

    def test_a_quote_that_is_never_closed_ends_at_the_limit(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(csv_records, "MAX_CELL_CHARS", 1000)
        found = read(tmp_path / "a.csv", b'a,b\n1,"open\n' + b"1,2\n" * 1000)
        assert isinstance(found[0], BadRecord)
        assert "field larger than field limit" in found[0].message

    def test_a_line_that_is_too_long_is_skipped(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(record, "MAX_RECORD_BYTES", 50)
        found = read(tmp_path / "a.csv", b"a,b\n1,2\n" + b"x" * 200 + b",2\n3,4\n")
        assert [type(row) for row in found] == [Record, BadRecord, Record]
        assert [row.number for row in found] == [2, 3, 4]

    def test_a_column_given_twice_is_refused(self, tmp_path: Path) -> None:
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
    def test_no_row_replaces_a_header_that_cannot_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: bytes, reason: str
    ) -> None:
        monkeypatch.setattr(csv_records, "MAX_CELL_CHARS", 1000)
        monkeypatch.setattr(record, "MAX_RECORD_BYTES", 2000)
        with pytest.raises(SourceError, match=rf"a\.csv: {reason}"):
            read(tmp_path / "a.csv", header + b"\n" + b"1,2\n" * 1000)
