"""Notes on listeners that spin where no processor is left, and on workers that are not pinned as the preset wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench_app.engine.processor_notes import processor_notes
from bench_app.engine.state import ListenerState
from bench_app.engine.unit_key import Departure
from bench_app.engine.worker_state import WorkerState
from tests.engine.units import a_roster
from tests.runs import preset


def listeners(folder: Path, *waits: str) -> list[ListenerState]:
    """Open listeners with these keys ``wait``."""
    given: list[dict[str, Any]] = [{"wait": wait} for wait in waits]
    found = list(a_roster(folder, preset({"socket_type": "PUB", "topic": "t"}, listeners=given)).listeners.values())
    for listener in found:
        listener.endpoint = "tcp://127.0.0.1:5555"
    return found


def notes(states: list[ListenerState], cpus: int, pinned_to: tuple[int, ...] = ()) -> list[str]:
    return processor_notes(states, [], "spread" if pinned_to else "off", pinned_to, cpus)


@pytest.mark.parametrize(
    ("waits", "cpus", "start"),
    [
        (("spin", "spin", "block"), 2, "2 listeners spin on 2 processors: each takes a whole one"),
        (("spin", "spin", "spin"), 2, "3 listeners spin on 2 processors: each takes a whole one"),
        (("spin",), 1, "1 listener spins on 1 processor: each takes a whole one"),
    ],
)
def test_listeners_that_leave_the_handlers_no_processor_have_a_note(
    tmp_path: Path, waits: tuple[str, ...], cpus: int, start: str
) -> None:
    (note,) = notes(listeners(tmp_path, *waits), cpus)
    assert note.startswith(start)


@pytest.mark.parametrize("waits", [("spin", "block"), ("block", "poll"), ()])
def test_otherwise_there_is_no_note(tmp_path: Path, waits: tuple[str, ...]) -> None:
    assert notes(listeners(tmp_path, *waits), 2) == []


def test_pinned_workers_have_only_their_processors(tmp_path: Path) -> None:
    (note,) = notes(listeners(tmp_path, "spin"), 8, (5,))
    assert "on 1 processor:" in note


def test_listeners_that_never_opened_or_have_left_do_not_count(tmp_path: Path) -> None:
    one, other = listeners(tmp_path, "spin", "spin")
    one.endpoint = ""
    assert notes([one, other], 2) == []
    one.endpoint = other.endpoint
    other.handler.departure = Departure(1.0, 1)
    assert notes([one, other], 2) == []


def test_a_worker_that_could_not_be_pinned_has_a_note() -> None:
    workers = [WorkerState("worker-1", (), 0), WorkerState("worker-2", (), 7, "Invalid argument")]
    assert [worker.processor for worker in workers] == [0, None]
    assert processor_notes([], workers, (0, 7), (0, 7), 8) == [
        "worker-2 could not be pinned to processor 7 (Invalid argument), so it ran on any"
    ]
    assert processor_notes([], [WorkerState("worker-1", ())], "off", (), 8) == []


def test_a_system_that_pins_no_process_has_a_note() -> None:
    expected = ["cpu_affinity had no effect: this system pins no process to a processor"]
    assert processor_notes([], [WorkerState("worker-1", ())], "spread", (), 8) == expected
