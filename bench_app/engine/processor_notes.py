"""Notes on the use of the processors: listeners that spin, pinned workers -> **notes** -> terminal, window, JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bench_app.engine.state import ListenerState
from bench_app.engine.worker_state import WorkerState
from bench_app.model import CpuAffinity


def processor_notes(
    listeners: Iterable[ListenerState],
    workers: Iterable[WorkerState],
    affinity: CpuAffinity,
    pinned_to: Sequence[int],
    cpus: int,
) -> list[str]:
    """Notes on listeners that spin where no processor is left, and on workers that are not pinned as the preset wants.

    ``affinity`` is the preset's key, ``pinned_to`` the processors that workers were to be pinned to. ``cpus`` is the
    number of processors that the bench may use.
    """
    return [
        *_spinning_notes(listeners, len(set(pinned_to)) or cpus),
        *_pinning_notes(workers, affinity, pinned_to),
    ]


def _spinning_notes(listeners: Iterable[ListenerState], processors: int) -> Iterator[str]:
    present = [listener for listener in listeners if listener.opened and not listener.handler.has_left]
    spinning = sum(listener.plan.spec.wait == "spin" for listener in present)
    # A handler needs a processor, too.
    if spinning < processors or not spinning:
        return
    yield (
        f"{spinning:,} listener{'' if spinning == 1 else 's'} spin{'s' if spinning == 1 else ''} on "
        f"{processors:,} processor{'' if processors == 1 else 's'}: each takes a whole one, so listeners and handlers "
        'wait for each other; "wait": "block" would be faster'
    )


def _pinning_notes(workers: Iterable[WorkerState], affinity: CpuAffinity, pinned_to: Sequence[int]) -> Iterator[str]:
    if affinity == "off":
        return
    if not pinned_to:
        yield "cpu_affinity had no effect: this system pins no process to a processor"
    for worker in workers:
        if worker.pinning_failure:
            yield (
                f"{worker.name} could not be pinned to processor {worker.wanted_processor} "
                f"({worker.pinning_failure}), so it ran on any"
            )
