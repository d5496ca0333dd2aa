"""A worker's counters, which outlive it: handler or listener -> **book** -> report -> ledger.

A small memory-mapped file of unsigned 64-bit counters. The kernel keeps it when the worker is killed, whatever the
worker was doing, so the session can read what it had counted. The file names its own counters.

Hot code indexes ``book.slots`` with plain ints it has taken from the enums once (``ACCEPTED =
int(HandlerSlot.ACCEPTED)``): looking an enum's member up each time doubles what a count costs.
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

_MAGIC = b"zmq-bench book 1\n"
_HEADER_BYTES = 1024
_SLOT_BYTES = 8


class HandlerSlot(IntEnum):
    """A handler's counters. ATTEMPTED is the sequence number being sent now, else equal to ACCEPTED."""

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


class ListenerSlot(IntEnum):
    """A listener's counters; FIRST and HIGHEST are sequence numbers, 0 where none came."""

    RECEIVED = 0
    DUPLICATES = 1
    REORDERED = 2
    FOREIGN = 3
    MALFORMED = 4
    BYTES = 5
    FIRST = 6
    HIGHEST = 7


class MappedCounters:
    """The counters of one unit in the file at ``path``, in ``slots`` in the order of ``fields``.

    ``fields`` is an IntEnum (its names in lower case name the counters) or the names themselves. With ``create`` the
    file must not exist yet and all counters are 0; without, it must, and they go on from what they are. Raises
    :class:`EngineError` where that is not so, or where the disk has no room.
    """

    def __init__(self, path: Path, fields: type[IntEnum] | Sequence[str], create: bool = False) -> None:
        self.path = path
        self.fields = _names(fields)
        if create:
            _create(path, self.fields)
        found, self._mapped = _map(path)
        if found != self.fields:
            self._mapped.close()
            raise EngineError(f"the book {path} holds other counters than expected: {', '.join(found)}")
        self._bytes = memoryview(self._mapped)
        counters = self._bytes[_HEADER_BYTES : _HEADER_BYTES + _SLOT_BYTES * len(self.fields)]
        self.slots: memoryview[int] = counters.cast("Q")
        counters.release()

    def values(self) -> dict[str, int]:
        """The counters by name."""
        return dict(zip(self.fields, self.slots, strict=True))

    def close(self) -> None:
        """Let go of the file; ``slots`` must not be used any more. Closing twice does no harm."""
        # A mmap that still has a view on it refuses to close.
        self.slots.release()
        self._bytes.release()
        self._mapped.close()

    def __enter__(self) -> MappedCounters:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_book(path: Path) -> dict[str, int]:
    """The counters of a book by name, whether its worker lives or not; raises :class:`EngineError`."""
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
        raise EngineError(f"the book {path} has too many counters: {len(fields)}")
    # Real bytes, not a hole: without room for them the disk says so here, and not by a SIGBUS in a hot loop.
    content = header.ljust(_HEADER_BYTES, b"\0") + bytes(_SLOT_BYTES * len(fields))
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise EngineError(f"the book {path} exists already and is not overwritten") from error
    except OSError as error:
        # Half a book would only be in the way of the next attempt.
        with contextlib.suppress(OSError):
            path.unlink()
        raise EngineError(f"the book {path} could not be created: {error.strerror or error}") from error


def _map(path: Path) -> tuple[tuple[str, ...], mmap.mmap]:
    """The names of a book's counters, and the whole file mapped."""
    try:
        with path.open("r+b") as file:
            mapped = mmap.mmap(file.fileno(), 0)
    except (OSError, ValueError) as error:
        # mmap has a ValueError for an empty file.
        raise EngineError(f"the book {path} cannot be opened: {error}") from error
    header = mapped[:_HEADER_BYTES].rstrip(b"\0")
    fields = tuple(header[len(_MAGIC) : -1].decode(errors="replace").split(","))
    is_valid = header.startswith(_MAGIC) and header.endswith(b"\n")
    if not is_valid or len(mapped) != _HEADER_BYTES + _SLOT_BYTES * len(fields):
        mapped.close()
        raise EngineError(f"{path} is not a book, or not a whole one")
    return fields, mapped
