"""``--debug`` and ``--log-file``, before or after the name of a command."""

from __future__ import annotations

import pytest

from bench_app.cli.log_options import move_behind_command
from tests.cli.command import bench


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["--debug", "run", "p", "--quiet"], ["run", "--debug", "p", "--quiet"]),
        (["--log-file", "run", "--debug", "listen", "u"], ["listen", "--log-file", "run", "--debug", "u"]),
        (["--log-file=f", "run", "p"], ["run", "--log-file=f", "p"]),
        (["--debug", "my.json", "run"], ["--debug", "my.json", "run"]),
        (["--debug"], ["--debug"]),
        (["--log-file"], ["--log-file"]),
        (["run", "--debug"], ["run", "--debug"]),
        ([], []),
    ],
)
def test_log_options_may_precede_the_command(typed: list[str], expected: list[str]) -> None:
    assert move_behind_command(typed, ["run", "listen"]) == expected


def test_a_log_needs_a_file() -> None:
    finished = bench("listen", "bind:tcp://127.0.0.1:*", "--type", "PULL", "--log-file", "-")
    assert finished.returncode == 2
    assert "needs a file" in finished.stderr
