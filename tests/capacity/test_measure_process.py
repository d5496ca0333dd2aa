"""The measurement in its own process."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench_app.capacity.measure import measure
from bench_app.capacity.measure_process import MeasureProcess
from bench_app.errors import EngineError
from bench_app.preset import documents
from tests.runs import preset


def test_the_result_is_the_same_as_in_this_process() -> None:
    listeners = [{"name": "l", "high_water_mark": 6}]
    raw = preset({"socket_type": "PUSH", "high_water_mark": 5}, uri="zmq://inproc://a", listeners=listeners)
    document = documents.parse(raw, "test")
    assert MeasureProcess(document, "h").run() == measure(document, "h")


def test_an_error_comes_back_as_its_message() -> None:
    with pytest.raises(EngineError, match="no handler “nix”"):
        MeasureProcess(documents.parse(preset(), "test"), "nix").run()


def test_stopping_leaves_no_process_and_no_folder() -> None:
    raw = preset({"socket_type": "PUSH", "high_water_mark": 10_000_000}, uri="zmq://ipc:///tmp/no-listener.ipc")
    process = MeasureProcess(documents.parse(raw, "test"), "h")
    found: list[Any] = []
    running = threading.Thread(target=lambda: found.append(process.run()))
    running.start()
    folders: set[Path] = set()
    until = time.monotonic() + 20
    while time.monotonic() < until and not folders:
        for child in psutil.Process().children():
            folders |= _ipc_folders(child)
        time.sleep(0.01)
    assert folders
    process.stop()
    running.join(20)
    assert found == [None]
    assert not [folder for folder in folders if folder.exists()]


def test_a_measurement_that_is_stopped_first_never_begins() -> None:
    process = MeasureProcess(documents.parse(preset(), "test"), "h")
    process.stop()
    assert process.run() is None


def _ipc_folders(process: psutil.Process) -> set[Path]:
    """The private folders in which measuring processes have their sockets."""
    try:
        connections = process.net_connections("unix")
    except psutil.Error:
        return set()
    return {Path(str(one.laddr)).parent for one in connections if os.path.basename(str(one.laddr)) == "c"}  # noqa: PTH119
