"""What one does with kept runs in the window: open again, use as baseline, rename, export. keeper -> here -> panels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from bench_app.engine.events import RunEvent
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_ui.panels.events import EventsPanel
from bench_ui.runs.run_list import RunsPanel
from bench_ui.runs.run_store import KeptRun, RunStore
from bench_ui.widgets.number_format import local_time, verdict_words
from bench_ui.window import dialogs
from bench_ui.window.refresh import Refresher
from bench_ui.window.workbench import Workbench


class KeptRuns:
    """Joins the list of runs, the keeper and the drawing. ``leave_for`` runs an act unless one rather keeps what is
    open; ``take`` makes a document the open one."""

    def __init__(
        self,
        window: QWidget,
        keeper: RunStore,
        drawing: Refresher,
        events: EventsPanel,
        leave_for: Callable[[Callable[[], Any]], None],
        take: Callable[[Document], None],
    ) -> None:
        self._window, self._keeper, self._drawing, self._events = window, keeper, drawing, events
        self._bench: Workbench = drawing.bench
        self._leave_for, self._take = leave_for, take

    def connect(self, runs: RunsPanel) -> None:
        """Do what the list's buttons ask for."""
        do, keeper = self._do, self._keeper
        keeper.changed.connect(runs.show_runs)
        keeper.changed.connect(lambda _: runs.can_undo(keeper.can_undelete))
        runs.open_wanted.connect(lambda run: do(self.show(run), "open-run"))
        runs.settings_wanted.connect(lambda run: do(self._open_settings(run), "open-settings"))
        runs.baseline_wanted.connect(lambda run: do(self.choose_baseline(run), "baseline"))
        runs.rename_wanted.connect(lambda run: self._ask_name(run, runs.name_of(run)))
        runs.delete_wanted.connect(lambda ids: do(self.delete(ids), "delete-runs"))
        runs.undelete_wanted.connect(lambda: do(self.undelete(), "undelete-runs"))
        runs.export_wanted.connect(self._ask_export)

    def _do(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._bench.start_task(work, name)

    async def load_baseline(self) -> None:
        """Show the baseline that was chosen in an earlier window."""
        self._drawing.choose_baseline(await self._keeper.baseline())

    async def choose_baseline(self, run: int | None) -> None:
        """Let a kept run stand behind the live curves, or none."""
        self._drawing.choose_baseline(await self._keeper.set_baseline(run))

    async def delete(self, runs: list[int]) -> None:
        """Forget runs, until they are brought back; a baseline among them stands behind nothing any more."""
        await self._keeper.delete(runs)
        if self._drawing.baseline is not None and self._drawing.baseline.id in runs:
            self._drawing.choose_baseline(None)

    async def undelete(self) -> None:
        """Bring back what was deleted last, the baseline too."""
        await self._keeper.undelete()
        if self._drawing.baseline is None:
            await self.load_baseline()

    async def show(self, run: int) -> None:
        """Show a kept run as it was, its settings opened with it; where those would replace edits, that is asked."""
        bench = self._bench
        kept = await self._keeper.load(run)
        record = kept.record
        document = await asyncio.to_thread(
            documents.parse, record.settings.preset, record.settings.preset_name, record.settings.base_dir
        )
        # Asked last: one may have been started while this was read.
        if bench.running:
            bench.message.emit("A run is under way: stop it first.")
            return
        if bench.document is not None and bench.document.raw == document.raw:
            self._show(kept, None)
        else:
            self._leave_for(lambda: self._show(kept, document))

    def _show(self, kept: KeptRun, document: Document | None) -> None:
        """``document`` is to be opened with it, None where it is open already."""
        bench, panels, record = self._bench, self._drawing.panels, kept.record
        self._drawing.kept = kept
        bench.session = bench.result = None
        if document is not None:
            bench.set_document(document)
        panels.handlers.show_document(bench.document)
        self._events.show_all(record.events)
        panels.messages.clear()
        panels.ledger.show_result(record.result)
        panels.ledger.show_verdict(verdict_words(record.result))
        board = panels.board
        board.clear_markers()
        for event in record.events:
            if event.marker and event.at_s > 0:
                board.mark(event.at_s, mark_words(event), is_act(event))
        board.show_tracks(kept.tracks, panels.handlers.scope)
        board.time.look_at(0.0, max(1.0, record.result.duration_s * 1.05))
        bench.message.emit(
            f"This is the kept run “{record.result.preset}” of {local_time(record.result.started_at)}. "
            "Start runs it anew."
        )
        self._drawing.refresh()

    async def _open_settings(self, run: int) -> None:
        settings = await asyncio.to_thread(self._keeper.archive.settings, run)
        document = documents.parse(settings.preset, settings.preset_name, settings.base_dir)
        self._leave_for(lambda: self._take(document))

    def _ask_name(self, run: int, name: str) -> None:
        dialogs.ask_text(
            self._window,
            "Name of this run",
            name,
            lambda chosen: self._do(self.rename(run, chosen or "run"), "rename"),
        )

    async def rename(self, run: int, name: str) -> None:
        """Call a run something else, wherever it is named."""
        await self._keeper.rename(run, name)
        baseline = self._drawing.baseline
        if baseline is not None and baseline.id == run:
            self._drawing.choose_baseline(replace(baseline, name=name))

    def _ask_export(self, run: int, kind: str) -> None:
        name = f"run-{run}-{kind}.{'json' if kind == 'json' else 'csv'}"
        dialogs.ask_save(self._window, "Export", name, lambda file: self._do(self.export(run, kind, file), "export"))

    async def export(self, run: int, kind: str, file: Path) -> None:
        """Write a kept run's result (json, csv) or history as CSV."""
        await self._keeper.export(run, kind, file)
        self._bench.message.emit(f"written to {file}")


def is_act(event: RunEvent) -> bool:
    """Did somebody do this, by turning a knob?"""
    return event.source == "change"


def mark_words(event: RunEvent) -> str:
    """What a marker on the plots says of an event."""
    return event.message if is_act(event) else f"{event.source}: {event.message}"
