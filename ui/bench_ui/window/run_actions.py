"""What the user can do with kept runs: open, use as baseline, rename, delete, export."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from bench_app.archive.run_file import ENDING
from bench_app.archive.tags import format_tags, tags_of
from bench_app.engine.result import RunResult
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_ui.panels.run_list import RunsPanel
from bench_ui.runs.export_kind import ExportKind
from bench_ui.runs.run_store import KeptRun, RunStore
from bench_ui.widgets.number_format import local_time
from bench_ui.widgets.verdict import verdict_details, verdict_text
from bench_ui.window import dialogs
from bench_ui.window.document_files import RUN_UNDER_WAY, DocumentFiles
from bench_ui.window.event_markers import mark_events
from bench_ui.window.refresh import Refresher
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench


class RunActions:
    """Connects the list of runs, the run store and the refresher."""

    def __init__(
        self,
        window: QWidget,
        bench: Workbench,
        run_store: RunStore,
        refresher: Refresher,
        files: DocumentFiles,
        messages: UserMessages,
    ) -> None:
        self._window, self._bench, self._store, self._refresher = window, bench, run_store, refresher
        self._files, self._messages = files, messages

    def connect(self, runs: RunsPanel) -> None:
        """Carry out what the buttons of the list ask for."""
        start, store = self._start, self._store
        store.changed.connect(runs.show_runs)
        store.changed.connect(lambda _: runs.set_undo_offered(store.can_undelete))
        runs.open_wanted.connect(lambda run: start(self.show(run), "open-run"))
        runs.settings_wanted.connect(lambda run: start(self._open_settings(run), "open-settings"))
        runs.baseline_wanted.connect(lambda run: start(self.choose_baseline(run), "baseline"))
        runs.rename_wanted.connect(lambda run: self._ask_name(run, runs.name_of(run)))
        runs.note_wanted.connect(lambda run: self._ask_note(run, runs.note_of(run)))
        runs.tags_wanted.connect(lambda run: self._ask_tags(run, runs.tags_of(run)))
        runs.compare_wanted.connect(lambda ids: start(self.compare(ids), "compare-runs"))
        runs.delete_wanted.connect(lambda ids: start(self.delete(ids), "delete-runs"))
        runs.undelete_wanted.connect(lambda: start(self.undelete(), "undelete-runs"))
        runs.export_wanted.connect(self._ask_export)

    def _start(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._bench.start_task(work, name)

    async def load_baseline(self) -> None:
        """Read the baseline that the archive has, and show it."""
        self._refresher.restore_baseline(await self._store.baseline())

    async def choose_baseline(self, run: int | None) -> None:
        """Make a kept run the baseline; None removes the baseline."""
        self._refresher.choose_baseline(await self._store.set_baseline(run))

    async def delete(self, runs: list[int]) -> None:
        """Delete runs; :meth:`undelete` brings them back. If the baseline is among them, it is no longer shown."""
        await self._store.delete(runs)
        if self._refresher.baseline is not None and self._refresher.baseline.id in runs:
            self._refresher.choose_baseline(None)

    async def undelete(self) -> None:
        """Bring back the runs deleted last. If the baseline is among them, it is shown again."""
        await self._store.undelete()
        if self._refresher.baseline is None:
            await self.load_baseline()

    async def show(self, run: int) -> None:
        """Show a kept run and open its preset. If the preset would replace unsaved changes, ask the user first."""
        bench = self._bench
        kept = await self._store.load(run)
        record = kept.record
        document = await asyncio.to_thread(
            documents.parse, record.settings.preset, record.settings.preset_name, record.settings.base_dir
        )
        # Checked last, because the user may have started a run while the kept one was read.
        if bench.run.running:
            self._messages.show(RUN_UNDER_WAY)
            return
        if bench.editor.document is not None and bench.editor.document.raw == document.raw:
            self._show(kept, None)
        else:
            self._files.confirm(lambda: self._show(kept, document))

    async def complete(self, run: int | None, result: RunResult) -> None:
        """Keep a completed result with its run, None: the run that ended last, and show it in all panels."""
        kept_id = await self._store.replace_result(run, result)
        if kept_id is None:
            return
        kept = await self._store.load(kept_id)
        # The user may have started a run, or opened another one, meanwhile.
        shown = self._refresher.kept
        if not self._bench.run.running and (None if shown is None else shown.id) == run:
            self._show(kept, None)

    def _show(self, kept: KeptRun, document: Document | None) -> None:
        """Show a kept run. ``document`` is its preset, which is opened too; None if it is open already."""
        bench, panels, record = self._bench, self._refresher.panels, kept.record
        self._refresher.kept = kept
        bench.run.forget()
        if document is not None:
            bench.set_document(document)
        panels.handlers.show_document(bench.editor.document)
        panels.events.show_all(record.events)
        panels.messages.clear()
        panels.ledger.show_result(record.result)
        result, outcome = record.result, record.outcome
        details = verdict_details(result, outcome)
        panels.ledger.show_verdict(verdict_text(result, outcome), details)
        panels.run_bar.show_verdict(outcome, details)
        panels.run_bar.show_notes(result.notes)
        board = panels.board
        board.clear_markers()
        mark_events(board, record.events)
        board.show_series(kept.series, panels.handlers.scope, kept.machine)
        board.time.look_at(0.0, max(1.0, record.result.duration_s * 1.05))
        self._messages.show(
            f"This is the kept run “{record.result.preset}” of {local_time(record.result.started_at)}. "
            "Start runs it again."
        )
        self._refresher.refresh()

    async def _open_settings(self, run: int) -> None:
        settings = await asyncio.to_thread(self._store.archive.settings, run)
        document = documents.parse(settings.preset, settings.preset_name, settings.base_dir)
        self._files.replace(document)

    def _ask_name(self, run: int, name: str) -> None:
        dialogs.ask_text(
            self._window,
            "Name of this run",
            name,
            lambda chosen: self._start(self.rename(run, chosen or "run"), "rename"),
        )

    def _ask_note(self, run: int, note: str) -> None:
        dialogs.ask_text(
            self._window,
            "Note on this run",
            note,
            lambda text: self._start(self._store.set_note(run, text), "set-note"),
        )

    def _ask_tags(self, run: int, tags: tuple[str, ...]) -> None:
        dialogs.ask_text(
            self._window,
            "Tags of this run, words between blanks",
            format_tags(tags),
            lambda text: self._start(self._store.set_tags(run, tags_of(text)), "set-tags"),
        )

    async def compare(self, runs: list[int]) -> None:
        """Show kept runs side by side, the first of them as side A."""
        # Imported here, so that the window starts without it.
        from bench_ui.panels.side_by_side_dialog import SideBySideDialog

        found = await self._store.side_by_side(runs)
        dialogs.open_dialog(SideBySideDialog(found, self._window))

    def ask_run_file(self) -> None:
        """Let the user choose the file of a run from another bench, and show the run."""
        dialogs.ask_file(self._window, "Import a run of another bench", self.take_in, f"Kept runs (*{ENDING})")

    def take_in(self, file: Path) -> None:
        """Add the run of a file to the kept runs, and show it."""
        self._start(self._take_in(file), "import-run")

    async def _take_in(self, file: Path) -> None:
        run = await self._store.take_in(file)
        await self.show(run)

    async def rename(self, run: int, name: str) -> None:
        """Rename a run in the list and, if it is the baseline, in the status bar."""
        await self._store.rename(run, name)
        baseline = self._refresher.baseline
        if baseline is not None and baseline.id == run:
            self._refresher.restore_baseline(replace(baseline, name=name))

    def _ask_export(self, run: int, kind: ExportKind) -> None:
        name = f"run-{run}-{kind.value}.{kind.ending}"
        dialogs.ask_export(self._window, name, lambda file: self._start(self.export(run, kind, file), "export"))

    async def export(self, run: int, kind: ExportKind, file: Path) -> None:
        """Write a kept run to a file, and show a message with the path."""
        await self._store.export(run, kind, file)
        self._messages.show(f"written to {file}")
