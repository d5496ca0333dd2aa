"""A work queue that decides itself what happens to a task when the workers are too slow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bench_app import HandlerStats, Loss, Output

Decision = Literal["sent", "waited", "dropped", "kept"]


@dataclass(frozen=True)
class Task:
    """A piece of work; only urgent work waits for room."""

    number: int
    is_urgent: bool


class WorkQueue:
    """Tasks for workers that connect to it.

    Attributes:
        kept: tasks that no worker could take.
    """

    def __init__(self, output: Output, uri: str) -> None:
        config = {"socket_type": "PUSH", "queue_size": 4, "high_water_mark": 4, "send_timeout": -1, "linger": 0}
        self.kept: list[Task] = []
        self._losses: Counter[str] = Counter()
        self._output = output
        self._handler = output.add_handler("tasks", uri, "tasks", config, on_loss=self._count)

    @property
    def stats(self) -> HandlerStats:
        """The ledger of the handler."""
        return self._handler.stats

    def offer(self, task: Task) -> Decision:
        """Send a task, wait for room, drop it, or keep it for later."""
        event = {"number": task.number, "urgent": task.is_urgent}
        result = self._output.write("tasks", event)
        if result:
            return "sent"
        if result.not_open or not result.has_sink:
            self.kept.append(task)
            return "kept"
        if task.is_urgent and self._handler.flush(10) and self._output.write("tasks", event).taken:
            return "waited"
        return "dropped"

    def _count(self, loss: Loss) -> None:
        self._losses[loss.cause] += loss.events


def main(uri: str, tasks: Iterable[Task]) -> tuple[Counter[Decision], HandlerStats]:
    """Offer all tasks; returns the decisions and the ledger."""
    with Output("queue") as output:
        queue = WorkQueue(output, uri)
        decisions: Counter[Decision] = Counter(queue.offer(task) for task in tasks)
        output.flush(10)
        return decisions, queue.stats
