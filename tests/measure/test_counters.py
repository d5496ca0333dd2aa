from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench_app.errors import EngineError
from bench_app.measure.counters import HandlerSlot, ListenerSlot, MappedCounters, read_counters

ACCEPTED = int(HandlerSlot.ACCEPTED)


def test_counters_are_kept_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "handler.counters"
    with MappedCounters(path, HandlerSlot, create=True) as counters:
        assert set(counters.values().values()) == {0}
        counters.slots[ACCEPTED] += 7
        counters.slots[HandlerSlot.BYTES] = 2**64 - 1
        assert read_counters(path)["accepted"] == 7

    with MappedCounters(path, HandlerSlot) as counters:
        counters.slots[ACCEPTED] += 1
        assert counters.values() == read_counters(path)
    assert read_counters(path)["accepted"] == 8
    assert read_counters(path)["bytes"] == 2**64 - 1


def test_counters_have_the_names_of_the_ledger() -> None:
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
        "by_hand",
    ]
    assert [slot.value for slot in ListenerSlot] == list(range(len(ListenerSlot)))


def test_fields_may_be_plain_names(tmp_path: Path) -> None:
    with MappedCounters(tmp_path / "own.counters", ("one", "two"), create=True) as counters:
        counters.slots[1] = 3
        assert counters.values() == {"one": 0, "two": 3}


_COUNT_AND_HANG = """
import sys
from pathlib import Path
from bench_app.measure.counters import MappedCounters, ListenerSlot
counters = MappedCounters(Path(sys.argv[1]), ListenerSlot)
for number in range(1, 1001):
    counters.slots[0] = number
print("counted", flush=True)
sys.stdin.read()
"""


def test_counters_outlive_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "listener.counters"
    MappedCounters(path, ListenerSlot, create=True).close()
    command = [sys.executable, "-c", _COUNT_AND_HANG, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"counted"
        process.kill()
    assert read_counters(path)["received"] == 1000


def test_the_file_has_its_full_size_on_disk_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "handler.counters"
    MappedCounters(path, HandlerSlot, create=True).close()
    size = path.stat().st_size
    with MappedCounters(path, HandlerSlot) as counters:
        counters.slots[len(HandlerSlot) - 1] = 1
    assert path.stat().st_size == size


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "handler.counters"
    with MappedCounters(path, HandlerSlot, create=True) as counters:
        counters.slots[ACCEPTED] = 5
    with pytest.raises(EngineError, match="exists already"):
        MappedCounters(path, HandlerSlot, create=True)
    assert read_counters(path)["accepted"] == 5


def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    counters = MappedCounters(tmp_path / "handler.counters", HandlerSlot, create=True)
    counters.close()
    counters.close()


def test_a_missing_file_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be opened"):
        MappedCounters(tmp_path / "nowhere.counters", HandlerSlot)
    with pytest.raises(EngineError, match="cannot be opened"):
        read_counters(tmp_path / "nowhere.counters")


def test_a_missing_folder_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="could not be created: No such file or directory"):
        MappedCounters(tmp_path / "nowhere" / "handler.counters", HandlerSlot, create=True)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE stands in for a full disk")
def test_a_full_disk_is_an_engine_error_and_leaves_no_file(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "handler.counters"
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


INCOMPLETE = b"zmq-bench counters 1\noffered,accepted\n"


@pytest.mark.parametrize("content", [b"", b"something else", INCOMPLETE, os.urandom(2000)])
def test_a_file_of_another_kind_is_an_engine_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(EngineError, match=r"not a counters|cannot be opened"):
        read_counters(path)


def test_a_file_with_other_counters_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "handler.counters"
    MappedCounters(path, HandlerSlot, create=True).close()
    with pytest.raises(EngineError, match="holds other counters"):
        MappedCounters(path, ListenerSlot)
