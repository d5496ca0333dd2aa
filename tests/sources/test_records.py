"""Files of records: the format of a file name, gzip, line ends, and files that cannot be read."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from bench_app.errors import SourceError
from bench_app.sources.records import find_format, read_records
from tests.sources.record_files import BOM, read, texts


@pytest.mark.parametrize(
    ("name", "unit"),
    [("a.jsonl", "line"), ("a.NDJSON", "line"), ("a.json", "element"), ("a.b.csv", "line"), ("a.json.gz", "element")],
)
def test_the_file_name_decides_the_format(name: str, unit: str) -> None:
    assert find_format(Path(name), "auto").unit == unit


@pytest.mark.parametrize("name", ["a", "a.txt", "a.gz", "jsonl"])
def test_a_file_name_without_a_known_ending_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match=r"expected \.jsonl"):
        find_format(Path(name), "auto")


class TestFiles:
    @pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz", "a.csv.gz"])
    def test_gzip(self, tmp_path: Path, name: str) -> None:
        plain = {"a.jsonl.gz": b'{"a":1}\n', "a.json.gz": b'[{"a":1}]', "a.csv.gz": b"a\n1\n"}[name]
        assert texts(read(tmp_path / name, gzip.compress(BOM + plain))) == [b'{"a":1}']

    def test_a_file_named_gz_that_is_not_gzipped_is_refused(self, tmp_path: Path) -> None:
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
    def test_records_before_a_cut_are_read(self, tmp_path: Path, name: str, start: bytes, row: bytes) -> None:
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
