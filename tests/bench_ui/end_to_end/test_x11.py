"""The window on a real X server, as on a desktop: a window that opens offscreen may still fail there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.runs import preset

pytestmark = [
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no Xvfb here"),
    pytest.mark.timeout(120),
]


@pytest.fixture
def display() -> Iterator[str]:
    """A display of an X server that this test alone uses; the server chooses its number."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as output:
        number = output.readline().strip()
    try:
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def test_the_window_opens_runs_and_is_seen_on_an_x_server(display: str, tmp_path: Path) -> None:
    env = {**os.environ, "DISPLAY": display, "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    env = {name: value for name, value in env.items() if name not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}
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
