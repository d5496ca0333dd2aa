"""Stop, as the user asks for it: button, key, menu -> **stop request** -> run controller."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bench_ui.runs.run_controller import RunController
from bench_ui.widgets import number_format
from bench_ui.window import dialogs

LONG_RUN_S = 60.0
"""A run that has lasted longer is stopped only after a question: an hour of measuring must not end by a slip."""


class StopRequest:
    """Stops the run. Called while the run is stopping, it ends the run at once."""

    def __init__(self, window: QWidget, run: RunController) -> None:
        self._window, self._run = window, run

    def stop(self) -> None:
        """Stop the run; ask first if it is a long one."""
        session = self._run.session
        if session is None or not self._run.running:
            return
        if session.interrupted or session.elapsed_s <= LONG_RUN_S:
            self._run.stop()
            return
        lasted = number_format.clock(session.elapsed_s)
        dialogs.ask_stop(self._window, f"Stop the run after {lasted}?", self._run.stop)
