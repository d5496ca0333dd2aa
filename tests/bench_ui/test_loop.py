"""asyncio runs on the loop of Qt."""

from __future__ import annotations

import asyncio

from bench_ui.loop import run
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication


def test_coroutines_and_timers_of_qt_take_turns_and_the_exit_code_comes_back(qapp: QApplication) -> None:
    async def main() -> int:
        fired = asyncio.Event()
        QTimer.singleShot(0, fired.set)
        await asyncio.wait_for(fired.wait(), 10)
        return 3

    assert run(qapp, main()) == 3
    assert run(qapp, main()) == 3, "the loop can be opened again"
