"""How many workers a PUSH needs: workers, speed, load -> **more workers** -> listeners to add. Pure.

n workers that take c messages per second each keep up with L events/s if n x c is above L. They are to use three
quarters of their time, as any consumer that keeps up, so n is the next whole number above L / (0.75 c).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench_app.advice.advice import Value
from bench_app.advice.keeping_up import SPARE
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.texts import value_text
from bench_app.model.json_path import format_path

MOST_WORKERS = 16
"""More workers than this are not proposed: each is a process of the bench."""


@dataclass(frozen=True)
class MoreWorkers:
    """The workers to add.

    Attributes:
        needed: how many workers there must be in all.
        text: which listeners are added, such as ``4 more listeners with delay_ms 5``.
        proposal: the settings of the listeners to add, by their paths in the preset.
    """

    needed: int
    text: str
    proposal: dict[str, Value]


def more_workers(handler: HandlerSituation, workers: Sequence[ListenerSituation], taken: float) -> MoreWorkers | None:
    """The workers to add, like the slowest of those that there are; None if they cannot be added, or are too many.

    ``taken`` is what all workers take together, in messages per second. A worker without a delay is not copied: its
    speed is that of the machine, and more of them share it.
    """
    slowest = min(workers, key=lambda one: one.pace)
    path, pause = slowest.path, {"delay_ms": slowest.spec.delay_ms, "delay_jitter_ms": slowest.spec.delay_jitter_ms}
    if path is None or not any(pause.values()) or slowest.spec.stall is not None:
        return None
    if {one.path for one in workers} != {(*path[:-1], number) for number in range(len(workers))}:
        return None
    added = max(1, math.ceil((handler.rate / SPARE - taken) / slowest.pace))
    needed = len(workers) + added
    if needed > MOST_WORKERS:
        return None
    given = {key: value for key, value in pause.items() if value}
    proposal: dict[str, Value] = {
        format_path((*path[:-1], number, key)): value
        for number in range(len(workers), needed)
        for key, value in given.items()
    }
    kinds = " and ".join(f"{key} {value_text(value)}" for key, value in given.items())
    text = f"{added} more {'listener' if added == 1 else 'listeners'} with {kinds}"
    return MoreWorkers(needed, text, proposal)
