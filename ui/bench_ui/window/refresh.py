"""Keeps the window's panels in step with the run: session, tracks, or a kept run -> **refresher** -> panels and plots.

Called by the window's clock, 25 times a second. What a new sample brings is spread over several turns, so that none
takes long; what is not visible is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtWidgets import QLabel

from bench_app.engine.outcome import named_histograms
from bench_app.engine.result import RunResult, outcome_word
from bench_app.engine.sampler import SAMPLE_S
from bench_app.engine.session import Phase, Session
from bench_app.engine.view import view_of
from bench_app.measure.histogram import Histogram
from bench_ui.panels.flow import Flow, flow_at, flow_of, flow_of_result
from bench_ui.panels.flow_strip import FlowStrip
from bench_ui.panels.handlers import HandlersPanel
from bench_ui.panels.inspector import Inspector
from bench_ui.panels.ledger import LedgerPanel
from bench_ui.panels.messages import MessagesPanel
from bench_ui.panels.tool_bar import RunBar
from bench_ui.performance.cpu import CpuUsage
from bench_ui.plots.board import PlotBoard
from bench_ui.plots.run_totals import RunTotals, merged_histograms, run_totals
from bench_ui.runs.run_store import KeptRun
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.window.workbench import Workbench

FRAME_MS = 40
DISTRIBUTION_EVERY = 5
"""Samples between two drawings of the distribution: once a second."""


@dataclass
class Panels:
    """What is drawn on."""

    run_bar: RunBar
    handlers: HandlersPanel
    flow: FlowStrip
    board: PlotBoard
    inspector: Inspector
    messages: MessagesPanel
    ledger: LedgerPanel
    status: QLabel
    baseline: QLabel


@dataclass
class Refresher:
    """Draws the workbench's run, or in its place ``kept``; ``baseline`` stands behind either."""

    bench: Workbench
    panels: Panels
    kept: KeptRun | None = None
    baseline: KeptRun | None = None
    ticks: int = 0
    """Turns of the clock so far."""
    _samples_drawn: tuple[int, int] = (0, 0)
    _refreshes: int = 0
    _due: list[Callable[[], None]] = field(default_factory=list)
    _usage: CpuUsage = field(default_factory=CpuUsage)

    def begin(self) -> None:
        """A run starts: nothing of the one before stays."""
        self.kept = None
        self._show_no_figures()
        self._samples_drawn = (0, 0)
        self._usage.reset()

    def show_nothing(self) -> None:
        """A document that has not run yet."""
        self._show_no_figures()
        panels = self.panels
        panels.board.show_series({}, panels.handlers.scope)
        panels.ledger.show_verdict("")
        panels.run_bar.show_time(0.0, 0.0, Phase.IDLE)

    def _show_no_figures(self) -> None:
        panels = self.panels
        panels.handlers.show_document(self.bench.document)
        panels.board.clear_markers()
        panels.board.show_totals(None)
        panels.flow.show_flow(Flow(), self._behind(0.0))
        panels.ledger.refresh([])
        panels.messages.clear()
        panels.run_bar.show_figures(0.0, None, 0, panels.board.latency.measure)
        self._draw_distribution({})

    def choose_baseline(self, baseline: KeptRun | None) -> None:
        """Let this stand behind from now on, or nothing."""
        self.baseline = baseline
        self.show_baseline()
        self.refresh()

    def show_baseline(self) -> None:
        """Draw the baseline, or that there is none."""
        self._show_status()
        self.panels.board.show_baseline({} if self.baseline is None else self.baseline.tracks)

    def _baseline_words(self) -> str:
        """Whose numbers stand behind; those of another preset than the open one may say little."""
        if self.baseline is None:
            return ""
        result, document = self.baseline.record.result, self.bench.document
        alike = document is None or set(document.preset.output.handlers) & set(result.handlers)
        words = f"{BASELINE_MARK} {self.baseline.name}, {number_format.local_time(result.started_at)}"
        return words if alike else f"{words} (other handlers than these)"

    def tick(self, board_shown: bool) -> None:
        """One turn of the clock. ``board_shown``: the plots are what one sees."""
        self.ticks += 1
        self.bench.loop_lag.count_frame()
        session = self.bench.session
        if session is not None and session.tracks is not None:
            self._follow(session, board_shown)
        elif board_shown:
            self.panels.board.frame(None, fresh=False)
        if self.ticks % (1000 // FRAME_MS) == 0:
            self._show_status()

    def _follow(self, session: Session, board_shown: bool) -> None:
        assert session.tracks is not None
        rows = max((len(track) for track in session.tracks.by_name.values()), default=0)
        turn = (rows, int(session.now_s / SAMPLE_S))
        fresh = self.bench.running and turn != self._samples_drawn
        if fresh:
            self._samples_drawn = turn
            self._due = self._refreshing()
        elif self._due:
            # One part a turn, so that none takes long.
            self._due.pop(0)()
        board = self.panels.board
        if board_shown:
            board.frame(session.now_s if self.bench.running else None, fresh)
            if self.bench.running:
                # With the turn that draws it, so that head and legend say the same.
                self.panels.run_bar.show_p99(board.latency.timeline.newest_values().get("p99"))
        self.panels.run_bar.show_time(
            session.elapsed_s + session.paused_s, session.elapsed_s / session.duration_s, session.phase
        )

    def refresh(self) -> None:
        """Bring tree, strip and tables up to date, all at once."""
        # What is still due would show older figures over these.
        self._due.clear()
        for part in self._refreshing():
            part()
        self._show_status()

    def _refreshing(self) -> list[Callable[[], None]]:
        """Bring the strip up to date; returns what is left to be done for the rest. Five times a second in a run."""
        panels, session, scope = self.panels, self.bench.session, self.panels.handlers.scope
        if self.kept is not None:
            result = self.kept.record.result
            self._show_whole(result, self.kept.histograms)
            panels.run_bar.show_time(result.duration_s, 1.0, Phase.DONE)
            return []
        if session is None:
            panels.flow.show_flow(Flow())
            return []
        views = view_of(session, latencies=False)
        paused = {(h.plan.name, "") for h in session.handlers.values() if h.paused and not h.done}
        paused |= {
            (one.plan.handler, one.plan.name) for one in session.listeners.values() if one.paused and not one.done
        }
        sizes = {name: state.plan.spec.config.queue_size for name, state in session.present.items()}
        flow = flow_of(views, scope, sizes)
        parts: list[Callable[[], None]] = [lambda: panels.handlers.refresh(views, paused)]
        if panels.ledger.isVisible() or not self.bench.running:
            parts.append(lambda: panels.ledger.refresh(views, live=self.bench.running))
        if panels.messages.isVisible():
            parts.append(lambda: panels.messages.refresh(session, scope))
        panels.inspector.show_paused(paused)
        if not self.bench.running and self.bench.result is not None:
            self._show_whole(self.bench.result, named_histograms(session.handlers, session.listeners))
            return parts
        panels.flow.show_flow(flow, self._behind(session.tracks.sampled_to_s if session.tracks is not None else 0.0))
        latency = panels.board.latency
        # What is not seen is not drawn either, and its newest value would be an old one.
        p99_ns = latency.timeline.newest_values().get("p99") if latency.isVisible() else None
        panels.run_bar.show_figures(flow.rates[0], p99_ns, flow.lost, latency.measure)
        self._refreshes += 1
        if self._refreshes % DISTRIBUTION_EVERY == 0 and panels.board.distribution.isVisible():
            parts.append(lambda: self._draw_distribution(named_histograms(session.handlers, session.listeners)))
        return parts

    def _show_whole(self, result: RunResult, histograms: dict[str, Histogram]) -> None:
        """A run that is over: figures of all of it, everywhere."""
        panels, baseline = self.panels, self.baseline
        flow = flow_of_result(result, panels.handlers.scope)
        whole = self._whole_of(result, histograms)
        there = self._behind(math.inf)
        panels.flow.show_flow(flow, there)
        # What the baseline never had is no 0 beside these.
        behind = None
        if baseline is not None and there is not None:
            behind = self._whole_of(baseline.record.result, baseline.histograms)
        panels.board.show_totals(whole, behind)
        measure = panels.board.latency.measure
        p99_ns = whole.latency.get(measure, {}).get("p99")
        panels.run_bar.show_figures(flow.rates[0], p99_ns, flow.lost, measure, over=True)
        self._draw_distribution(histograms)

    def _whole_of(self, result: RunResult, histograms: dict[str, Histogram]) -> RunTotals:
        scope = self.panels.handlers.scope
        flow = flow_of_result(result, scope)
        return run_totals(histograms, scope, flow.rates_by_name, flow.loss_rates(result.duration_s))

    def _behind(self, at_s: float) -> Flow | None:
        baseline = self.baseline
        if baseline is None:
            return None
        return flow_at(baseline.record.result, baseline.tracks, self.panels.handlers.scope, at_s)

    def _draw_distribution(self, histograms: dict[str, Histogram]) -> None:
        board, scope = self.panels.board, self.panels.handlers.scope
        baseline = {} if self.baseline is None else merged_histograms(self.baseline.histograms, scope)
        board.draw_distribution(merged_histograms(histograms, scope), baseline)

    def _show_status(self) -> None:
        session = self.bench.session
        workers = 0 if session is None or not self.bench.running else session.worker_count
        verdict = ""
        if self.bench.running and session is not None:
            verdict = "paused" if session.paused else session.phase.value
        elif (result := self.bench.result if self.kept is None else self.kept.record.result) is not None:
            verdict = outcome_word(result)
        parts = [
            f"workers {workers}",
            f"GUI loop {self.bench.loop_lag.lag_now_ms:.1f} ms",
            f"CPU {self._usage.share():.0%}",
            *([verdict] if verdict else []),
        ]
        self.panels.status.setText("  ·  ".join(parts))
        self.panels.baseline.setText(self._baseline_words())
