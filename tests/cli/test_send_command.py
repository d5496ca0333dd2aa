"""The options of ``zmq-bench send``."""

from __future__ import annotations

import pytest

from tests.cli.command import bench_inside


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["send", "tcp://127.0.0.1", "--type", "PUSH", "{}"], "a port after the host"),
        (["send", "tcp://127.0.0.1:9", "--type", "PUSH", "{broken"], "no JSON"),
        (["send", "tcp://127.0.0.1:9", "--type", "PUSH", "/nowhere/at/all"], "cannot be read"),
    ],
)
def test_wrong_input_is_refused_with_a_message(arguments: list[str], message: str) -> None:
    finished = bench_inside(*arguments)
    assert finished.returncode == 2
    assert message in finished.stderr
