"""Finds the bench's stamps in a file of any kind: consumer's file -> **stamps** -> completed ledger.

The file has the messages that the consumer received, or only the values of ``_bench``: JSON, CSV, a log, a recording
of the bench. Its format does not matter, because a stamp is a text of a fixed form. Compression and encoding are
recognised by the content.
"""

from __future__ import annotations

import io
import re
from array import array
from collections.abc import Iterator
from pathlib import Path

from bench_app.errors import InputError, SourceError
from bench_app.sources.compression import decompressed
from bench_app.sources.record import BrokenFileError, Record
from bench_app.sources.recording_records import MCAP_MAGIC
from bench_app.sources.records import read_records
from bench_app.sources.text_encoding import as_utf8
from bench_app.transport import stamp

_BLOCK_BYTES = 1024 * 1024
_NUMBER = rb"([0-7][0-9a-f]{15})"
_STAMP = re.compile(rb"(?<![0-9A-Za-z])1-([0-9a-f]{8})-([0-9a-f]{4})-" + b"-".join([_NUMBER] * 3) + rb"(?![0-9a-f])")


class ReceivedStamps:
    """The stamps of one handler of one run, in the order of the file.

    Attributes:
        sequences: the sequence numbers.
        intended_ns: when each event was due.
    """

    def __init__(self) -> None:
        self.sequences = array("q")
        self.intended_ns = array("q")


def read_stamps(path: Path) -> dict[tuple[int, int], ReceivedStamps]:
    """The stamps of a file by run and handler. Raises :class:`InputError` if the file cannot be read."""
    found: dict[tuple[int, int], ReceivedStamps] = {}
    try:
        for match in _stamps_in(path):
            run, handler, sequence, intended, _ = match
            key = int(run, 16), int(handler, 16)
            stamps = found.get(key)
            if stamps is None:
                stamps = found[key] = ReceivedStamps()
            stamps.sequences.append(int(sequence, 16))
            stamps.intended_ns.append(int(intended, 16))
    except (BrokenFileError, SourceError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    return found


def _stamps_in(path: Path) -> Iterator[tuple[bytes, ...]]:
    with path.open("rb") as raw:
        plain, _ = decompressed(raw)
        if not plain.peek(1).startswith(MCAP_MAGIC):
            yield from _stamps_of(as_utf8(plain)[0])
            return
    for record in read_records(path):
        if isinstance(record, Record):
            yield from (match.groups() for match in _STAMP.finditer(record.text))


def _stamps_of(file: io.BufferedReader) -> Iterator[tuple[bytes, ...]]:
    text = b""
    while block := file.read(_BLOCK_BYTES):
        text += block
        # A stamp at the end may go on in the next block. One byte more shows what precedes it.
        end = len(text) - stamp.TEXT_LENGTH - 1
        done = 0
        for match in _STAMP.finditer(text):
            if match.end() >= len(text):
                break
            yield match.groups()
            done = match.end()
        text = text[max(done, end, 0) :] if done < len(text) else b""
    for match in _STAMP.finditer(text):
        yield match.groups()
