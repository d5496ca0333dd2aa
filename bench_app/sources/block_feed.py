"""The events of one handler in blocks, for a compiled sender: **source** -> compiled sender -> socket.

The counterpart of :class:`bench_app.sources.feed.Feed`. It gives the same events at the same times. The sender offers
them without Python, so it gets due times and events of a file ahead, a block at a time, and asks for more when few are
left. A pool is copied into the sender once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from bench_app.measure.arrays import Int64s
from bench_app.measure.clock import NEVER_NS
from bench_app.model import Load, MaxLoad, RecordedLoad
from bench_app.sources.load import CHUNK, due_blocks
from bench_app.sources.supply import PoolSupply, Supply
from bench_app.sources.supply_feed import UNDERRUN_RETRY_NS, SupplyFeed

if TYPE_CHECKING:
    # A module that exists only where the data plane is compiled.
    from bench_app.data_plane.sending import Sender

EVENT_BLOCK = 1024
BLOCK_BYTES = 1024 * 1024
"""The most events of a file that the sender gets at once: so many, or the first that together have so many bytes."""
NOTHING_DUE = np.empty(0, np.int64)


class BlockFeed(SupplyFeed[bytearray]):
    """Keeps a compiled sender supplied with events and due times; not thread-safe.

    Attributes:
        sender: offers the events.
        at_max: whether the load is ``max``, so that an event is due whenever there is room.
    """

    def __init__(
        self, supply: Supply[bytearray], load: Load, seed: int, duration_ns: int, skip: int, sender: Sender
    ) -> None:
        super().__init__(supply, duration_ns)
        self.sender = sender
        self.at_max = False
        self._seed = seed
        self._blocks: Iterator[Int64s] = iter(())
        self._beyond_ns = NOTHING_DUE
        """The due times of the last block that are after the end of the run."""
        self._has_ended = False
        if isinstance(supply, PoolSupply):
            sender.set_pool(supply.pool, supply.first)
        self._set_load(load, 0, skip, recorded_zero_ns=0)

    @property
    def exhausted(self) -> bool:
        """Whether no event will come any more, unless the load changes."""
        return self._has_ended or self.sender.is_exhausted

    @property
    def next_due_ns(self) -> int:
        """The due time of the next event; NEVER_NS if there is none or it is not known yet."""
        return NEVER_NS if self._has_ended else self.sender.next_due_ns

    @property
    def _taken_ahead(self) -> int:
        return self.sender.events_left

    def change_load(self, load: Load, now_ns: int, skip: int = 0) -> None:
        """Follow another load from ``now_ns`` on; see :meth:`bench_app.sources.feed.Feed.change_load`."""
        self._set_load(load, now_ns, skip, recorded_zero_ns=-1)

    def change_duration(self, duration_ns: int) -> None:
        """End at another time; see :meth:`bench_app.sources.feed.Feed.change_duration`."""
        self._duration_ns = duration_ns
        self.sender.set_duration(duration_ns)
        self._add_dues()

    def refill(self, now_ns: int, is_event_due: bool) -> None:
        """Give the sender due times and events of a file. ``is_event_due``: the sender waits for an event."""
        self._add_dues()
        if isinstance(self._supply, PoolSupply):
            return
        if self.sender.wants_events:
            self._add_events()
        if not is_event_due or self.sender.events_left:
            self._in_underrun = self._in_underrun and is_event_due and not self.sender.events_left
            return
        if self._supply.ended:
            self._has_ended = True
            self._note_early_end(now_ns)
        else:
            self._count_underrun()

    def _set_load(self, load: Load, start_ns: int, skip: int, recorded_zero_ns: int) -> None:
        self._check_load(load)
        self._has_ended = False
        self.at_max = isinstance(load, MaxLoad)
        speed = load.speed if isinstance(load, RecordedLoad) else None
        self.sender.set_schedule(start_ns, self._duration_ns, self.at_max, speed, recorded_zero_ns)
        self._blocks, self._beyond_ns = iter(()), NOTHING_DUE
        if not self.at_max and speed is None:
            self._blocks = _skipping(due_blocks(load, self._seed), skip)
        self._base_ns = start_ns
        self.refill(start_ns, is_event_due=False)

    def _add_dues(self) -> None:
        while self.sender.dues_wanted >= CHUNK:
            dues_ns = self._next_dues()
            in_run = int(np.searchsorted(dues_ns, self._duration_ns))
            self._beyond_ns = dues_ns[in_run:]
            is_last = in_run < len(dues_ns) or not len(dues_ns)
            self.sender.add_dues(dues_ns[:in_run], is_last)
            if is_last:
                return

    def _next_dues(self) -> Int64s:
        """The next due times, which may be after the end of the run; empty if the load has no more."""
        if len(self._beyond_ns):
            return self._beyond_ns
        block = next(self._blocks, None)
        return NOTHING_DUE if block is None else block + self._base_ns

    def _add_events(self) -> None:
        events: list[tuple[bytearray, int]] = []
        size = 0
        while len(events) < EVENT_BLOCK and size < BLOCK_BYTES and (event := self._supply.take()) is not None:
            events.append(event)
            size += len(event[0])
        self.sender.add_events(events)
        if not events:
            self.sender.wait_for_supply(UNDERRUN_RETRY_NS, self._supply.ended)


def _skipping(blocks: Iterator[Int64s], skip: int) -> Iterator[Int64s]:
    """The blocks without the first ``skip`` due times."""
    for block in blocks:
        if skip < len(block):
            yield block[skip:]
        skip = max(0, skip - len(block))
