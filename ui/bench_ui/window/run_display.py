"""Shows how a run begins, what happens in it and how it ends: workbench -> **run display** -> panels, messages.

The figures of the run are shown by the refresher.
"""

from __future__ import annotations

from bench_app.engine.events import RunEvent
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.session import Phase, Session
from bench_ui.presentation.ending import ending_of
from bench_ui.widgets.verdict import verdict_details, verdict_headline, verdict_text
from bench_ui.window.event_markers import mark_events
from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.panels import Panels
from bench_ui.window.refresh import Refresher
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

RUNNING_NOTE = "Running: the columns are from reports of different moments, so they may not add up before the end."
FAILED_NOTE = "No result: the run ended with an error, which the message above the plots names."


class RunDisplay:
    """Keeps the panels in step with the events and phases of the run."""

    def __init__(self, bench: Workbench, layout: PanelLayout, refresher: Refresher, messages: UserMessages) -> None:
        self._bench, self._run, self._editor = bench, bench.run, bench.editor
        self._layout, self._refresher, self._messages = layout, refresher, messages
        self._panels: Panels = refresher.panels
        self._errors: list[str] = []
        """The error events of this run as messages, the oldest first."""
        self._shown: tuple[list[str], bool] | None = None
        """The handlers of the run and whether it is under way, as the panels show them."""
        bench.run.started.connect(self._show_start)
        bench.run.phase_changed.connect(self.show_phase)
        bench.editor.document_changed.connect(self.show_phase)
        bench.run_refusal_changed.connect(self.show_phase)
        bench.run.event_added.connect(self._show_event)
        bench.run.duration_changed.connect(self._panels.board.time.change_run_length)
        bench.run.ended.connect(self._show_end)
        bench.run.failed.connect(lambda _: self._panels.ledger.show_verdict(FAILED_NOTE))
        for button in (self._panels.run_bar.notes, self._panels.run_bar.verdict):
            button.clicked.connect(lambda: layout.tabs.setCurrentWidget(self._panels.ledger))

    def _show_start(self) -> None:
        session, panels = self._run.session, self._panels
        assert session is not None and session.sampler is not None
        self._refresher.begin()
        self._layout.show_plots()
        self._messages.clear()
        self._errors.clear()
        panels.events.clear()
        panels.messages.clear()
        panels.ledger.show_verdict(RUNNING_NOTE)
        panels.board.clear_markers()
        panels.board.time.show_length(session.duration_s)
        panels.board.show_series(session.sampler.series, panels.handlers.scope, session.sampler.machine)
        self._refresher.show_baseline()

    def show_phase(self) -> None:
        """Enable the buttons and fields that apply in the phase of the run."""
        running, panels, session = self._run.running, self._panels, self._run.session
        names = [] if session is None or not running else list(session.present)
        if (names, running) != self._shown:
            self._shown = (names, running)
            panels.handlers.running = running
            panels.inspector.set_running(running)
            panels.messages.editor.set_handlers(names, running)
        panels.run_bar.show_phase(
            can_start=not running and self._editor.document is not None and not self._bench.run_refusal,
            running=running,
            paused=running and session is not None and session.paused,
            stopping=running and session is not None and (session.interrupted or session.phase is Phase.DRAINING),
        )
        panels.run_bar.show_open(self._editor.document is not None)
        panels.run_bar.explain_start(self._bench.run_refusal)

    def _show_event(self, event: RunEvent) -> None:
        self._panels.events.add(event)
        if event.is_error:
            self._errors.append(f"{event.source}: {event.message}")
            more = len(self._errors) - 1
            self._messages.show(self._errors[0] + (f" (and {more:,} more, see Events)" if more else ""))
        mark_events(self._panels.board, [event])
        self.show_phase()

    def _show_end(self, _session: Session, finished: FinishedRun) -> None:
        self._refresher.refresh()
        self.show_phase()
        result, outcome = finished.result, finished.outcome
        details = verdict_details(result, outcome)
        self._panels.ledger.show_verdict(verdict_text(result, outcome), details)
        self._panels.run_bar.show_verdict(outcome, details, is_calm=ending_of(result, outcome).is_calm)
        self._panels.run_bar.show_notes(result.notes)
        # The presentation has the verdict in its scene.
        if result.verdict != "pass" and not finished.interrupted and not self._layout.presenting:
            self._messages.show_until_closed(verdict_headline(result, outcome))
