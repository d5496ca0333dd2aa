"""Which processor each worker process is pinned to: ``bench.cpu_affinity`` -> **pinning** -> worker. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bench_app.model import CpuAffinity


class Pinning:
    """Gives each worker of a run a processor of its own, in turn.

    ``allowed`` are the processors that the system lets the bench use; None on a system that pins no process.

    Attributes:
        processors: the processors that workers are pinned to; empty if no worker is pinned.
    """

    def __init__(self, affinity: CpuAffinity, allowed: tuple[int, ...] | None) -> None:
        self.processors: tuple[int, ...] = ()
        if affinity != "off" and allowed is not None:
            self.processors = allowed if affinity == "spread" else tuple(affinity)

    def next_processor(self, taken: Iterable[int | None]) -> int | None:
        """The processor for one more worker, the one with the fewest workers; None if workers are not pinned.

        ``taken`` are the processors of the workers that run. A replacement so gets the processor of the worker that it
        replaces.
        """
        workers = Counter(taken)
        return min(self.processors, key=lambda processor: workers[processor], default=None)
