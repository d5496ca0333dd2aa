from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench_app.errors import EngineError
from bench_app.measure.counters import HandlerSlot, ListenerSlot, MappedCounters, read_book

ACCEPTED = int(HandlerSlot.ACCEPTED)


def test_counters_are_kept_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "handler.book"
    with MappedCounters(path, HandlerSlot, create=True) as book:
        assert set(book.values().values()) == {0}
        book.slots[ACCEPTED] += 7
        book.slots[HandlerSlot.BYTES] = 2**64 - 1
        assert read_book(path)["accepted"] == 7

    with MappedCounters(path, HandlerSlot) as book:
        book.slots[ACCEPTED] += 1
        assert book.values() == read_book(path)
    assert read_book(path)["accepted"] == 8
    assert read_book(path)["bytes"] == 2**64 - 1


def test_counters_go_by_the_names_of_the_ledger() -> None:
    assert [slot.name.lower() for slot in sorted(HandlerSlot)] == [
        "offered",
        "queue_overflow",
        "send_timeout",
        "aborted",
        "accepted",
        "attempted",
        "bytes",
        "replied",
        "request_timeout",
        "retries",
    ]
    assert [slot.value for slot in ListenerSlot] == list(range(len(ListenerSlot)))


def test_fields_may_be_plain_names(tmp_path: Path) -> None:
    with MappedCounters(tmp_path / "own.book", ("one", "two"), create=True) as book:
        book.slots[1] = 3
        assert book.values() == {"one": 0, "two": 3}


_COUNT_AND_HANG = """
import sys
from pathlib import Path
from bench_app.measure.counters import MappedCounters, ListenerSlot
book = MappedCounters(Path(sys.argv[1]), ListenerSlot)
for number in range(1, 1001):
    book.slots[0] = number
print("counted", flush=True)
sys.stdin.read()
"""


def test_counters_outlive_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "listener.book"
    MappedCounters(path, ListenerSlot, create=True).close()
    command = [sys.executable, "-c", _COUNT_AND_HANG, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"counted"
        process.kill()
    assert read_book(path)["received"] == 1000


def test_the_file_has_its_full_size_on_disk_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "handler.book"
    MappedCounters(path, HandlerSlot, create=True).close()
    size = path.stat().st_size
    with MappedCounters(path, HandlerSlot) as book:
        book.slots[len(HandlerSlot) - 1] = 1
    assert path.stat().st_size == size


def test_an_existing_book_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "handler.book"
    with MappedCounters(path, HandlerSlot, create=True) as book:
        book.slots[ACCEPTED] = 5
    with pytest.raises(EngineError, match="exists already"):
        MappedCounters(path, HandlerSlot, create=True)
    assert read_book(path)["accepted"] == 5


def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    book = MappedCounters(tmp_path / "handler.book", HandlerSlot, create=True)
    book.close()
    book.close()


def test_a_missing_book_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be opened"):
        MappedCounters(tmp_path / "nowhere.book", HandlerSlot)
    with pytest.raises(EngineError, match="cannot be opened"):
        read_book(tmp_path / "nowhere.book")


def test_a_book_in_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="could not be created: No such file or directory"):
        MappedCounters(tmp_path / "nowhere" / "handler.book", HandlerSlot, create=True)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE stands in for a full disk")
def test_a_disk_without_room_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "handler.book"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(EngineError, match="could not be created: File too large"):
            MappedCounters(path, HandlerSlot, create=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"something else", b"zmq-bench book 1\noffered,accepted\n", os.urandom(2000)])
def test_a_file_that_is_no_book_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(EngineError, match=r"not a book|cannot be opened"):
        read_book(path)


def test_a_book_of_other_counters_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "handler.book"
    MappedCounters(path, HandlerSlot, create=True).close()
    with pytest.raises(EngineError, match="holds other counters"):
        MappedCounters(path, ListenerSlot)
