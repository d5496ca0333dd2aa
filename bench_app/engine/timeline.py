"""The timeline of a run: which step is due, and what the preset and the steps so far want. A pure state machine.

:mod:`.timeline_runner` asks it what is due, carries the steps out, and applies the wanted document.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from bench_app.errors import InputError
from bench_app.model import TimelineStep
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_app.preset.timeline_checks import without_timeline

READ_S = 5.0
"""A caption that came late, because its conditions did not hold before, stays at least so long."""
KEY_AFTER_S = 1.0
"""Without a person at the keys, a step that waits for a key comes this long after the step before."""


@dataclass
class Timeline:
    """The steps of one run, and how far it is.

    Attributes:
        steps: all steps, in their order.
        speed: how many seconds of the timeline pass in a second of the run.
        key_after_s: when a step that waits for a key comes without one; None: never.
        done: how many steps have come.
    """

    steps: Sequence[TimelineStep] = ()
    speed: float = 1.0
    key_after_s: float | None = KEY_AFTER_S
    done: int = 0
    _is_asked: bool = field(default=False, repr=False)
    """A key was pressed for the next step."""
    _last_s: float = field(default=0.0, repr=False)
    """When the last step came."""

    @property
    def next_step(self) -> TimelineStep | None:
        """The step that comes next; None after the last."""
        return self.steps[self.done] if self.done < len(self.steps) else None

    @property
    def is_waiting_for_key(self) -> bool:
        """Whether only a key can bring the next step."""
        step = self.next_step
        return step is not None and step.waits_for_key and self.key_after_s is None and not self._is_asked

    @property
    def is_over(self) -> bool:
        """Whether no further step comes before the end of the run."""
        step = self.next_step
        return step is None or step.is_at_end

    @property
    def due_s(self) -> float | None:
        """The second of the run at which the next step is due; None if it waits for a key or for the end of the run."""
        step = self.next_step
        if step is None or step.is_at_end:
            return None
        if self._is_asked:
            return self._last_s
        if isinstance(step.at_s, float | int):
            return max(step.at_s / self.speed, self._last_s + self._least_gap_s(step.at_s) / self.speed)
        return None if self.key_after_s is None else self._last_s + self.key_after_s / self.speed

    def _least_gap_s(self, at_s: float) -> float:
        """How long the step before stays at least, if it came late: as long as planned, or as people need to read."""
        before = self.steps[self.done - 1].at_s if self.done else None
        return min(READ_S, at_s - before) if isinstance(before, float | int) else 0.0

    def ask_next(self) -> None:
        """A key was pressed: the next step is due, whatever its time. Its conditions must still hold."""
        self._is_asked = not self.is_over

    def is_due(self, elapsed_s: float, holds: Callable[[TimelineStep], bool]) -> bool:
        """Whether the next step comes now: its time is over or a key was pressed, and its conditions hold."""
        step, due_s = self.next_step, self.due_s
        return step is not None and due_s is not None and elapsed_s >= due_s and holds(step)

    def advance(self, elapsed_s: float) -> TimelineStep:
        """The next step has come, at this second of the run. Returns it."""
        step = self.next_step
        assert step is not None
        self.done += 1
        self._is_asked = False
        self._last_s = elapsed_s
        return step

    def wanted(self, document: Document) -> Document:
        """What the run is to be: the document, edits included, with the values of the steps so far."""
        return with_steps(document, self.steps[: self.done])


def with_steps(document: Document, steps: Sequence[TimelineStep]) -> Document:
    """The document with the values that the steps set, in their order.

    A document that was edited may have no place for a value any more, for example without the handler. Such a step
    sets nothing.
    """
    if not any(step.set for step in steps):
        return document
    changed = documents.with_raw(document, without_timeline(document.raw))
    for step in steps:
        try:
            changed = documents.replace_all(changed, step.set.items()) if step.set else changed
        except InputError:
            continue
    bench = msgspec.structs.replace(changed.preset.bench, timeline=document.preset.bench.timeline)
    preset = msgspec.structs.replace(changed.preset, bench=bench)
    return dataclasses.replace(changed, preset=preset)
