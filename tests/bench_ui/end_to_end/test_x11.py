"""The window on a real X server, as on a desktop: a window that opens offscreen may still fail there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage

from tests.runs import preset

pytestmark = [
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no Xvfb here"),
    pytest.mark.timeout(120),
]


def start_server() -> tuple[subprocess.Popen[bytes], str]:
    """An X server that this test alone uses, and its display; the server chooses its number."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as output:
        number = output.readline().strip()
    assert number, "Xvfb did not start"
    return server, f":{number}"


@pytest.fixture
def display() -> Iterator[str]:
    """The display of a server of its own."""
    server, display = start_server()
    yield display
    server.terminate()
    server.wait()


def environment(display: str, home: Path) -> dict[str, str]:
    env = {**os.environ, "DISPLAY": display, "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    return {name: value for name, value in env.items() if name not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}


def wait_until_connected(window: int) -> None:
    """Wait until a worker of a window has a connection: its run has begun."""
    end_s = time.monotonic() + 60
    while time.monotonic() < end_s:
        for worker in psutil.Process(window).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(one.status == psutil.CONN_ESTABLISHED for one in worker.net_connections("tcp")):
                    return
        time.sleep(0.1)
    raise AssertionError("no run began")


def test_the_window_opens_runs_and_is_seen_on_an_x_server(display: str, tmp_path: Path) -> None:
    env = environment(display, tmp_path)
    picture, result, file = tmp_path / "window.png", tmp_path / "result.json", tmp_path / "preset.json"
    file.write_text(json.dumps(preset({"socket_type": "PUSH"}, rate=500, duration_s=60)))
    asked = [str(file), "--start", "--after", "4", "--screenshot", str(picture), "--json", str(result)]
    done = subprocess.run(
        [sys.executable, "-m", "bench_app", *asked], env=env, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "terminal" not in done.stdout
    image = QImage(str(picture))
    assert image.width() >= 960 and image.height() >= 600
    shades = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert len(shades) > 20, "the picture shows nothing"
    counted = json.loads(result.read_text())
    assert counted["balanced"] and counted["handlers"]["h"]["offered"] > 0
    assert counted["gui"]["frames_per_s"] > 0


def test_a_display_that_is_lost_costs_the_window_and_not_the_result(tmp_path: Path) -> None:
    server, display = start_server()
    env = environment(display, tmp_path)
    result, file = tmp_path / "result.json", tmp_path / "preset.json"
    file.write_text(json.dumps(preset({"socket_type": "PUSH"}, rate=500, duration_s=60)))
    asked = [str(file), "--start", "--json", str(result)]
    window = subprocess.Popen(
        [sys.executable, "-m", "bench_app", *asked],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until_connected(window.pid)
        server.kill()
        server.wait()
        _, errors = window.communicate(timeout=60)
    finally:
        server.kill()
        window.kill()
    assert window.returncode == 3
    assert "Traceback" not in errors and "QThread" not in errors
    assert errors.splitlines()[-1] == (
        "zmq-bench: The display is gone, and with it the window. A run under way was ended and kept."
    )
    assert json.loads(result.read_text())["balanced"]
