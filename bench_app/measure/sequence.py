"""Which messages a listener received: socket ~~> listener -> **sequence numbers** -> ledger.

The set is exact and takes bounded memory. Numbers start at 1. All numbers up to ``complete_to`` are in the set. Higher
numbers are in *chunks* of 65,536 numbers. Only the two chunks used last are unpacked, with one boolean for each number.
Every other chunk is packed into the smallest of three forms: the numbers in it, the numbers missing in it, or one bit
for each number. The memory for a run:

* without a loss: none;
* for a listener that shares the messages of a PUSH: at most one bit for each number;
* for a corrupt stamp: some hundred bytes, even if its number is very large.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bench_app.measure.packed_numbers import PackedNumbers

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_CHUNK_BITS = 16
_CHUNK = 1 << _CHUNK_BITS
_MASK = _CHUNK - 1
_MOST_LISTED = _CHUNK // 16
"""A list of this many uint16 numbers takes as much memory as the bitmap."""
_READY_CHUNKS = 2
_FEW_RANGES = 64
"""Up to this many ranges, adding each by itself costs less than listing their numbers."""


class SequenceSet:
    """A set of sequence numbers. A new set has the numbers 1 to ``complete_to``.

    Attributes:
        complete_to: every number from 1 to this one is in the set.
        highest: the highest number in the set; 0 when it is empty.
        first: the number that was added first; 0 before any.
        count: how many distinct numbers are in the set.
    """

    def __init__(self, complete_to: int = 0) -> None:
        self.complete_to = complete_to
        self.highest = complete_to
        self.first = 0
        self.count = complete_to
        self._chunks: dict[int, _Chunk] = {}
        self._ready: list[int] = []

    def add(self, seqs: Int64s) -> tuple[Bools, int]:
        """Add numbers in the order of their arrival; returns which of them were new, and how many were reordered.

        All others are duplicates. A number is reordered when it is new and below the highest number that arrived before
        it.
        """
        amount = len(seqs)
        if not amount:
            return np.empty(0, np.bool_), 0
        first, last = int(seqs[0]), int(seqs[-1])
        if not self.first:
            self.first = int(seqs[np.argmax(seqs > 0)])
        if first > self.highest and bool((seqs[1:] > seqs[:-1]).all()):
            self._add_rising(seqs, first, last)
            return np.ones(amount, np.bool_), 0
        return self._add_mixed(seqs)

    def add_next(self, seq: int) -> bool:
        """Add one number without numpy if it is above all numbers in the set, so that it is new and not reordered.

        Returns False and adds nothing for any other number.
        """
        if seq <= self.highest or seq < 1:
            return False
        if seq == self.complete_to + 1:
            # seq is above highest, so no chunk has numbers from here on.
            self.complete_to = seq
        else:
            self._chunk((seq - 1) >> _CHUNK_BITS).add_new_one((seq - 1) & _MASK)
            self._drop_complete()
        self.first = self.first or seq
        self.highest = seq
        self.count += 1
        return True

    def add_ranges(self, ranges: Int64s) -> None:
        """Add all numbers of ranges, given as an array of shape (n, 2) with the first and the last number of each.

        The ranges must rise, must not touch, and must be above all numbers in the set.
        """
        if not len(ranges):
            return
        self.first = self.first or int(ranges[0, 0])
        if len(ranges) > _FEW_RANGES:
            numbers = _numbers_of(ranges)
            self._add_rising(numbers, int(numbers[0]), int(numbers[-1]))
            return
        for first, last in ranges.tolist():
            self._add_range(first, last)
        self._drop_complete()

    def packed(self) -> PackedNumbers:
        """The set in a form that can be sent."""
        chunks = {key: (chunk.count, chunk.packed()) for key, chunk in self._chunks.items()}
        return PackedNumbers(self.complete_to, self.highest, self.count, chunks)

    def merge(self, other: PackedNumbers) -> int:
        """Add all numbers of another set; returns how many of them this set had already. ``first`` does not change."""
        before = self.count
        for key in range(self.complete_to >> _CHUNK_BITS, -(-other.complete_to >> _CHUNK_BITS)):
            bits = np.zeros(_CHUNK, np.bool_)
            bits[: other.complete_to - (key << _CHUNK_BITS)] = True
            self._merge_chunk(key, bits)
        for key, (count, data) in other.chunks.items():
            self._merge_chunk(key, _Chunk.of_packed(count, data).unpacked())
        self.highest = max(self.highest, other.highest)
        return other.count - (self.count - before)

    def __contains__(self, seq: int) -> bool:
        if 1 <= seq <= self.complete_to:
            return True
        chunk = self._chunks.get((seq - 1) >> _CHUNK_BITS)
        return chunk is not None and bool(chunk.unpacked()[(seq - 1) & _MASK])

    @property
    def memory_bytes(self) -> int:
        """The approximate memory of the chunks."""
        return sum(chunk.memory_bytes for chunk in self._chunks.values())

    def _add_rising(self, seqs: Int64s, first: int, last: int) -> None:
        """Add numbers that rise strictly and are all above ``highest``: the usual case."""
        if first == self.complete_to + 1 and last - first == len(seqs) - 1:
            # first is above highest, so no chunk has numbers from here on.
            self.complete_to = last
        else:
            positions = seqs - 1
            for key, part in _by_chunk(positions):
                self._chunk(key).add_new(positions[part] & _MASK)
            self._drop_complete()
        self.highest = last
        self.count += len(seqs)

    def _add_range(self, first: int, last: int) -> None:
        if first == self.complete_to + 1:
            # first is above highest, so no chunk has numbers from here on.
            self.complete_to = last
        else:
            for key in range((first - 1) >> _CHUNK_BITS, ((last - 1) >> _CHUNK_BITS) + 1):
                start = max(0, first - 1 - (key << _CHUNK_BITS))
                self._chunk(key).add_new_range(start, min(_CHUNK, last - (key << _CHUNK_BITS)))
        self.highest = last
        self.count += last - first + 1

    def _add_mixed(self, seqs: Int64s) -> tuple[Bools, int]:
        highest_before = np.empty_like(seqs)
        highest_before[0] = self.highest
        np.maximum.accumulate(seqs[:-1], out=highest_before[1:])
        np.maximum(highest_before, self.highest, out=highest_before)
        distinct, arrival = _distinct(seqs)
        is_distinct_new = self._add_distinct(distinct)
        reordered = int(np.count_nonzero(is_distinct_new & (distinct < highest_before[arrival])))
        self.highest = max(self.highest, int(distinct[-1]))
        self.count += int(np.count_nonzero(is_distinct_new))
        # A number that is repeated within the batch is new only at its first place.
        is_new = np.zeros(len(seqs), np.bool_)
        is_new[arrival] = is_distinct_new
        return is_new, reordered

    def _add_distinct(self, rising: Int64s) -> Bools:
        """Add numbers that rise strictly; returns which of them were new."""
        is_new = (rising > self.complete_to) | (rising < 1)
        candidates = np.flatnonzero(is_new)
        positions = rising[candidates] - 1
        for key, part in _by_chunk(positions):
            is_new[candidates[part]] = self._chunk(key).add(positions[part] & _MASK)
        self._drop_complete()
        return is_new

    def _merge_chunk(self, key: int, bits: Bools) -> None:
        if 0 <= key < self.complete_to >> _CHUNK_BITS:
            return
        self.count += int(np.count_nonzero(self._chunk(key).add(np.flatnonzero(bits))))
        self._drop_complete()

    def _chunk(self, key: int) -> _Chunk:
        """The chunk, unpacked. The least recently used of the unpacked chunks is packed in exchange."""
        if key in self._ready:
            if self._ready[-1] != key:
                self._ready.remove(key)
                self._ready.append(key)
            return self._chunks[key]
        chunk = self._chunks.get(key)
        if chunk is None:
            starts_with = self.complete_to & _MASK if key == self.complete_to >> _CHUNK_BITS else 0
            chunk = self._chunks[key] = _Chunk(starts_with)
        chunk.unpack()
        self._ready.append(key)
        if len(self._ready) > _READY_CHUNKS:
            self._chunks[self._ready.pop(0)].pack()
        return chunk

    def _drop_complete(self) -> None:
        key = self.complete_to >> _CHUNK_BITS
        while (chunk := self._chunks.get(key)) is not None and chunk.count == _CHUNK:
            del self._chunks[key]
            if key in self._ready:
                self._ready.remove(key)
            key += 1
            self.complete_to = key << _CHUNK_BITS


class _Chunk:
    """65,536 consecutive numbers, unpacked as booleans or packed. The first ``starts_with`` numbers are in the set."""

    __slots__ = ("_bits", "_packed", "count")

    def __init__(self, starts_with: int) -> None:
        self.count = starts_with
        self._bits: Bools | None = np.zeros(_CHUNK, np.bool_)
        self._bits[:starts_with] = True
        self._packed: npt.NDArray[np.uint16] | npt.NDArray[np.uint8] | None = None

    @classmethod
    def of_packed(cls, count: int, data: bytes) -> _Chunk:
        """A chunk with ``count`` numbers from what :meth:`packed` returned."""
        chunk = cls(0)
        chunk.count, chunk._bits = count, None
        is_listed = count < _MOST_LISTED or _CHUNK - count < _MOST_LISTED
        chunk._packed = np.frombuffer(data, np.uint16) if is_listed else np.frombuffer(data, np.uint8)
        return chunk

    def packed(self) -> bytes:
        """The packed form, as bytes. The chunk itself is packed afterwards."""
        self.pack()
        assert self._packed is not None
        return self._packed.tobytes()

    @property
    def memory_bytes(self) -> int:
        return sum(part.nbytes for part in (self._bits, self._packed) if part is not None)

    def add_new(self, offsets: Int64s) -> None:
        """Add distinct offsets that are not in the chunk yet; the chunk must be unpacked."""
        assert self._bits is not None
        self._bits[offsets] = True
        self.count += len(offsets)

    def add_new_range(self, start: int, stop: int) -> None:
        """Add the offsets from ``start`` to ``stop - 1``, which are not in the chunk yet; it must be unpacked."""
        assert self._bits is not None
        self._bits[start:stop] = True
        self.count += stop - start

    def add_new_one(self, offset: int) -> None:
        """Add one offset that is not in the chunk yet; the chunk must be unpacked."""
        assert self._bits is not None
        self._bits[offset] = True
        self.count += 1

    def add(self, offsets: Int64s) -> Bools:
        """Add distinct offsets and return which were new; the chunk must be unpacked."""
        assert self._bits is not None
        is_new = ~self._bits[offsets]
        self._bits[offsets] = True
        self.count += int(np.count_nonzero(is_new))
        return is_new

    def pack(self) -> None:
        if self._bits is None:
            return
        if self.count < _MOST_LISTED:
            self._packed = np.flatnonzero(self._bits).astype(np.uint16)
        elif _CHUNK - self.count < _MOST_LISTED:
            self._packed = np.flatnonzero(~self._bits).astype(np.uint16)
        else:
            self._packed = np.packbits(self._bits)
        self._bits = None

    def unpack(self) -> None:
        self._bits = self.unpacked()
        self._packed = None

    def unpacked(self) -> Bools:
        """The booleans of all numbers; the chunk itself is not unpacked."""
        if self._bits is not None:
            return self._bits
        assert self._packed is not None
        if self._packed.dtype == np.uint8:
            return np.unpackbits(self._packed.astype(np.uint8, copy=False)).view(np.bool_)
        misses = self.count >= _MOST_LISTED
        bits = np.full(_CHUNK, misses, np.bool_)
        bits[self._packed] = not misses
        return bits


def _by_chunk(positions: Int64s) -> list[tuple[int, slice]]:
    """The key of each chunk in which some of the rising positions lie, with the slice of these positions."""
    if not len(positions):
        return []
    first, last = int(positions[0]) >> _CHUNK_BITS, int(positions[-1]) >> _CHUNK_BITS
    if first == last:
        return [(first, slice(0, len(positions)))]
    keys = positions >> _CHUNK_BITS
    ends = [*(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(positions)]
    starts = [0, *ends[:-1]]
    return [(int(keys[start]), slice(start, end)) for start, end in zip(starts, ends, strict=True)]


def _numbers_of(ranges: Int64s) -> Int64s:
    """All numbers of ranges that rise."""
    lengths = ranges[:, 1] - ranges[:, 0] + 1
    ends = np.cumsum(lengths)
    # Each number is its place in the result plus what the first number of its range is above its own place.
    numbers: Int64s = np.arange(int(ends[-1])) + np.repeat(ranges[:, 0] - (ends - lengths), lengths)
    return numbers


def _distinct(seqs: Int64s) -> tuple[Int64s, npt.NDArray[np.intp]]:
    """The distinct numbers, rising, and the index at which each occurs first."""
    order = np.argsort(seqs, kind="stable")
    rising = seqs[order]
    is_first = np.empty(len(rising), np.bool_)
    is_first[0] = True
    np.not_equal(rising[1:], rising[:-1], out=is_first[1:])
    return rising[is_first], order[is_first]
