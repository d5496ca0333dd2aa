"""Keeps the figures in the panels up to date: session with its time series, or a kept run -> **refresher** -> panels.

The window calls :meth:`Refresher.tick` 25 times a second. The work that a new sample causes is spread over several
ticks, so that no tick takes long. Hidden panels are not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from bench_app.engine.outcome import histograms_of
from bench_app.engine.result import RunResult
from bench_app.engine.sampler import SAMPLE_S
from bench_app.engine.session import Phase, Session
from bench_app.engine.unit_key import UnitKey
from bench_app.engine.view import HandlerView, view_of
from bench_app.measure.clock import NS_PER_S
from bench_ui.document.document_editor import DocumentEditor
from bench_ui.panels.flow import Flow, flow_at, flow_of, flow_of_result
from bench_ui.plots import curve_data
from bench_ui.plots.run_totals import HistogramsByKey, RunTotals, merged_histograms, run_totals
from bench_ui.runs.run_caption import caption_lines
from bench_ui.runs.run_controller import RunController
from bench_ui.runs.run_store import KeptRun
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.window.panels import Panels

FRAME_MS = 40
TICKS_PER_STATUS = 1000 // FRAME_MS
"""The status line is shown once a second."""
VIEWED_AT_ONCE = 15
"""A tick views so many handlers: each takes a tenth of a millisecond, and a tick must not take long."""
REFRESHES_PER_DISTRIBUTION = 5
"""The distribution is drawn with every fifth sample: once a second."""


@dataclass
class Refresher:
    """Shows the run under way or the last one, or a kept run in its place."""

    run: RunController
    editor: DocumentEditor
    panels: Panels
    kept: KeptRun | None = None
    """The kept run that is shown; None to show the run of :attr:`run`."""
    baseline: KeptRun | None = None
    """The kept run that the user chose for comparison; None for no baseline."""
    is_baseline_hidden: bool = False
    """True after another preset was opened: the curves of one preset behind those of another would mislead."""
    ticks: int = 0
    """The calls of :meth:`tick` so far."""
    _drawn_sample: tuple[int, int] = (0, 0)
    """The sample drawn last: the rows of the longest series, and the sample intervals since the start of the run.

    The rows alone do not identify a sample: in a long run they are merged in pairs, so their number stays.
    """
    _refreshes: int = 0
    _late_s: float = 0.0
    """How long after their due time events were offered at the last sample."""
    _due: list[Callable[[], None]] = field(default_factory=list)
    """The parts of the last sample that are not drawn yet; each tick draws one."""

    def __post_init__(self) -> None:
        self.panels.board.set_caption(self.caption)

    def caption(self) -> list[str]:
        """Which run the plots show, as a picture of them says it."""
        scope, session = self.panels.handlers.scope, self.run.session
        baseline = "" if self.compared is None else self._baseline_title()
        if self.kept is not None:
            record = self.kept.record
            result, settings = record.result, record.settings
            return caption_lines(
                self.kept.name,
                result.started_at,
                result.duration_s,
                self._run_state(),
                settings.preset,
                scope,
                baseline,
            )
        if session is None:
            return []
        started_at = session.started_at.astimezone().isoformat(timespec="seconds")
        document = session.document
        return caption_lines(
            document.name, started_at, session.elapsed_s, self._run_state(), document.raw, scope, baseline
        )

    def begin(self) -> None:
        """Clear the figures of the run before, because a new run begins."""
        self.kept = None
        self._show_no_figures()
        self._drawn_sample = (0, 0)
        self.panels.status_line.cpu.reset()

    def show_nothing(self) -> None:
        """Clear everything: the document has not run yet."""
        self._show_no_figures()
        panels = self.panels
        panels.board.show_series({}, panels.handlers.scope)
        panels.ledger.show_verdict("")
        panels.run_bar.show_time(0.0, 0.0, Phase.IDLE)

    def _show_no_figures(self) -> None:
        panels = self.panels
        panels.handlers.show_document(self.editor.document)
        panels.board.clear_markers()
        panels.board.show_totals(None)
        panels.flow.show_flow(Flow(), self._baseline_flow(0.0))
        panels.ledger.refresh([])
        panels.messages.clear()
        panels.run_bar.show_verdict(None)
        panels.run_bar.show_notes(())
        panels.run_bar.show_numbers(0.0, None, 0, panels.board.measure)
        self._draw_distribution({})

    def choose_baseline(self, baseline: KeptRun | None) -> None:
        """Compare with this run from now on; None ends the comparison."""
        self.baseline, self.is_baseline_hidden = baseline, False
        self.show_baseline()
        self.refresh()

    def restore_baseline(self, baseline: KeptRun | None) -> None:
        """Take the baseline that is kept. The user did not choose it now, so one of another preset stays hidden."""
        self.choose_baseline(baseline)
        if self.editor.document is not None:
            self.note_opened(self.editor.document.name)

    @property
    def compared(self) -> KeptRun | None:
        """The kept run whose curves and numbers are shown for comparison; None for no comparison."""
        return None if self.is_baseline_hidden else self.baseline

    def note_opened(self, name: str) -> None:
        """A preset of this name was opened. A baseline of another preset is hidden until the user chooses it again."""
        if self.baseline is not None:
            self.is_baseline_hidden = self.baseline.record.settings.preset_name != name
            self.show_baseline()

    def show_baseline(self) -> None:
        """Draw the curves of the baseline, and name it in the status line."""
        self.show_status()
        self.panels.board.show_baseline({} if self.compared is None else self.compared.series)

    def tick(self, board_shown: bool) -> None:
        """Draw the next part of the newest sample. ``board_shown`` is False while the plots are hidden."""
        self.ticks += 1
        self.run.loop_lag.count_frame()
        session = self.run.session
        if session is not None and session.sampler is not None:
            self._follow(session, board_shown)
        elif board_shown:
            self.panels.board.frame(None, fresh=False)
        if self.ticks % TICKS_PER_STATUS == 0:
            self.show_status()

    def _follow(self, session: Session, board_shown: bool) -> None:
        assert session.sampler is not None
        rows = max((len(one) for one in session.sampler.series.values()), default=0)
        sample = (rows, int(session.now_s / SAMPLE_S))
        fresh = self.run.running and sample != self._drawn_sample
        if fresh:
            self._drawn_sample = sample
            late_ns = curve_data.lateness_ns(session.sampler.series)
            self._late_s = late_ns / NS_PER_S if math.isfinite(late_ns) else 0.0
            # With many handlers the parts of the last sample may take longer than until this one: finish them first.
            if not self._due:
                self._due = self._refresh_in_parts(session)
        if self._due:
            self._due.pop(0)()
        board = self.panels.board
        if board_shown:
            board.frame(session.now_s if self.run.running else None, fresh)
            if self.run.running:
                # Set in the tick that draws the legend, so that run bar and legend show the same value.
                self.panels.run_bar.show_p99(board.latency.timeline.newest_values().get("p99"))
        self.panels.run_bar.show_time(
            session.elapsed_s,
            session.elapsed_s / session.duration_s,
            session.phase,
            self._late_s if self.run.running else 0.0,
        )

    def refresh(self) -> None:
        """Show the current figures in every panel at once."""
        # Drop the parts that are still due: they would draw older figures over these.
        self._due.clear()
        for part in self._refresh_flow():
            part()
        self.show_status()

    def refresh_without_run(self) -> None:
        """Refresh once if no run is under way. During a run, each sample refreshes the panels."""
        if not self.run.running:
            self.refresh()

    def _refresh_in_parts(self, session: Session) -> list[Callable[[], None]]:
        """Parts that view some handlers each, and then refresh the panels. The last part adds those that are left."""
        handlers = list(session.handlers.values())
        views: list[HandlerView] = []

        def view(place: int) -> None:
            views.extend(view_of(session, latencies=False, handlers=handlers[place : place + VIEWED_AT_ONCE]))

        def view_rest_and_refresh() -> None:
            view(places[-1] if places else 0)
            self._due.extend(self._refresh_flow(views))

        places = list(range(0, len(handlers), VIEWED_AT_ONCE))
        return [*(partial(view, place) for place in places[:-1]), view_rest_and_refresh]

    def _refresh_flow(self, viewed: list[HandlerView] | None = None) -> list[Callable[[], None]]:
        """Refresh flow strip and run bar; returns the parts that are left. ``viewed`` are the handlers, if known."""
        panels, session, scope = self.panels, self.run.session, self.panels.handlers.scope
        if self.kept is not None:
            result = self.kept.record.result
            self._show_ended(result, self.kept.record.handlers_by_name, self.kept.histograms)
            panels.run_bar.show_time(result.duration_s, 1.0, Phase.DONE)
            return []
        if session is None:
            panels.flow.show_flow(Flow())
            return []
        views = view_of(session, latencies=False) if viewed is None else viewed
        paused = {(h.name, "") for h in session.handlers.values() if h.paused and not h.done}
        paused |= {
            (one.handler.name, one.plan.name) for one in session.listeners.values() if one.paused and not one.done
        }
        sizes = {name: state.plan.spec.config.queue_size for name, state in session.present.items()}
        flow = flow_of(views, scope, sizes)
        parts: list[Callable[[], None]] = [
            partial(panels.handlers.refresh, views[place : place + VIEWED_AT_ONCE], paused, with_groups=False)
            for place in range(0, len(views) - VIEWED_AT_ONCE, VIEWED_AT_ONCE)
        ]
        rest = views[len(parts) * VIEWED_AT_ONCE :]
        parts.append(lambda: panels.handlers.refresh(rest, paused))
        if panels.scene.isVisible():
            panels.scene.show_views(views, paused)
            panels.story_controls.show_paused(paused, self.run.running)
        if panels.ledger.isVisible() or not self.run.running:
            parts.append(lambda: panels.ledger.refresh(views, live=self.run.running))
        if panels.messages.isVisible():
            parts.append(lambda: panels.messages.refresh(session, scope))
        panels.inspector.show_paused(paused)
        panels.inspector.show_run(views, session)
        if not self.run.running and (finished := self.run.finished) is not None:
            self._show_ended(finished.result, finished.handlers_by_name, finished.histograms)
            return parts
        sampled_to_s = session.sampler.sampled_to_s if session.sampler is not None else 0.0
        panels.flow.show_flow(flow, self._baseline_flow(sampled_to_s))
        latency = panels.board.latency
        # A hidden plot is not drawn, so its newest value would be an old one.
        p99_ns = latency.timeline.newest_values().get("p99") if latency.isVisible() else None
        panels.run_bar.show_numbers(flow.rates[0], p99_ns, flow.lost, latency.measure, before_join=flow.before_join)
        panels.run_bar.explain_lost("" if flow.overfull is None else flow.overfull.text)
        self._refreshes += 1
        if self._refreshes % REFRESHES_PER_DISTRIBUTION == 0 and panels.board.distribution.isVisible():
            parts.append(lambda: self._draw_distribution(histograms_of(session)))
        return parts

    def _show_ended(self, result: RunResult, keys: Mapping[str, UnitKey], histograms: HistogramsByKey) -> None:
        """Show the final figures of a run that has ended in every panel."""
        panels, baseline = self.panels, self.compared
        flow = flow_of_result(result, keys, panels.handlers.scope)
        totals = self._totals_of(result, keys, histograms)
        baseline_flow = self._baseline_flow(math.inf)
        panels.flow.show_flow(flow, baseline_flow)
        # Show no value, not 0, for handlers that the baseline does not have.
        baseline_totals = None
        if baseline is not None and baseline_flow is not None:
            baseline_totals = self._totals_of(
                baseline.record.result, baseline.record.handlers_by_name, baseline.histograms
            )
        panels.board.show_totals(totals, baseline_totals)
        measure = panels.board.measure
        p99_ns = totals.latency.get(measure, {}).get("p99")
        panels.run_bar.show_numbers(flow.rates[0], p99_ns, flow.lost, measure, True, flow.before_join)
        panels.run_bar.explain_lost("")
        self._draw_distribution(histograms)

    def _totals_of(self, result: RunResult, keys: Mapping[str, UnitKey], histograms: HistogramsByKey) -> RunTotals:
        scope = self.panels.handlers.scope
        flow = flow_of_result(result, keys, scope)
        return run_totals(histograms, scope, flow.rates_by_name, flow.loss_rates(result.duration_s))

    def _baseline_flow(self, at_s: float) -> Flow | None:
        """The flow of the baseline at a time of its run; None without a baseline, or if it has none of the handlers."""
        baseline = self.compared
        if baseline is None:
            return None
        return flow_at(baseline.record.result, baseline.series, self.panels.handlers.scope, at_s)

    def _draw_distribution(self, histograms: HistogramsByKey) -> None:
        board, scope = self.panels.board, self.panels.handlers.scope
        baseline = {} if self.compared is None else merged_histograms(self.compared.histograms, scope)
        board.draw_distribution(merged_histograms(histograms, scope), baseline)

    def show_status(self) -> None:
        """Show the figures of the window, the state of the run, and the name of the baseline."""
        session, line = self.run.session, self.panels.status_line
        workers = 0 if session is None or not self.run.running else session.worker_count
        line.show_status(workers, self.run.loop_lag.lag_now_ms, self._run_state(), self._data_plane())
        line.show_baseline(self._baseline_title())

    def _run_state(self) -> str:
        session = self.run.session
        if self.run.running and session is not None:
            return "paused" if session.paused else session.phase.value
        ended = self.run.finished if self.kept is None else self.kept.record
        return "" if ended is None else ended.outcome

    def _data_plane(self) -> str:
        """The data plane of the shown run; "" if it is not known."""
        if self.kept is not None:
            return self.kept.record.result.machine.data_plane or ""
        session = self.run.session
        return "" if session is None or session.plane is None else session.plane.name

    def _baseline_title(self) -> str:
        """The name of the baseline, with a remark if it has none of the document's handlers."""
        if self.baseline is None:
            return ""
        result, document = self.baseline.record.result, self.editor.document
        title = f"{BASELINE_MARK} {self.baseline.name}, {number_format.local_time(result.started_at)}"
        if self.is_baseline_hidden:
            return f"{title} (hidden: it is of {self.baseline.record.settings.preset_name})"
        has_same_handlers = document is None or set(document.preset.output.handlers) & set(result.handlers)
        return title if has_same_handlers else f"{title} (other handlers than these)"
