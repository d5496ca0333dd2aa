"""Files of recordings end with a whole message, whatever happens to the disk or the writer."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from bench_app.recording.files import JsonLinesFile, count_lines, numbered, repair_lines
from bench_app.recording.message import RecordedMessage, read_line


def message(number: int) -> RecordedMessage:
    return RecordedMessage(1_700_000_000_000_000_000 + number, "ipc:///a", "", "t", [b"t", b"body %d" % number])


def test_messages_are_appended(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("of an earlier recording")
    file = JsonLinesFile(path)
    file.append([message(1), message(2)])
    file.append([message(3)])
    file.close(b"{}")
    assert [read_line(line) for line in path.read_bytes().splitlines()] == [message(1), message(2), message(3)]
    assert (file.written, file.size) == (3, path.stat().st_size)


FULL_DISK = """
import resource, sys
from pathlib import Path
from bench_app.recording.files import JsonLinesFile
from tests.recording.test_files import message
file = JsonLinesFile(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
file.append([message(1)])
try:
    file.append([message(number) for number in range(2, 100)])
except OSError as error:
    print(file.written, file.size)
"""


def test_on_a_full_disk_the_file_has_whole_messages(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    # In a process of its own, because the limit is one of the whole process.
    printed = subprocess.check_output([sys.executable, "-c", FULL_DISK, str(path)], text=True)
    written, size = map(int, printed.split())
    lines = path.read_bytes().splitlines(keepends=True)
    assert [read_line(line) for line in lines] == [message(number + 1) for number in range(len(lines))]
    assert (written, size) == (len(lines), path.stat().st_size)
    assert 1 < len(lines) < 99
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_an_incomplete_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"one\ntwo\nthr")
    assert repair_lines(path) == 3
    assert path.read_bytes() == b"one\ntwo\n"
    assert (repair_lines(path), count_lines(path)) == (0, 2)
    path.write_bytes(b"x" * 100_000)
    assert repair_lines(path) == 100_000
    path.write_bytes(b"one\n" + b"x" * 200_000)
    assert (repair_lines(path), path.read_bytes()) == (200_000, b"one\n")


def test_files_of_a_rotation_are_numbered() -> None:
    assert [numbered(Path("/a/run.jsonl"), number).name for number in (1, 2, 3)] == [
        "run.jsonl",
        "run-2.jsonl",
        "run-3.jsonl",
    ]
