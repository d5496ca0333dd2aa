"""Driving the window in tests: open a preset, click, wait for states of the run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from bench_app.engine.session import Phase
from bench_app.preset import documents
from tests.runs import preset, until

InWindow = Callable[[Any], None]
"""The fixture ``in_window``: runs a scenario with an open window."""


def three_patterns(**bench: Any) -> dict[str, Any]:
    """A preset with a PUB ``h``, a PUSH ``push`` and a REQ ``req``, each over another transport."""
    raw = preset({"socket_type": "PUB", "topic": "t"}, rate=400, **bench)
    handlers = raw["output"]["handlers"]
    handlers["push"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "PUSH"}}
    handlers["push"] |= {"uri": f"zmq://ipc:///tmp/zmq-bench-window-{os.getpid()}.ipc"}
    handlers["req"] = {"uri": "zmq://inproc://window-test", "config": {"socket_type": "REQ"}}
    return raw


RUN_S = 0.4


def short_run(rate: int) -> dict[str, Any]:
    """A preset with a PUSH ``h`` whose run takes :data:`RUN_S`."""
    return preset({"socket_type": "PUSH"}, rate=rate, duration_s=RUN_S)


def open_preset(window: MainWindow, raw: dict[str, Any]) -> None:
    """Make this preset the open document, without a question about the one before."""
    window.bench.set_document(documents.parse(raw, "test"))


async def until_running(window: MainWindow, least: int = 20) -> None:
    """Wait until every handler has offered more than ``least`` events."""
    await until(lambda: window.bench.run.phase is Phase.RUNNING)
    session = window.bench.run.session
    assert session is not None
    await until(lambda: all(h.counts.offered > least for h in session.handlers.values()))


async def until_ended(window: MainWindow) -> None:
    """Wait until the run has a result."""
    await until(lambda: not window.bench.run.running and window.bench.run.result is not None)


def click(button: QWidget) -> None:
    """Click a button that can be clicked."""
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
