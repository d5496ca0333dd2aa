"""Writes the messages of a capture as a recording: capture -> connections -> **import** -> recording."""

from __future__ import annotations

from pathlib import Path

from bench_app.captures.connections import Connections
from bench_app.captures.packets import read_packets
from bench_app.errors import BenchError, InputError
from bench_app.recording.files import JsonLinesFile, RecordingFile, is_mcap
from bench_app.recording.message import RecordedMessage
from bench_app.recording.recorder import refuse_bad_file
from bench_app.sources.compression import decompressed
from bench_app.sources.record import BrokenFileError

BATCH = 1000


def import_capture(
    capture: Path, output: Path, connections: Connections, topic: str = "", number: int | None = None
) -> int:
    """Write the messages of a capture to ``output``; returns how many there are.

    ``connections`` then knows what was found. ``topic``: only messages whose topic begins so. ``number``: only this
    connection. Raises :class:`BenchError`.
    """
    refuse_bad_file(output)
    if output.exists() and capture.exists() and output.samefile(capture):
        raise InputError(f"{output} is the capture itself")
    try:
        with capture.open("rb") as raw:
            packets = read_packets(decompressed(raw)[0])
            file = _open(output)
            try:
                batch: list[RecordedMessage] = []
                for connection, message in connections.read(packets):
                    if number in (None, connection.number) and message.topic.startswith(topic):
                        batch.append(message)
                    if len(batch) >= BATCH:
                        _write(file, batch, output)
                        batch = []
                _write(file, batch, output)
            finally:
                _close(file, output)
    except OSError as error:
        raise InputError(f"{capture} cannot be read: {error.strerror or error}") from error
    except (InputError, BrokenFileError) as error:
        raise InputError(f"{capture}: {error}") from error
    return file.written


def _open(output: Path) -> RecordingFile:
    try:
        if not is_mcap(output):
            return JsonLinesFile(output)
        from bench_app.recording.mcap_file import McapFile

        return McapFile(output)
    except ImportError:
        raise InputError('MCAP needs the package mcap (pip install "zmq-bench[mcap]" installs it)') from None
    except OSError as error:
        raise BenchError(f"{output} cannot be written: {error.strerror or error}") from error


def _write(file: RecordingFile, batch: list[RecordedMessage], output: Path) -> None:
    try:
        file.append(batch)
    except OSError as error:
        raise BenchError(f"{output} cannot be written: {error.strerror or error}") from error


def _close(file: RecordingFile, output: Path) -> None:
    try:
        file.close(None)
    except OSError as error:
        raise BenchError(f"{output} cannot be written: {error.strerror or error}") from error
