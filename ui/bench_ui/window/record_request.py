"""Record the next run, as the user asks: menu, button -> **record request** -> run controller -> recording."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QToolButton, QWidget

from bench_app.errors import InputError
from bench_app.recording.recorder import RecordOptions, refuse_bad_file
from bench_ui.runs.run_controller import RunController
from bench_ui.window import dialogs
from bench_ui.window.user_messages import UserMessages

PROPOSED_NAME = "messages.jsonl"


class RecordRequest:
    """Asks for the file that the next run is recorded in. Chosen again before the run, it records nothing.

    ``button`` is down while the next run is to be recorded.
    """

    def __init__(self, window: QWidget, run: RunController, messages: UserMessages, button: QToolButton) -> None:
        self._window, self._run, self._messages, self._button = window, run, messages, button
        button.clicked.connect(self.toggle)
        run.started.connect(self._show_state)

    @property
    def is_on(self) -> bool:
        """Whether the next run is recorded."""
        return self._run.record is not None

    def toggle(self) -> None:
        """Ask for the file, or record nothing."""
        if self.is_on:
            self._run.record = None
            self._messages.show("The next run is not recorded.")
        else:
            dialogs.ask_recording(self._window, PROPOSED_NAME, self.record_in)
        self._show_state()

    def record_in(self, file: Path) -> None:
        """Record the next run in a file, if it can be written."""
        try:
            refuse_bad_file(file)
        except InputError as error:
            self._messages.show(str(error))
            return
        self._run.record = RecordOptions(file)
        self._show_state()
        self._messages.show(f"The next run is recorded in {file}.")

    def _show_state(self) -> None:
        # A click has changed the button already, though the user may name no file.
        self._button.setChecked(self.is_on)
