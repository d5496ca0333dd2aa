from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.cli.repeat_run import repeat_json
from bench_app.comparison.result_files import read_runs
from bench_app.engine.result import to_json
from bench_app.errors import InputError
from tests.comparison.results import result


def test_single_and_repeated_runs_are_read(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_bytes(to_json(result()))
    assert read_runs(file) == [result()]
    file.write_bytes(repeat_json([result(), result()], []))
    assert read_runs(file) == [result(), result()]


@pytest.mark.parametrize(
    "text, message",
    [
        ("[", "is not JSON"),
        ("[]", "has no format"),
        ('{"format": "\\u001b[31m"}', r"has the format \\x1b\[31m"),
        ('{"format": "zmq-bench-result/1"}', "is no result"),
        ('{"format": "zmq-bench-repeat/1", "runs": 5}', "is no result"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "r.json"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        read_runs(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_runs(tmp_path / "none.json")
