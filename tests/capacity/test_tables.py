"""A measured capacity in the terminal."""

from __future__ import annotations

import io

from rich.console import Console

from bench_app.capacity.figures import CapacityResult, ConnectionCapacity
from bench_app.capacity.places import by_marks, in_one_pipe
from bench_app.capacity.tables import print_capacity
from bench_app.engine.running_conditions import this_machine
from tests.capacity.test_figures import found


def printed(*connections: ConnectionCapacity) -> str:
    text = io.StringIO()
    result = CapacityResult(preset="p", connections=list(connections), machine=this_machine())
    print_capacity(Console(file=text, width=120), result)
    return text.getvalue()


def line_with(text: str, part: str) -> str:
    (line,) = [line for line in text.splitlines() if part in line]
    return line


def test_places_are_shown_with_their_marks_above_their_sum() -> None:
    text = printed(found(messages=3000, places=by_marks(3000, 1000, 1000)))
    assert "h PUSH over tcp to l, messages of 512 bytes" in text
    assert "1,000" in line_with(text, "sender's pipe") and "SNDHWM 1,000, full" in line_with(text, "sender's pipe")
    assert "RCVHWM 1,000, full" in line_with(text, "receiver's pipe")
    assert line_with(text, "encoder, kernel's buffers and decoder").split()[-1] == "inferred"
    assert "3,000" in line_with(text, "effective capacity")
    assert "All accepted messages came out again." in text


def test_inproc_shows_how_both_marks_add_up() -> None:
    text = printed(found(transport="inproc", places=in_one_pipe(7500)))
    assert "SNDHWM 1,000 + RCVHWM 1,000 = 2,000" in line_with(text, "one pipe for both ends")


def test_a_lower_bound_is_marked_at_least() -> None:
    text = printed(found(verdict="at_least", places=by_marks(7500, 1000, 1000)))
    assert "effective capacity, at least" in text


def test_an_unsound_figure_does_not_say_that_all_messages_came_out() -> None:
    text = printed(found(verdict="unsound", received=7400), found())
    assert "No valid figure" in text
    assert "All accepted messages" not in text


def test_without_a_figure_there_is_no_table() -> None:
    text = printed(found(verdict="unlimited", messages=None, received=0, reason="no limit"))
    assert "where messages sit" not in text
    assert "never fills the connection: no limit." in text
    assert "All accepted messages" not in text


def test_notes_come_last() -> None:
    text = printed(found(notes=["one thing", "another"]))
    assert "Notes on the measurement: one thing; another." in text
