from __future__ import annotations

from bench_app.model.note import Note


def test_a_note_begins_with_its_path() -> None:
    assert str(Note(("bench", "checks", 2), "is no check")) == "bench.checks[2]: is no check"


def test_a_name_with_dots_stays_one_part_of_the_path() -> None:
    note = Note(("output", "handlers", "a.b"), "has no effect")
    assert note.path[2] == "a.b"
    assert str(note) == 'output.handlers["a.b"]: has no effect'
