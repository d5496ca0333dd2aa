"""A unit's counters, which outlive its worker process: handler or listener -> **counters file** -> report -> ledger.

The counters are unsigned 64-bit integers in a small memory-mapped file. When a worker is killed, the kernel keeps the
file, so the session can still read the last counts. The file contains the names of its counters.

Hot code indexes ``slots`` with plain ints that it took from the enums once (``ACCEPTED = int(HandlerSlot.ACCEPTED)``),
because looking up a member of an enum for each count would double the cost of a count.
"""

from __future__ import annotations

import contextlib
import mmap
import struct
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from types import TracebackType

from bench_app.errors import EngineError

_MAGIC = b"zmq-bench counters 1\n"
_HEADER_BYTES = 1024
_SLOT_BYTES = 8


class HandlerSlot(IntEnum):
    """A handler's counters. ATTEMPTED is the sequence number being sent now, or else equal to ACCEPTED.

    If they differ after a crash, a message was being sent; see :mod:`bench_app.measure.ledger.crashed`. BY_HAND is a
    part of OFFERED.
    """

    OFFERED = 0
    QUEUE_OVERFLOW = 1
    SEND_TIMEOUT = 2
    ABORTED = 3
    ACCEPTED = 4
    ATTEMPTED = 5
    BYTES = 6
    REPLIED = 7
    REQUEST_TIMEOUT = 8
    RETRIES = 9
    BY_HAND = 10


class ListenerSlot(IntEnum):
    """A listener's counters; FIRST and HIGHEST are sequence numbers, 0 before the first stamped message.

    RECEIVED_IN_DRAIN is a part of RECEIVED.
    """

    RECEIVED = 0
    DUPLICATES = 1
    REORDERED = 2
    FOREIGN = 3
    MALFORMED = 4
    BYTES = 5
    FIRST = 6
    HIGHEST = 7
    RECEIVED_IN_DRAIN = 8


class MappedCounters:
    """The counters of one unit in a memory-mapped file.

    ``fields`` is an IntEnum (the counters are named like its members, in lower case) or the names themselves. With
    ``create`` the file must not exist yet, and all counters start at 0. Without ``create`` the file must exist, and the
    counters keep their values. Raises :class:`EngineError` if either is not the case, or if the disk is full.

    Attributes:
        path: the file.
        fields: the names of the counters.
        slots: the counters in the order of ``fields``; a write is in the file at once.
    """

    def __init__(self, path: Path, fields: type[IntEnum] | Sequence[str], create: bool = False) -> None:
        self.path = path
        self.fields = _names(fields)
        if create:
            _create(path, self.fields)
        found, self._mapped = _map(path)
        if found != self.fields:
            self._mapped.close()
            raise EngineError(f"the counters file {path} holds other counters than expected: {', '.join(found)}")
        self._bytes = memoryview(self._mapped)
        counters = self._bytes[_HEADER_BYTES : _HEADER_BYTES + _SLOT_BYTES * len(self.fields)]
        self.slots: memoryview[int] = counters.cast("Q")
        counters.release()

    def values(self) -> dict[str, int]:
        """The counters by name."""
        return dict(zip(self.fields, self.slots, strict=True))

    def close(self) -> None:
        """Close the file; ``slots`` must not be used afterwards. Closing twice does no harm."""
        # The views are released first, because an mmap with a view refuses to close.
        self.slots.release()
        self._bytes.release()
        self._mapped.close()

    def __enter__(self) -> MappedCounters:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_counters(path: Path) -> dict[str, int]:
    """The counters of a file by name, whether its worker is alive or not; raises :class:`EngineError`."""
    fields, mapped = _map(path)
    with mapped:
        return dict(zip(fields, struct.unpack_from(f"{len(fields)}Q", mapped, _HEADER_BYTES), strict=True))


def _names(fields: type[IntEnum] | Sequence[str]) -> tuple[str, ...]:
    if isinstance(fields, type):
        return tuple(slot.name.lower() for slot in sorted(fields))
    return tuple(fields)


def _create(path: Path, fields: tuple[str, ...]) -> None:
    header = _MAGIC + ",".join(fields).encode() + b"\n"
    if len(header) > _HEADER_BYTES:
        raise EngineError(f"the counters file {path} has too many counters: {len(fields)}")
    # Write all bytes now. A sparse file on a full disk would fail later, with a SIGBUS in a hot loop.
    content = header.ljust(_HEADER_BYTES, b"\0") + bytes(_SLOT_BYTES * len(fields))
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise EngineError(f"the counters file {path} exists already and is not overwritten") from error
    except OSError as error:
        # Remove the incomplete file, because the next attempt needs the name.
        with contextlib.suppress(OSError):
            path.unlink()
        raise EngineError(f"the counters file {path} could not be created: {error.strerror or error}") from error


def _map(path: Path) -> tuple[tuple[str, ...], mmap.mmap]:
    """The names of the counters in a file, and the mapped file."""
    try:
        with path.open("r+b") as file:
            mapped = mmap.mmap(file.fileno(), 0)
    except (OSError, ValueError) as error:
        # mmap raises ValueError for an empty file.
        raise EngineError(f"the counters file {path} cannot be opened: {error}") from error
    header = mapped[:_HEADER_BYTES].rstrip(b"\0")
    fields = tuple(header[len(_MAGIC) : -1].decode(errors="replace").split(","))
    is_valid = header.startswith(_MAGIC) and header.endswith(b"\n")
    if not is_valid or len(mapped) != _HEADER_BYTES + _SLOT_BYTES * len(fields):
        mapped.close()
        raise EngineError(f"{path} is not a counters file, or not a complete one")
    return fields, mapped
