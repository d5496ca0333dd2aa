"""Whether recordings keep their promises: exact replay, little cost, bounded memory.

``python -m benchmarks.recordings`` has three parts.
``replay``: a recording of three topics is replayed and recorded again; both must be equal to the message, and the
distances between sends exact. ``cost``: the delivered rate with and without ``--record``, in alternating pairs.
``formats``: ``check``, a replay and ``send`` of a large file in every format, with the memory that they take. Each
figure stands beside what else the machine did, because other load bends all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import bz2
import gzip
import json
import lzma
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import zmq

from bench_app.engine.result import RunResult
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.preset import documents
from bench_app.recording.message import RecordedMessage, read_line
from bench_app.recording.recorder import RecordOptions
from benchmarks.presets import assert_balanced, one_handler

TOPICS = ("north.camera", "north.radar", "south.camera")
FIDELITY_BAR_US = 1000.0
COST_BAR = 0.1
MEMORY_BAR_MB = 256
BEGIN_NS = 1_700_000_000 * 10**9
_RECORDS_AT_ONCE = 10_000


def main() -> int:
    """Run the parts that are named, or all. Returns 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["replay", "cost", "formats"])
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--cost-rate", type=float, default=0, help="events per second of the pairs; 0: load max")
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--files", nargs="*", default=list(_WRITERS), help="the files of the part formats")
    parser.add_argument(
        "--commands", nargs="*", default=["check", "run", "send"], help="the commands of the part formats"
    )
    options = parser.parse_args()
    parts: dict[str, Callable[[Path], bool]] = {
        "replay": lambda folder: replay(folder, options.messages, options.rate),
        "cost": lambda folder: cost(folder, options.pairs, options.cost_rate),
        "formats": lambda folder: formats(folder, options.megabytes, options.files, options.commands),
    }
    good = True
    for part in options.parts:
        with tempfile.TemporaryDirectory() as folder:
            good &= parts[part](Path(folder))
    return 0 if good else 1


