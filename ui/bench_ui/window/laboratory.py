"""Connects the lab with the open preset, the runs and the window: lab page, lab runner -> **laboratory** -> workbench.

The page is made when the user opens it first, so that the window opens soon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from bench_app.archive import RunRecord
from bench_app.archive.archive import RUNNING
from bench_app.archive.records import settings_of
from bench_app.archive.run_file import read_run_file
from bench_app.engine.result import Outcome
from bench_app.engine.unit_key import UnitKey
from bench_app.errors import BenchError, InputError
from bench_app.lab.journal import run_file_at
from bench_app.lab.trial import with_settings
from bench_app.model.json_path import format_path
from bench_app.preset import documents
from bench_app.untrusted.json_reader import BadJsonError
from bench_ui.lab.journal_reader import JournalEntry, entry_at
from bench_ui.lab.lab_runner import RUN_UNDER_WAY, Ending, LabRunner
from bench_ui.lab.question import TITLES, TREND, Question
from bench_ui.lab.trial_request import SettingsRequest, TrialRequest
from bench_ui.lab.value_range import value_text
from bench_ui.lab.work_folder import LabWork, WorkFolder
from bench_ui.runs.run_store import RunStore
from bench_ui.widgets.number_format import shortened
from bench_ui.widgets.theme import Theme
from bench_ui.window import dialogs
from bench_ui.window.document_editing import REASON_CHARACTERS
from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.run_actions import RunActions
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

if TYPE_CHECKING:
    from bench_ui.lab.lab_page import LabPage

TRIAL_NOTE = "This is a run of the lab, of {preset}. Start runs it again, Ctrl+L leads back."
LAB_FOLDER = "lab"
"""The folder of the works, beside the file of kept runs."""


class Laboratory(QObject):
    """The lab of the window.

    Attributes:
        runner: runs the works.
        page: what the user sees; None until it was opened first.
    """

    def __init__(
        self,
        window: QWidget,
        bench: Workbench,
        layout: PanelLayout,
        run_store: RunStore,
        run_actions: RunActions,
        messages: UserMessages,
        theme: Callable[[], Theme],
    ) -> None:
        super().__init__(window)
        self.page: LabPage | None = None
        self._begun: LabWork | None = None
        """The work that was begun, or gone on with, and has not ended. A work that is only shown again is none."""
        self._listing = asyncio.Lock()
        self._window, self._bench, self._layout, self._messages = window, bench, layout, messages
        self._store, self._actions, self._theme = run_store, run_actions, theme
        self.runner = LabRunner(
            WorkFolder(run_store.archive.file.parent / LAB_FOLDER), bench.run, bench.start_task, self
        )
        runner = self.runner
        runner.state_changed.connect(self._show_state)
        runner.started.connect(self._show_work)
        runner.entry_read.connect(self._take)
        runner.note_read.connect(self._note)
        runner.ended.connect(self._end)
        bench.run.phase_changed.connect(self._show_state)
        bench.editor.document_changed.connect(self._show_document)

    def show(self, tab: str) -> None:
        """Open a tab of the lab, by its name."""
        if tab != TREND and self._bench.editor.document is None:
            self._messages.show("Open a preset first: the lab asks questions about the open preset.")
            return
        page = self._made_page()
        page.show_tab(tab)
        self._layout.show_lab(page)

    def _made_page(self) -> LabPage:
        if self.page is not None:
            return self.page
        # Imported here, because its pictures need pyqtgraph, for which a window that opens would wait.
        from bench_ui.lab.lab_page import LabPage

        page = self.page = LabPage()
        page.closed.connect(self.close)
        page.list_wanted.connect(lambda: page.list_works(self.runner.works.all()))
        page.work_wanted.connect(self._show_again)
        page.go_on_wanted.connect(lambda work: self._refuse(self.runner.go_on(work)))
        for tab in (page.carry, page.hwm, page.sweep, page.ab):
            tab.question_asked.connect(self.ask)
            tab.cancel_wanted.connect(self.runner.cancel)
            tab.run_wanted.connect(lambda request: self._start(self.show_trial(request), "open-trial"))
            tab.settings_wanted.connect(self.apply)
        page.ab.kept_wanted.connect(lambda: self._start(self.compare_kept(), "compare-kept"))
        page.trend.file_wanted.connect(self.ask_history)
        page.set_theme(self._theme())
        self._show_document()
        self._show_state()
        return page

    def _start(self, work: Any, name: str) -> None:
        self._bench.start_task(work, name)

    def close(self) -> None:
        """Show the plots again, or the gallery if no preset is open. A work goes on."""
        if self._bench.editor.document is None:
            self._layout.show_gallery()
        else:
            self._layout.show_plots()

    def ask(self, question: Question) -> None:
        """Start the work of a question about the open preset."""
        document = self._bench.editor.document
        if document is not None:
            self._refuse(self.runner.start(document, question))

    def _refuse(self, reason: str) -> None:
        if reason:
            self._messages.show(reason)

    def show_theme(self) -> None:
        """Show the colours of the window."""
        if self.page is not None:
            self.page.set_theme(self._theme())

    def _show_document(self) -> None:
        if self.page is not None:
            self.page.show_document(self._bench.editor.document)

    def _show_state(self) -> None:
        self._bench.refuse_runs(self.runner.refusal)
        if self.page is not None:
            self.page.set_refusal(RUN_UNDER_WAY if self._bench.run.running else "")

    def _show_again(self, work: LabWork) -> None:
        if self.runner.is_running:
            self._messages.show("The lab works. Cancel that work first, or wait until it has ended.")
        else:
            self.runner.show_again(work)

    def _show_work(self, work: LabWork) -> None:
        self._made_page().show_work(work, self.runner.is_running)
        if self.runner.is_running:
            self._begun = work
            self._start(self._list(work, RUNNING), "list-lab-work")

    async def _list(self, work: LabWork, state: str) -> None:
        """Show a work in the list of runs, in a state."""
        name = f"{TITLES[work.question.command]} {work.question.summary}".rstrip()
        # One after the other, or the beginning of a short work might be written after its end.
        async with self._listing:
            document = await asyncio.to_thread(documents.load, work.preset_file)
            await self._store.put_work(work.folder.name, settings_of(document), name, work.started_at, state)

    def open_work(self, name: str) -> None:
        """Open a work of the list of runs."""
        work = next((one for one in self.runner.works.all() if one.folder.name == name), None)
        if work is None:
            self._messages.show("The files of this work are gone: the lab keeps the newest ones.")
            return
        self._show_again(work)
        page = self._made_page()
        self._layout.show_lab(page)

    def _take(self, entry: JournalEntry) -> None:
        work = self.runner.work
        if self.page is not None and work is not None:
            self.page.tabs[work.question.command].take(entry)

    def _note(self, line: str) -> None:
        work = self.runner.work
        if self.page is not None and work is not None:
            self.page.tabs[work.question.command].note(line)

    def _end(self, work: LabWork, ending: Ending, message: str) -> None:
        if self._begun is work:
            self._begun = None
            self._start(self._list(work, ending.value), "list-lab-work")
        if self.page is not None:
            self.page.tabs[work.question.command].end(ending, message)

    def apply(self, request: SettingsRequest) -> None:
        """Give the open preset the values of a request, as one step that can be undone."""
        editor = self._bench.editor
        try:
            faults = editor.edit(request.settings, request.text)
        except BenchError as error:
            self._messages.show(f"Nothing was changed ({request.text}): {error}")
            return
        if faults:
            reasons = "; ".join(shortened(str(fault), REASON_CHARACTERS) for fault in faults)
            self._messages.show(f"Nothing was changed ({request.text}): {reasons}")
        else:
            self._messages.show(
                f"The preset has these values now: {_listed(request.settings)}. Ctrl+Z takes them back."
            )

    def show_trend(self) -> None:
        """Open the tab of the trend, and ask for the history."""
        self.show(TREND)
        self.ask_history()

    def ask_history(self) -> None:
        """Ask for the history of a CI, and show it."""
        page = self._made_page()
        dialogs.ask_file(self._window, "Open the history of a CI", page.trend.show_file, "Histories (*.jsonl)")

    async def compare_kept(self) -> None:
        """Compare the kept runs of the baseline with those of the open preset."""
        # Imported here, so that the window starts without the statistics.
        from bench_ui.lab.kept_groups import compare_kept

        document, page = self._bench.editor.document, self._made_page()
        baseline = await self._store.baseline()
        if baseline is None or document is None:
            page.ab.show_reason("There is no baseline: choose a kept run in Runs, and press Baseline.")
            return
        try:
            found = await asyncio.to_thread(
                compare_kept, self._store.archive, baseline.record.settings.preset, document.raw
            )
        except InputError as error:
            page.ab.show_reason(str(error))
            return
        page.ab.show_comparison(found, f"A: runs like the baseline “{baseline.name}”. B: the open preset. ")

    async def show_trial(self, request: TrialRequest) -> None:
        """Keep a trial in the list of runs, unless it is there already, and show it."""
        run = await asyncio.to_thread(self._keep, request)
        self._store.refresh()
        await self._actions.show(run)
        self._layout.show_plots()
        self._messages.show(TRIAL_NOTE.format(preset=request.work.preset))

    def _keep(self, request: TrialRequest) -> int:
        work = request.work
        try:
            result = entry_at(work.journal, request.place).run
        except (OSError, BadJsonError) as error:
            raise BenchError(f"the run is no longer in {work.journal}: {error}") from error
        archive = self._store.archive
        for summary in archive.summaries():
            if (summary.name, summary.started_at) == (request.name, result.started_at):
                return summary.id
        if (file := run_file_at(work.journal, request.place)).exists():
            run = read_run_file(file)
            return archive.add(run.record, name=request.name, title=run.title)
        # A work of a former version, which kept no curves.
        document = with_settings(documents.load(work.preset_file), request.settings)
        handlers = tuple(UnitKey(name) for name in result.handlers)
        outcome = Outcome(result.verdict)
        record = RunRecord(settings=settings_of(document), result=result, outcome=outcome, handlers=handlers)
        return archive.add(record, name=request.name, title=document.preset.bench.title)


def _listed(settings: list[tuple[Any, Any]]) -> str:
    """The values as on the command line."""
    texts = [(path if isinstance(path, str) else format_path(path), value_text(value)) for path, value in settings]
    return ", ".join(f"{path}={value}" for path, value in texts)
