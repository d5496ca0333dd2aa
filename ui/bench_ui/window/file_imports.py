"""Files that are neither presets nor kept runs: what an own consumer received, and captures of network traffic.

menu, dropped file -> **file imports** -> completed ledger; recording
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QWidget

from bench_app.engine.result import Outcome, RunResult
from bench_ui.panels.gaps_dialog import GapsDialog
from bench_ui.runs.consumer_file import CompletedRun, complete_with
from bench_ui.widgets.verdict import verdict_details, verdict_text
from bench_ui.window import dialogs
from bench_ui.window.refresh import Refresher
from bench_ui.window.run_actions import RunActions
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

NO_ENDED_RUN = "A file of your consumer completes a run that has ended: stop the run, or open one under Runs."


class FileImports:
    """Reads files in the background, and shows what is in them."""

    def __init__(
        self, window: QWidget, bench: Workbench, refresher: Refresher, runs: RunActions, messages: UserMessages
    ) -> None:
        self._window, self._bench, self._refresher = window, bench, refresher
        self._runs, self._messages = runs, messages

    def _shown(self) -> tuple[RunResult, Outcome] | None:
        """The run that the window shows; None while it goes on."""
        kept, finished = self._refresher.kept, self._bench.run.finished
        if kept is not None:
            return kept.record.result, kept.record.outcome
        return None if finished is None or self._bench.run.running else (finished.result, finished.outcome)

    @property
    def can_complete(self) -> bool:
        """True while the window shows a run that has ended."""
        return self._shown() is not None

    def ask_consumer_file(self) -> None:
        """Let the user choose a file that completes the ledger of the shown run."""
        if self.can_complete:
            dialogs.ask_file(self._window, "What your consumer received", self.complete)
        else:
            self._messages.show(NO_ENDED_RUN)

    def complete(self, file: Path, run: int | None = None) -> None:
        """Complete the ledger of the shown run, or of a kept run, which is then shown."""
        self._bench.start_task(self._complete(file, run), "complete-ledger")

    async def _complete(self, file: Path, run: int | None) -> None:
        if run is not None and (self._refresher.kept is None or self._refresher.kept.id != run):
            await self._runs.show(run)
            if self._refresher.kept is None or self._refresher.kept.id != run:
                return
        shown = self._shown()
        if shown is None:
            self._messages.show(NO_ENDED_RUN)
            return
        result, outcome = shown
        self._messages.show(f"Reading {file.name}…")
        completed = await asyncio.to_thread(complete_with, result, file)
        # The user may have started a run, or opened another one, while the file was read.
        now = self._shown()
        if now is not None and now[0] is result:
            self._show(completed, outcome, file)
            kept = self._refresher.kept
            await self._runs.complete(None if kept is None else kept.id, completed.result)
            self._messages.show(
                f"The ledger has what your consumer received, from {file.name}. The run is kept with it."
            )

    def _show(self, completed: CompletedRun, outcome: Outcome, file: Path) -> None:
        ledger = self._refresher.panels.ledger
        ledger.show_result(completed.result)
        ledger.show_verdict(verdict_text(completed.result, outcome), verdict_details(completed.result, outcome))
        dialogs.open_dialog(GapsDialog(completed, file.name, self._window))

    def ask_capture(self) -> None:
        """Let the user choose a capture, and where its messages are to be written."""

        def chosen(capture: Path) -> None:
            name = f"{capture.stem}.jsonl"
            dialogs.ask_recording(self._window, name, lambda output: self.import_capture(capture, output))

        dialogs.ask_file(
            self._window, "Import a capture of network traffic", chosen, "Captures (*.pcap *.pcapng *.pcap.gz)"
        )

    def import_capture(self, capture: Path, output: Path) -> None:
        """Write the messages of a capture as a recording, which a replay can send."""
        self._bench.start_task(self._import(capture, output), "import-capture")

    async def _import(self, capture: Path, output: Path) -> None:
        # Imported here, so that the window starts without it.
        from bench_app.captures.connections import Connections
        from bench_app.captures.import_capture import import_capture
        from bench_app.captures.report import connection_lines

        connections = Connections()
        self._messages.show(f"Reading {capture.name}…")
        count = await asyncio.to_thread(import_capture, capture, output, connections)
        lines = [*connection_lines(connections), f"{count:,} messages in {output}. A source of kind replay sends them."]
        self._messages.show_until_closed("\n".join(lines[-5:]))
