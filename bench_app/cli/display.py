"""Can a window be opened here? Asked before Qt is, which ends the process where it finds no display."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points

WINDOW_GROUP = "zmq_bench.window"
PROBE_LIMIT_S = 20.0
_PROBE = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"


def why_no_window() -> str:
    """A sentence's beginning on why there can be no window; "" where there can."""
    if not entry_points(group=WINDOW_GROUP):
        return "The window is not installed"
    if os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal", "vnc")):
        return ""
    has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not has_display:
        return "There is no display"
    try:
        # A display that is named may still be unreachable, or a library of the system missing; Qt then aborts.
        probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, timeout=PROBE_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "The display does not answer"
    if probe.returncode == 0:
        return ""
    words = _qts_words(probe.stderr.decode(errors="replace"))
    return f"The display cannot be used ({words})" if words else "The display cannot be used"


def _qts_words(stderr: str) -> str:
    """The first line in which Qt says what is missing, such as a library of the system."""
    told = (line.partition(": ") for line in stderr.splitlines() if line.startswith("qt.qpa."))
    return next((words.strip().rstrip(".") for _, _, words in told), "")
