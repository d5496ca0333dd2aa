"""Finds the bench's stamps in a file of any kind: consumer's file -> **stamps** -> completed ledger.

The file has the messages that the consumer received, or only the values of ``_bench``: JSON, CSV, a log, a recording
of the bench. Its format does not matter, because a stamp is a text of a fixed form. Compression and encoding are
recognised by the content. If its lines have a time of arrival, latencies are computed from it.
"""

from __future__ import annotations

import io
import itertools
import re
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

from bench_app.account.arrival_times import UNKNOWN_NS, ArrivalClock, time_finder
from bench_app.errors import InputError, SourceError
from bench_app.sources.compression import decompressed
from bench_app.sources.record import BadRecord, BrokenFileError, Record, read_lines
from bench_app.sources.recording_records import MCAP_MAGIC
from bench_app.sources.records import read_records
from bench_app.sources.text_encoding import as_utf8
from bench_app.transport import stamp

_BLOCK_BYTES = 1024 * 1024
_FIRST_LINES = 20
NO_CLOCK = ArrivalClock(0, 0, 0.0)
_NUMBER = rb"([0-7][0-9a-f]{15})"
_STAMP = re.compile(rb"(?<![0-9A-Za-z])1-([0-9a-f]{8})-([0-9a-f]{4})-" + b"-".join([_NUMBER] * 3) + rb"(?![0-9a-f])")


class ReceivedStamps:
    """The stamps of one handler of one run, in the order of the file.

    Attributes:
        sequences: the sequence numbers.
        intended_ns: when each event was due.
        sent_ns: when each event was sent.
        received_ns: when each message was received, on the same clock; -1 where the file does not say.
    """

    def __init__(self) -> None:
        self.sequences = array("q")
        self.intended_ns = array("q")
        self.sent_ns = array("q")
        self.received_ns = array("q")


def read_stamps(
    path: Path, clock: ArrivalClock | None = None, time_field: str | None = None
) -> dict[tuple[int, int], ReceivedStamps]:
    """The stamps of a file by run and handler.

    ``clock`` reads the times of arrival; without it, none is read. ``time_field`` names their field. Raises
    :class:`InputError` if the file cannot be read, or if it does not have the field.
    """
    found: dict[tuple[int, int], ReceivedStamps] = {}
    try:
        for match, received_ns in _stamps_in(path, clock, time_field):
            run, handler, sequence, intended, sent = match
            key = int(run, 16), int(handler, 16)
            stamps = found.get(key)
            if stamps is None:
                stamps = found[key] = ReceivedStamps()
            stamps.sequences.append(int(sequence, 16))
            stamps.intended_ns.append(int(intended, 16))
            stamps.sent_ns.append(int(sent, 16))
            stamps.received_ns.append(received_ns)
    except (BrokenFileError, SourceError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    return found


def _stamps_in(
    path: Path, clock: ArrivalClock | None, time_field: str | None
) -> Iterator[tuple[tuple[bytes, ...], int]]:
    """Each stamp with the time at which its message was received."""
    find = time_finder(_first_lines(path), time_field) if clock is not None else None
    if find is None and time_field is not None:
        raise InputError(f"{path} has no field {time_field} in its first lines")
    with path.open("rb") as raw:
        plain, _ = decompressed(raw)
        if not plain.peek(1).startswith(MCAP_MAGIC):
            text = as_utf8(plain)[0]
            if find is None or clock is None:
                yield from ((match, UNKNOWN_NS) for match in _stamps_of(text))
            else:
                yield from _stamps_with_times(read_lines(text), clock, find)
            return
    yield from _stamps_with_times(read_records(path), clock or NO_CLOCK, find or (lambda line: None))


def _first_lines(path: Path) -> list[str]:
    with path.open("rb") as raw:
        plain, _ = decompressed(raw)
        if plain.peek(1).startswith(MCAP_MAGIC):
            records: Iterator[Record | BadRecord] = read_records(path)
        else:
            records = read_lines(as_utf8(plain)[0])
        first = itertools.islice(records, _FIRST_LINES)
        return [record.text.decode(errors="replace") for record in first if isinstance(record, Record)]


def _stamps_with_times(
    records: Iterator[Record | BadRecord], clock: ArrivalClock, find: Callable[[str], str | None]
) -> Iterator[tuple[tuple[bytes, ...], int]]:
    for record in records:
        if not isinstance(record, Record):
            continue
        stamps = _STAMP.findall(record.text)
        if not stamps:
            continue
        text = find(record.text.decode(errors="replace"))
        received_ns = UNKNOWN_NS if text is None else clock.read_ns(text)
        yield from ((match, received_ns) for match in stamps)


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
