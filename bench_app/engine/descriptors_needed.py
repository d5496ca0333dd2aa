"""How many file descriptors a run needs: plan -> **descriptors** of this process and of each worker -> starting.

The limit holds for each process, and a worker has that of the process that starts it. A worker that shares many units
needs the most. The figures were counted in ``/proc/PID/fd``; a test counts them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench_app.engine.state import HandlerState, ListenerState, UnitState

SPARE_DESCRIPTORS = 16
"""Descriptors that are needed for a moment: to start a process, to write a file."""
WORKER_DESCRIPTORS = 20
"""What a worker takes without a unit: its control channel, the context of its units with one I/O thread, three spare.
"""
IO_THREAD_DESCRIPTORS = 2
UNIT_DESCRIPTORS = 8
"""A unit's socket with one connection, the socket's monitor, the unit's control channel."""
INPROC_UNIT_DESCRIPTORS = 5
"""Within a process, there is neither a connection nor a monitor."""
TAP_DESCRIPTORS = 10
"""What the recording of a listener takes in its worker."""


def descriptors_here(groups: Sequence[Sequence[UnitState]]) -> int:
    """What workers take in this process: a pipe for each worker, and a connection for each worker and each unit."""
    return SPARE_DESCRIPTORS + 2 * len(groups) + sum(map(len, groups))


def descriptors_of_worker(units: Iterable[UnitState], io_threads: int, is_recording: bool) -> int:
    """What the worker of these units takes. Peers from outside of the bench come on top."""
    return (
        WORKER_DESCRIPTORS
        + IO_THREAD_DESCRIPTORS * (io_threads - 1)
        + sum(_descriptors_of(unit, is_recording) for unit in units)
    )


def _descriptors_of(unit: UnitState, is_recording: bool) -> int:
    if isinstance(unit, ListenerState):
        own = INPROC_UNIT_DESCRIPTORS if unit.handler.plan.is_inproc else UNIT_DESCRIPTORS
        return own + (TAP_DESCRIPTORS if is_recording else 0)
    if isinstance(unit, HandlerState) and unit.plan.is_inproc:
        return INPROC_UNIT_DESCRIPTORS
    connections = len(unit.plan.listeners) if isinstance(unit, HandlerState) else 0
    return UNIT_DESCRIPTORS + max(0, connections - 1)
