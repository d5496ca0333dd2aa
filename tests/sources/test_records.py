"""Files of records: the format of a file name, gzip, line ends, and files that cannot be read."""

from __future__ import annotations

import bz2
import gzip
import io
import os
from pathlib import Path

import pytest

from bench_app.errors import SourceError
from bench_app.model import ReplaySource
from bench_app.sources.csv_records import CsvOptions
from bench_app.sources.record import Record
from bench_app.sources.records import ReadOptions, find_format, open_records, open_stream, options_of, read_records
from tests.sources.record_files import BOM, read, texts


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *(("a.jsonl", "jsonl"), ("a.NDJSON", "jsonl"), ("a.json", "json"), ("a.b.csv", "csv"), ("a.json.gz", "json")),
        *(("a.csv.zst", "csv"), ("a.tsv", "csv")),
    ],
)
def test_the_file_name_decides_the_format(name: str, found: str) -> None:
    assert find_format(name, b"") == found


@pytest.mark.parametrize(
    ("name", "head", "found"),
    [
        ("events.log", b'{"a":1}\n', "jsonl"),
        ("events", b' [{"a":1}]', "json"),
        ("events.txt", b"a;b\n1;2\n", "csv"),
        ("a.json", b'{"a":1}\n{"a":2}\n', "jsonl"),
        ("a.json", b'{\n  "a":1\n}', "jsonl"),
        ("a.jsonl", b'[{"a":1},{"a":2}]', "json"),
        ("a.jsonl", b'[\n{"a":1}\n]', "json"),
        ("a.jsonl", b"[1]\n[2]\n", "jsonl"),
        ("a.csv", b"{a},{b}\n", "csv"),
        ("a.csv", b'{"a":1,"b":2}\n', "jsonl"),
        ("a.csv", b'[{"a":1}]', "json"),
    ],
)
def test_the_content_decides_what_the_name_leaves_open(name: str, head: bytes, found: str) -> None:
    assert find_format(name, head) == found


def test_a_pipe_has_arrays_as_events_unless_they_are_arrays_of_events() -> None:
    assert find_format("", b"[3]\n", otherwise="jsonl") == "jsonl"
    assert find_format("", b'[{"a":1},{"a":2}]\n', otherwise="jsonl") == "json"


def test_a_format_that_is_given_holds() -> None:
    assert find_format("a.csv", b'{"a":1}', "jsonl") == "jsonl"
    assert find_format("a.jsonl", b'{"a":1}', "csv") == "csv"


@pytest.mark.parametrize("name", ["a", "a.txt", "a.gz", "jsonl"])
def test_a_file_whose_format_shows_nowhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=r"expected \.jsonl"):
        read(tmp_path / name, b"some text\nand more of it\n")


def test_how_a_file_is_read_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress("a;b\n1;2\n".encode("utf-16")))
    with open_records(path) as file:
        assert (file.format, file.compression, file.encoding) == ("csv", "gzip", "UTF-16 with a byte order mark")
        assert (file.unit, file.size) == ("line", path.stat().st_size)
        assert list(file.records) == [Record(2, b'{"a":1,"b":2}')]
        assert file.bytes_read() == file.size


def test_a_stream_is_read_by_its_content() -> None:
    with open_stream(io.BufferedReader(io.BytesIO(bz2.compress(BOM + b'{"a":1}\n'))), "standard input") as file:
        assert list(file.records) == [Record(1, b'{"a":1}')]


def test_the_options_of_a_replay() -> None:
    spec = ReplaySource(path="a.csv", format="csv", delimiter="tab", skip_rows=2)
    assert options_of(spec) == ReadOptions("csv", CsvOptions("\t", frozenset([1, 2])))
    assert options_of(ReplaySource(path="a.csv", skip_rows=(2, 5))).csv.skip_rows == {2, 5}
    with pytest.raises(SourceError, match="delimiter"):
        options_of(ReplaySource(path="a.csv", delimiter="::"))


class TestFiles:
    @pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz", "a.csv.gz"])
    def test_gzip(self, tmp_path: Path, name: str) -> None:
        plain = {"a.jsonl.gz": b'{"a":1}\n', "a.json.gz": b'[{"a":1}]', "a.csv.gz": b"a\n1\n"}[name]
        assert texts(read(tmp_path / name, gzip.compress(BOM + plain))) == [b'{"a":1}']

    def test_the_content_says_whether_a_file_is_compressed(self, tmp_path: Path) -> None:
        assert texts(read(tmp_path / "a.jsonl.gz", b'{"a":1}\n')) == [b'{"a":1}']
        assert texts(read(tmp_path / "a.jsonl", gzip.compress(b'{"a":1}\n'))) == [b'{"a":1}']

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
            list(read_records(path))

    def test_folder(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="this is a folder"):
            list(read_records(tmp_path, ReadOptions("jsonl")))

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_does_not_hang(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        os.mkfifo(path)
        with pytest.raises(SourceError, match="a pipe or a device"):
            list(read_records(path))

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_unreadable(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b"{}\n")
        path.chmod(0)
        with pytest.raises(SourceError, match="cannot be read: Permission denied"):
            list(read_records(path))

    @pytest.mark.parametrize(
        ("name", "start", "row"),
        [("a.jsonl.gz", b"", b'{"a":"%s"}\n'), ("a.json.gz", b"[0", b',{"a":"%s"}'), ("a.csv.gz", b"a\n", b"x%s\n")],
    )
    def test_records_before_a_cut_are_read(self, tmp_path: Path, name: str, start: bytes, row: bytes) -> None:
        plain = start + b"".join(row % os.urandom(30).hex().encode() for _ in range(20_000))
        path = tmp_path / name
        path.write_bytes(gzip.compress(plain)[:-1000])
        found = []
        with pytest.raises(SourceError, match="gzip data is broken"):
            for record in read_records(path):
                found.append(record)
        assert 15_000 < len(found) < 20_000

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"])
    @pytest.mark.parametrize("last", [True, False])
    @pytest.mark.parametrize("bom", [b"", BOM])
    def test_line_ends_of_every_kind(self, tmp_path: Path, end: bytes, last: bool, bom: bytes) -> None:
        wanted = [b'{"a":1}', b'{"a":2}']
        assert texts(read(tmp_path / "a.jsonl", bom + end.join(wanted) + end * last)) == wanted
        assert texts(read(tmp_path / "a.csv", bom + end.join([b"a", b"1", b"2"]) + end * last)) == wanted
