"""The console of the commands, when its reader is gone."""

from __future__ import annotations

import io

import pytest

from bench_app.cli.console import CommandConsole


class ClosedPipe(io.StringIO):
    def write(self, text: str, /) -> int:
        raise BrokenPipeError


def test_a_reader_that_is_gone_raises_instead_of_ending_the_process() -> None:
    with pytest.raises(BrokenPipeError):
        CommandConsole(file=ClosedPipe()).print("text")
