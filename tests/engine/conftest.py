from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.stage import Play, Stage, UseProgram, a_stage

IDLE = "exec cat > /dev/null"
"""A program that does nothing until its standard input ends, as it does when the session has gone."""


@pytest.fixture
def use_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UseProgram:
    """Has worker processes run a program of the shell in place of Python."""

    def use(program: str) -> None:
        file = tmp_path / "program"
        file.write_text(f"#!/bin/sh\n{program}\n")
        file.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(file))

    return use


@pytest.fixture
def play(tmp_path: Path, use_program: UseProgram) -> Play:
    """Has a test play the units of a run with this preset."""

    def play(raw: dict[str, Any], act: Callable[[Stage], Awaitable[None]]) -> None:
        async def go() -> None:
            async with a_stage(raw, tmp_path) as stage:
                await act(stage)

        use_program(IDLE)
        asyncio.run(go())

    return play
