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
from bench_app.sources.csv_records import CsvOptions, read_csv
from bench_app.sources.record import BadRecord, Record, SkipReason
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
        (found,) = read_csv(io.BytesIO(sheet.getvalue().encode()))
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

    def test_a_column_without_a_name_of_its_own_gets_one(self) -> None:
        notes: list[str] = []
        (found,) = read_csv(io.BytesIO(b"a,b,a,,a_2,\n1,2,3,4,5,6\n"), emit=notes.append)
        assert isinstance(found, Record)
        assert json.loads(found.text) == {"a": 1, "b": 2, "a_3": 3, "column_4": 4, "a_2": 5, "column_6": 6}
        assert notes == [
            'column 3 has the name "a" again in the CSV header: it is read as "a_3"',
            'column 4 has no name in the CSV header: it is read as "column_4"',
            'column 6 has no name in the CSV header: it is read as "column_6"',
        ]

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    def test_a_decimal_comma_where_the_delimiter_is_another(self, delimiter: str) -> None:
        content = "a;b;c\n1,5;-0,25;1,2,3\n".replace(";", delimiter).encode()
        (found,) = read_csv(io.BytesIO(content))
        assert isinstance(found, Record)
        assert found.text == b'{"a":1.5,"b":-0.25,"c":"1,2,3"}'

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_a_last_delimiter_in_the_rows_alone(self, delimiter: str) -> None:
        content = "a;b\n1;2;\n3;4;;\n5;6;7\n".replace(";", delimiter).encode()
        first, second, third = read_csv(io.BytesIO(content))
        assert (first, second) == (Record(2, b'{"a":1,"b":2}'), Record(3, b'{"a":3,"b":4}'))
        assert third == BadRecord(4, "3 cells, while the header has 2", SkipReason.BAD_ROW)

    def test_a_blank_after_each_delimiter(self) -> None:
        (found,) = read_csv(io.BytesIO(b'a, b, c\n1, 2.5, "x, y"\n'))
        assert found == Record(2, b'{"a":1,"b":2.5,"c":"x, y"}')

    def test_lines_that_end_with_a_carriage_return(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match=r"a\.csv: .* expected lines that end with a line feed"):
            read(tmp_path / "a.csv", b"a,b\r1,2\r")

    def test_lines_that_are_no_rows(self) -> None:
        notes: list[str] = []
        content = b"# made by hand\n# twice\ntime,speed\ns,m/s\n1,2\n"
        found = list(read_csv(io.BytesIO(content), CsvOptions(skip_rows=frozenset([4])), notes.append))
        assert found == [Record(5, b'{"time":1,"speed":2}')]
        assert notes == ["skipped lines 1 to 2 before the header: a comment"]

    def test_blanks_alone_on_a_line_are_no_header(self) -> None:
        found = list(read_csv(io.BytesIO(b" \n\t\n\na;b\n1;2\n")))
        assert found == [Record(5, b'{"a":1,"b":2}')]

    def test_a_header_behind_a_mark_of_a_comment(self) -> None:
        assert list(read_csv(io.BytesIO(b"# time,speed\n1,2\n"))) == [Record(2, b'{"time":1,"speed":2}')]

    @pytest.mark.parametrize(
        ("header", "reason"),
        [
            (b'a,"b', "the CSV header cannot be read: field larger than field limit"),
            (b"a," + b"x" * 3000, "the CSV header cannot be read: longer than 2,000 bytes"),
            (b"a,\xff", "the CSV header is not UTF-8"),
        ],
    )
    def test_no_row_replaces_a_header_that_cannot_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: bytes, reason: str
    ) -> None:
        monkeypatch.setattr(csv_records, "MAX_CELL_CHARS", 1000)
        monkeypatch.setattr(record, "MAX_RECORD_BYTES", 2000)
        with pytest.raises(SourceError, match=rf"a\.csv: {reason}"):
            read(tmp_path / "a.csv", header + b"\n" + b"1,2\n" * 1000)
