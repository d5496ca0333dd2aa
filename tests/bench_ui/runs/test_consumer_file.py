"""A file of an own consumer is told from a preset, and completes a result."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.runs.consumer_file import complete_with, is_consumer_file

from bench_app.errors import InputError
from tests.account.test_consumer_account import RUN, START_NS, result


def stamp(number: int, run: int = RUN) -> str:
    due_ns = START_NS + (number - 1) * 1_000_000_000
    return f"1-{run:08x}-0001-{number:016x}-{due_ns:016x}-{due_ns:016x}"


def lines_of(numbers: list[int], run: int = RUN) -> str:
    return "".join(f'{{"_bench": "{stamp(number, run)}"}}\n' for number in numbers)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.csv", "", True),
        ("a.jsonl.gz", "", True),
        ("preset.json", '{"output": {}}', False),
        ("array.json", f'[{{"_bench": "{stamp(1)}"}}]', True),
        ("missing.json", None, False),
    ],
)
def test_a_stamp_or_the_ending_tells_it_from_a_preset(
    tmp_path: Path, name: str, text: str | None, expected: bool
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    assert is_consumer_file(tmp_path / name) is expected


def test_the_result_has_a_row_for_the_consumer_and_every_gap_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines_of([1, 2, 5, 8]))
    completed = complete_with(result(8), tmp_path / "a.jsonl")
    row = completed.result.handlers["h"].listeners["consumer-1"]
    assert (row.received, row.lost) == (4, 4)
    assert completed.lines[0] == "h/consumer-1: 8 accepted = 4 received + 4 lost, balances"
    assert completed.gaps == [("h", "3", "4", "2", "2.000 s", "3.000 s"), ("h", "6", "7", "2", "5.000 s", "6.000 s")]


def test_a_file_of_another_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines_of([1], run=7))
    with pytest.raises(InputError, match="no stamp of this run"):
        complete_with(result(8), tmp_path / "a.jsonl")
