"""The options of ``zmq-bench listen``."""

from __future__ import annotations

import pytest

from tests.cli.command import bench_inside


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["listen", "nonsense", "--type", "SUB"], "transport"),
        (["listen", "127.0.0.1:5710", "--type", "SUB"], "tcp://HOST:PORT"),
        (["listen", "127.0.0.1:5710", "--type", "SUB"], "did you mean tcp://127.0.0.1:5710?"),
        (["listen", "tcp://127.0.0.1:9", "--type", "SUB", "--time-field", "a..b"], "column 3"),
        (["listen", "tcp://127.0.0.1:9", "--type", "SUB", "--sequence-field", "a..b"], "column 3"),
        (["listen", "tcp://127.0.0.1:9", "--type", "DEALER"], "DEALER"),
    ],
)
def test_wrong_input_is_refused_with_a_message(arguments: list[str], message: str) -> None:
    finished = bench_inside(*arguments)
    assert finished.returncode == 2
    assert message in finished.stderr
