"""Notes that the user writes about moments of a run: plots, menu -> **note taking** -> events of the run, archive."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bench_app.engine.events import NOTE, EventKind, RunEvent
from bench_ui.runs.run_store import RunStore
from bench_ui.widgets.number_format import clock
from bench_ui.window import dialogs
from bench_ui.window.event_markers import mark_events
from bench_ui.window.refresh import Refresher
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

NO_RUN = "A note belongs to a run: start one, or open one under Runs."


class NoteTaking:
    """Asks for the text of a note, and keeps it as an event of the run that is shown."""

    def __init__(
        self, window: QWidget, bench: Workbench, store: RunStore, refresher: Refresher, messages: UserMessages
    ) -> None:
        self._window, self._bench, self._store = window, bench, store
        self._refresher, self._messages = refresher, messages

    @property
    def is_possible(self) -> bool:
        """True while the window shows a run."""
        return self._refresher.kept is not None or self._bench.run.session is not None

    def ask_here(self) -> None:
        """Ask for a note about the moment under the pointer; else about now, or about the end of the run."""
        time = self._refresher.panels.board.time
        self.ask(time.newest_s if time.pointer_s is None else time.pointer_s)

    def ask(self, at_s: float) -> None:
        """Ask for a note about a moment of the run."""
        if not self.is_possible:
            self._messages.show(NO_RUN)
            return
        at_s = max(0.0, at_s)
        dialogs.ask_text(self._window, f"Note at {clock(at_s)}", "", lambda text: self.keep(at_s, text))

    def keep(self, at_s: float, text: str) -> None:
        """Keep a note as an event of the shown run, and mark its moment in the plots."""
        run, kept = self._bench.run, self._refresher.kept
        if not text:
            return
        if kept is not None:
            event = RunEvent(at_s, NOTE, text, marker=True, kind=EventKind.NOTE)
            self._refresher.panels.events.add(event)
            mark_events(self._refresher.panels.board, [event])
            self._bench.start_task(self._store.add_event(kept.id, event), "keep-note")
        elif run.session is not None:
            event = run.session.note(at_s, text)
            if not run.running:
                # The record of the run was made before this note.
                self._bench.start_task(self._store.add_event_to_last(event), "keep-note")