def replay(folder: Path, messages: int, rate: int) -> bool:
    """A recording replays equal to the message, at its own distances."""
    first, second = folder / "first.jsonl", folder / "second.jsonl"
    with first.open("wb") as file:
        file.writelines(message.to_line() for message in _messages(messages, 10**9 // rate))
    source: dict[str, Any] = {"kind": "replay", "path": str(first), "load": {"shape": "recorded"}}
    bench: dict[str, Any] = {
        "handlers": {"h": {"stamp": "off", "no_drop": True}},
        "listeners": {"h": [{"topics": [""]}]},
    }
    config = {"socket_type": "PUB", "topic": "", "high_water_mark": 100_000, "queue_size": 1_000_000}
    # The run ends when all is sent. A machine that is busy otherwise takes longer than the recording.
    raw = one_handler(config, source=source, duration_s=10 * messages / rate + 10, **bench)
    before = _times()
    result = _run(raw, second)
    handler = result.handlers["h"]
    differences = sum(one != other for one, other in zip(_frames(first), _frames(second), strict=False))
    count = sum(1 for _ in _frames(second))
    fidelity, recording = cast("Any", handler.fidelity_us), cast("Any", result.recording)
    print(
        f"  {handler.accepted:,} sent, {handler.received:,} received, {recording.recorded:,} recorded again, "
        f"{recording.not_recorded:,} not: what is not recorded shifts all after it, so that it differs"
    )
    print(
        f"replay: {messages:,} messages at {rate:,}/s: {count:,} came, {differences:,} differ; distances "
        f"p50 {fidelity.p50:,.1f} us, p99 {fidelity.p99:,.1f} us, max {fidelity.max:,.1f} us; {_load(before)}"
    )
    return count == messages and not differences and bool(fidelity.p99 < FIDELITY_BAR_US)


def _messages(count: int, distance_ns: int) -> Iterator[RecordedMessage]:
    """Bodies of JSON, of text with a blank, and of bytes that are no text, some with a third frame."""
    bodies: tuple[Callable[[int], list[bytes]], ...] = (
        lambda number: [b'{"number":%d,"place":"K\xc3\xb6ln"}' % number],
        lambda number: [b"pump %d is at 41.5 bar" % number, number.to_bytes(8, "little")],
        lambda number: [bytes([number % 256, 255, 0]) * 20],
    )
    for number in range(count):
        topic = TOPICS[number % len(TOPICS)]
        frames = [topic.encode(), *bodies[number % len(bodies)](number)]
        yield RecordedMessage(BEGIN_NS + number * distance_ns, "tcp://127.0.0.1:5555", "h/l", topic, frames)


def _frames(path: Path) -> Iterator[tuple[str, list[bytes]]]:
    with path.open("rb") as file:
        for line in file:
            message = read_line(line)
            yield message.topic, list(message.frames)


def cost(folder: Path, pairs: int, rate: float) -> bool:
    """What a recording costs the delivered rate of a run, as the median of alternating pairs."""
    load = {"shape": "constant", "rate": rate} if rate else {"shape": "max"}
    source = {"kind": "synthetic", "event": "detection", "size": 512, "load": load}
    raw = one_handler({"socket_type": "PUSH", "high_water_mark": 5000}, source=source, duration_s=4)
    before, shares = _times(), []
    for number in range(pairs):
        path = folder / "cost.jsonl"
        rates: dict[bool, float] = {}
        for records in (False, True) if number % 2 else (True, False):
            result = _run(raw, path if records else None)
            assert_balanced(result)
            rates[records] = next(iter(result.handlers["h"].listeners.values())).rate
            if records:
                recording = cast("Any", result.recording)
                print(f"  {rates[True]:,.0f}/s: {recording.recorded:,} recorded, {recording.not_recorded:,} not")
            path.unlink(missing_ok=True)
        shares.append(1 - rates[True] / rates[False])
        print(f"  pair {number + 1}: {rates[False]:,.0f}/s without, {rates[True]:,.0f}/s with: {shares[-1]:.1%}")
    share = statistics.median(shares)
    print(f"cost of a recording: {share:.1%} of the delivered rate (median of {pairs} pairs); {_load(before)}")
    return share < COST_BAR


def formats(folder: Path, megabytes: int, names: list[str], chosen: list[str]) -> bool:
    """A large file in every format: the memory that ``check``, a replay and ``send`` take, and their progress."""
    good = True
    for name in names:
        path, write = folder / name, _WRITERS[name]
        with _writer(path) as file:
            events = write(file, megabytes * 1_000_000, path)
        preset = folder / "preset.json"
        source: dict[str, Any] = {"kind": "replay", "path": str(path), "load": {"shape": "max"}}
        raw = one_handler({"socket_type": "PUSH"}, source=source, duration_s=3600)
        raw["bench"]["handlers"]["h"] = {"stamp": "off"}
        preset.write_text(json.dumps(raw))
        print(f"{name}: {path.stat().st_size / 1e6:,.0f} MB, {events:,} events")
        with _Counted() as counted:
            commands: dict[str, tuple[list[str], str]] = {
                "check": (["check", str(preset)], f"{events:,} events"),
                "run": (["run", str(preset), "--json", "-", "--quiet"], f'"received": {events}'),
                "send": (
                    ["send", counted.endpoint, str(path), "--type", "PUSH", "--wait", "60"],
                    f"{events:,} of {events:,} sent",
                ),
            }
            # What is in an MCAP file is a recording, which send refuses.
            possible = [command for command in chosen if command != "send" or path.suffix != ".mcap"]
            for command in possible:
                good &= _bounded(command, *commands[command])
            came = counted.wait_for(events) if "send" in possible else events
        if came != events:
            print(f"FAULT {came:,} of {events:,} came from send")
            good = False
        path.unlink()
    return good


def _bounded(command: str, arguments: list[str], expected: str) -> bool:
    """Run a command on a large file. Returns whether its output has the expected text, and its memory is bounded."""
    before, begin = _times(), time.monotonic()
    arguments = [sys.executable, "-m", "bench_app", *arguments]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        text = process.stdout.read()
        # The highest of the command and its workers, which it has waited for.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds, peak_mb = time.monotonic() - begin, usage.ru_maxrss / 1024
    progress = sum("left" in line for line in text.splitlines())
    # A run at full speed is invalid if its source was the bottleneck.
    is_right = process.returncode in (0, 3) and expected in text and peak_mb < MEMORY_BAR_MB
    print(
        f"  {'' if is_right else 'FAULT '}{command}: {seconds:,.1f} s, {peak_mb:,.0f} MB of memory at most, "
        f"{progress} lines of progress; {_load(before)}",
        flush=True,
    )
    if not is_right:
        print(text[-600:])
    return is_right


class _Counted:
    """A PULL socket whose messages are counted by a thread."""

    def __enter__(self) -> _Counted:
        self._count = 0
        self._ended = threading.Event()
        self._socket = zmq.Context.instance().socket(zmq.PULL)
        self._socket.set(zmq.RCVTIMEO, 100)
        self._socket.set(zmq.LINGER, 0)
        self.endpoint = f"tcp://127.0.0.1:{self._socket.bind_to_random_port('tcp://127.0.0.1')}"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            with suppress(zmq.Again):
                self._socket.recv()
                self._count += 1
        self._socket.close()

    def wait_for(self, count: int, limit_s: float = 30) -> int:
        end = time.monotonic() + limit_s
        while self._count < count and time.monotonic() < end:
            time.sleep(0.05)
        return self._count


def _writer(path: Path) -> IO[bytes]:
    """A file to write to, compressed as its name says. The levels are low: only reading is measured."""
    match path.suffix:
        case ".gz":
            return cast("IO[bytes]", gzip.open(path, "wb", compresslevel=1))
        case ".bz2":
            return cast("IO[bytes]", bz2.open(path, "wb", compresslevel=1))
        case ".xz":
            return cast("IO[bytes]", lzma.open(path, "wb", preset=0))
        case ".zst":
            import zstandard

            return cast("IO[bytes]", zstandard.open(path, "wb"))
        case _:
            return path.open("wb")


def _event(number: int) -> dict[str, Any]:
    return {
        "number": number,
        "at": f"2025-03-30T00:{number // 60_000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}Z",
        "place": "Köln",
        "box": {"x": number % 97 / 7, "y": number % 89 / 3, "labels": ["person", "bicycle"]},
        "note": "x" * (number % 120),
    }


def _write_texts(
    file: IO[bytes], size: int, make: Callable[[int], str], head: str = "", between: str = "", tail: str = ""
) -> int:
    """Write events until the plain text has its size; returns how many."""
    written, number = file.write(head.encode()), 0
    while written < size:
        texts = [make(number + offset) for offset in range(_RECORDS_AT_ONCE)]
        written += file.write(((between if number else "") + between.join(texts)).encode())
        number += _RECORDS_AT_ONCE
    file.write(tail.encode())
    return number


def _dumped(number: int) -> str:
    return json.dumps(_event(number), ensure_ascii=False)


def _lines(file: IO[bytes], size: int, path: Path) -> int:
    return _write_texts(file, size, lambda number: _dumped(number) + "\n")


def _concatenated(file: IO[bytes], size: int, path: Path) -> int:
    return _write_texts(file, size, _dumped)


def _array(file: IO[bytes], size: int, path: Path) -> int:
    return _write_texts(file, size, _dumped, "[", ",\n", "]")


def _pretty(file: IO[bytes], size: int, path: Path) -> int:
    return _write_texts(file, size, lambda number: json.dumps(_event(number), ensure_ascii=False, indent=2) + "\n")


def _table(file: IO[bytes], size: int, path: Path) -> int:
    def row(number: int) -> str:
        event = _event(number)
        return f'{number};{event["at"]};"K""öln; Süd";{number % 97},5;{event["note"]}\n'

    return _write_texts(file, size, row, "number;at;place;x;note\n")


def _mcap(file: IO[bytes], size: int, path: Path) -> int:
    from bench_app.recording.mcap_file import McapFile

    mcap, number, written = McapFile(path), 0, 0
    while written < size:
        bodies = [_dumped(number + offset).encode() for offset in range(_RECORDS_AT_ONCE)]
        mcap.append(
            [
                RecordedMessage(BEGIN_NS + (number + offset) * 50_000, "e", "h/l", TOPICS[0], [b"north.camera", body])
                for offset, body in enumerate(bodies)
            ]
        )
        number += len(bodies)
        written += sum(map(len, bodies))
    mcap.close(None)
    return number


_WRITERS: dict[str, Callable[[IO[bytes], int, Path], int]] = {
    "events.csv": _table,
    "events.jsonl": _lines,
    "concatenated.json": _concatenated,
    "array.json": _array,
    "pretty.json": _pretty,
    "events.jsonl.gz": _lines,
    "events.jsonl.bz2": _lines,
    "events.jsonl.xz": _lines,
    "events.jsonl.zst": _lines,
    "events.mcap": _mcap,
}


def _run(raw: dict[str, Any], record: Path | None) -> RunResult:
    async def act() -> RunResult:
        options = None if record is None else RecordOptions(record)
        return (await run_once(Session(documents.parse(raw, "bench"), record=options))).result

    return asyncio.run(act())


def _times() -> tuple[int, ...]:
    """The times of all processors since boot: user, nice, system, idle, iowait, irq, softirq, steal."""
    with Path("/proc/stat").open() as file:
        return tuple(map(int, file.readline().split()[1:9]))


def _load(before: tuple[int, ...]) -> str:
    """What the machine did meanwhile; the bench's own part is in ``busy``."""
    spent = [now - then for now, then in zip(_times(), before, strict=True)]
    whole = max(1, sum(spent))
    busy, steal = 1 - (spent[3] + spent[4]) / whole, spent[7] / whole
    return f"machine {busy:.0%} busy, {steal:.0%} stolen, load average {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
