"""Checks whether a window can be opened here. Qt itself aborts the process if it finds no display."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from threading import Thread

WINDOW_GROUP = "zmq_bench.window"
WINDOW_PACKAGES = ("PySide6", "pyqtgraph", "qasync")
"""What the extra ``window`` installs."""
INSTALL_WINDOW = 'pip install "zmq-bench[window]"'
PROBE_LIMIT_S = 20.0
_PROBE = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"


def why_no_window() -> str:
    """Why no window can be opened, as text with a capital letter and no full stop; "" if a window can be opened."""
    # Imported for the window alone: it loads 30 modules, such as those for email and zip files.
    from importlib.metadata import entry_points

    if not entry_points(group=WINDOW_GROUP) or not all(map(find_spec, WINDOW_PACKAGES)):
        return f"The window is not installed ({INSTALL_WINDOW} installs it)"
    if os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal", "vnc")):
        return ""
    has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not has_display:
        return "There is no display"
    reasons: list[str] = []
    trial = Thread(target=lambda: reasons.append(_why_no_display()))
    trial.start()
    # The trial takes as long as half of the imports, and this process would only wait for it.
    with suppress(ImportError):
        load_window()
    trial.join()
    return reasons[0]


def load_window() -> Callable[..., int]:
    """Import the window; returns the function that opens it."""
    # Imported for the window alone, as above.
    from importlib.metadata import entry_points

    # PySide6 reads the source of each module that is imported after it, so the largest part is imported before.
    import_module("bench_app.engine.run_once")
    opening: Callable[..., int] = next(iter(entry_points(group=WINDOW_GROUP))).load()
    return opening


def _why_no_display() -> str:
    try:
        # If the display is unreachable or a system library is missing, Qt aborts the process. So another process tries.
        probe = subprocess.run(
            [sys.executable, "-P", "-c", _PROBE], capture_output=True, timeout=PROBE_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "The display does not answer"
    if probe.returncode == 0:
        return ""
    reason = _qt_reason(probe.stderr.decode(errors="replace"))
    return f"The display cannot be used ({reason})" if reason else "The display cannot be used"


def _qt_reason(stderr: str) -> str:
    """The first line in which Qt names what is missing, such as a system library."""
    lines = (line.partition(": ") for line in stderr.splitlines() if line.startswith("qt.qpa."))
    return next((reason.strip().rstrip(".") for _, _, reason in lines), "")
