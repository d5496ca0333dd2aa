"""The window: makes the panels and the parts that fill them, and connects tool bar, keys and the events of Qt.

A document comes in by :mod:`document_files`, is changed by :mod:`document_editing` and by the forms, and is shown by
:mod:`document_display`. The workbench runs it; :mod:`run_display` shows its events, and :mod:`refresh` its figures.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMainWindow, QToolButton, QWidget

from bench_ui.panels.handler_delegate import Detail
from bench_ui.runs.capacity_runner import CapacityRunner
from bench_ui.runs.consumer_file import is_consumer_file
from bench_ui.runs.run_store import RunStore
from bench_ui.widgets.table_view import TableView
from bench_ui.window import about, dialogs
from bench_ui.window.advising import Advising
from bench_ui.window.color_scheme import ColorScheme, apply_chosen_theme
from bench_ui.window.commands import Command, Commands, MenuName
from bench_ui.window.document_display import DocumentDisplay
from bench_ui.window.document_editing import DocumentEditing
from bench_ui.window.document_files import RUN_UNDER_WAY, DocumentFiles
from bench_ui.window.documentation import show_documentation
from bench_ui.window.event_templates import EventTemplates
from bench_ui.window.file_imports import FileImports
from bench_ui.window.find import Searchable, find
from bench_ui.window.laboratory import Laboratory
from bench_ui.window.layouts import Layouts
from bench_ui.window.menu_bar import MenuBar
from bench_ui.window.note_taking import NoteTaking
from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.panels import Panels
from bench_ui.window.preferences import PreferencesDialog, RunsFolder
from bench_ui.window.presentation import Presentation
from bench_ui.window.record_request import RecordRequest
from bench_ui.window.refresh import FRAME_MS, Refresher
from bench_ui.window.replay_files import ReplayFiles
from bench_ui.window.run_actions import RunActions
from bench_ui.window.run_display import RunDisplay
from bench_ui.window.settings import WindowSettings
from bench_ui.window.stop_request import StopRequest
from bench_ui.window.text_size import USUAL, TextSize
from bench_ui.window.unit_actions import UnitActions
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

SMALLEST_SIZE = (900, 560)
RUNS_FILE = "runs.sqlite"
"""The file of kept runs in their folder."""
POLITE_CLOSE_S = 1.8
"""When the window closes, a run has this long to end by itself. Then it is ended by force."""


class MainWindow(QMainWindow):
    """The main window of one bench.

    Attributes:
        bench: the open document and its run.
        panels, panel_layout: what the window shows, and where.
        settings: what the window remembers between starts.
        user_messages: the one channel for messages to the user.
        refresher: keeps the figures of the panels up to date.
        run_store, run_actions: the kept runs, and what the user can do with them.
        capacity: measures the capacity of a handler.
        document_files, document_editing, unit_actions: carry out what the user asks for.
        document_display, run_display: show the document and the events of the run.
        color_scheme, text_size, presentation, layouts: how the window looks.
        replay_files: makes a file of events the source of a sink.
        file_imports: reads what an own consumer received, and captures.
        event_templates: keeps what the user sends by hand.
        note_taking: keeps the notes of the user about moments of a run.
        stop_request: stops the run, after a question if it is a long one.
        advising: shows which settings would lose nothing, and sets them.
        laboratory: the tuning lab.
        commands, menu_bar: what the user can do by menu and by key.
        closed: set when the window is closed and every run is kept.
    """

    def __init__(self, settings: QSettings, archive: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.closed = asyncio.Event()
        self._closing: asyncio.Task[Any] | None = None
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST_SIZE)
        self.settings = WindowSettings(settings)
        apply_chosen_theme(self.settings)
        self.bench = bench = Workbench(self)
        self._usual_archive = archive
        self.run_store = RunStore(bench.run, bench.start_task, self._archive_file(self.settings.runs_folder))
        self.capacity = CapacityRunner(bench.editor, bench.run, bench.start_task)
        self.panels = Panels(self, bench.editor, self.statusBar(), self.settings.recent_files)
        self.panel_layout = PanelLayout(self, self.panels)
        self.user_messages = UserMessages(self.panels.banner, self.statusBar())
        self.refresher = Refresher(bench.run, bench.editor, self.panels)
        self._make_parts()
        self._searchables = self._make_searchables()
        self.commands = Commands(self, self._commands())
        self.menu_bar = self._make_menu_bar()
        self._connect()
        self.layouts = Layouts(self, self.panel_layout, self.settings)
        self.menu_bar.add_menu(MenuName.VIEW, self.layouts.menu)
        self.settings.restore_size(self)
        self.settings.restore_docks(self)
        self.panel_layout.closed_docks = set(self.settings.closed_docks)
        self.color_scheme.restore()
        self.text_size.restore()
        # The widths of columns were remembered for this size of text.
        self._remember_arrangements()
        self.run_display.show_phase()
        self.panel_layout.show_docks()
        self._frame_timer = self._start_frames()
        # There is no document to run yet: the first key searches the presets.
        self.panels.gallery.filter_line.setFocus()

    def _make_parts(self) -> None:
        bench, panels, messages = self.bench, self.panels, self.user_messages
        self.color_scheme = ColorScheme(panels, self.settings, self)
        self.text_size = TextSize(self.color_scheme, self._tables, self.settings, self)
        self.presentation = Presentation(self, bench, panels, self.panel_layout, self.settings)
        self.document_files = DocumentFiles(self, bench, self.refresher, messages)
        self.document_editing = DocumentEditing(bench, panels, messages)
        self.document_display = DocumentDisplay(self, bench, self.panel_layout, self.refresher, self.settings)
        self.run_display = RunDisplay(bench, self.panel_layout, self.refresher, messages)
        self.run_actions = RunActions(self, bench, self.run_store, self.refresher, self.document_files, messages)
        self.file_imports = FileImports(self, bench, self.refresher, self.run_actions, messages)
        self.replay_files = ReplayFiles(self, bench, panels.inspector, messages)
        self.note_taking = NoteTaking(self, bench, self.run_store, self.refresher, messages)
        self.stop_request = StopRequest(self, bench.run)
        self.advising = Advising(bench, panels, self.panel_layout, self.refresher, messages, self)
        self.laboratory = Laboratory(
            self, bench, self.panel_layout, self.run_store, self.run_actions, messages, lambda: self.color_scheme.theme
        )
        self.record_request = RecordRequest(self, bench.run, messages, panels.run_bar.record)
        self.unit_actions = UnitActions(self, bench, panels, self.document_editing, self.capacity, self.color_scheme)
        self.event_templates = EventTemplates(self, bench, panels.messages, self.settings)
        self.unit_actions.event_sent.connect(self.event_templates.note_sent)
        panels.story_controls.action_wanted.connect(self.unit_actions.carry_out)

    def _connect(self) -> None:
        bench, bar, panels = self.bench, self.panels.run_bar, self.panels
        for button, action in (
            (bar.start, self._start),
            (bar.pause, bench.run.pause),
            (bar.stop, self.stop_request.stop),
            (bar.open, self.document_files.ask_open),
            (bar.save, self.document_files.save),
            (bar.presets, self.toggle_gallery),
            (bar.scheme, self.color_scheme.toggle),
            (bar.present, self.presentation.toggle),
        ):
            button.clicked.connect(lambda _=False, action=action: action())
        bench.message.connect(self.user_messages.show)
        bench.run_file_found.connect(self.run_actions.take_in)
        panels.board.failed.connect(self.user_messages.show)
        panels.board.time.note_wanted.connect(self.note_taking.ask)
        self.panel_layout.closed_docks_changed.connect(self._remember_closed_docks)
        self.color_scheme.changed.connect(self.presentation.apply_sizes)
        self.color_scheme.changed.connect(self.laboratory.show_theme)
        # The scene of a run that has ended is drawn only now: hidden parts are not kept up to date.
        self.presentation.toggled.connect(self.refresher.refresh_without_run)
        self.text_size.changed.connect(self.presentation.apply_sizes)
        self.text_size.changed.connect(lambda: self.panel_layout.fit_size(self.size()))
        panels.board.measure_changed.connect(self.refresher.refresh_without_run)
        self.panel_layout.tabs.currentChanged.connect(lambda _: self.refresher.refresh_without_run())
        self.document_files.connect_gallery(panels.gallery)
        panels.gallery.start_wanted.connect(self.presentation.present_demo)
        self.run_actions.connect(panels.runs)
        panels.runs.work_wanted.connect(self.laboratory.open_work)

    def _commands(self) -> list[Command]:
        keys, files, layout = QKeySequence.StandardKey, self.document_files, self.panel_layout
        record, messages, imports = self.record_request, self.panels.messages, self.file_imports
        file, edit, view, run, lab, help_ = MenuName
        bench, editor = self.bench, self.bench.editor

        def is_open() -> bool:
            return editor.document is not None

        def is_running() -> bool:
            return bench.run.running

        def adding(socket_type: str, key: str = "") -> Command:
            text = f"Add {socket_type} handler"
            return Command(edit, text, lambda: self.document_editing.add_handler(socket_type), key, is_enabled=is_open)

        def panel(number: int, name: str) -> Command:
            return Command(
                view,
                name,
                lambda: layout.toggle_dock(number),
                f"Alt+{number + 1}",
                is_enabled=lambda: layout.plots_shown and not layout.presenting,
                is_checked=layout.docks[number].isVisible,
            )

        return [
            Command(file, "New", files.new, "Ctrl+T"),
            Command(file, "Open…", files.ask_open, keys.Open, ends_group=True),
            Command(file, "Save", files.save, keys.Save, is_enabled=is_open),
            Command(file, "Save as…", files.ask_save, "Ctrl+Shift+S", ends_group=True, is_enabled=is_open),
            Command(file, "Import run…", self.run_actions.ask_run_file),
            Command(file, "Import capture…", imports.ask_capture),
            Command(
                file,
                "Complete ledger with your consumer's file…",
                imports.ask_consumer_file,
                ends_group=True,
                is_enabled=lambda: imports.can_complete,
            ),
            Command(file, "Quit", self.close, keys.Quit),
            Command(edit, "Undo", self._undo, keys.Undo),
            Command(
                edit, "Redo", editor.undo_stack.redo, keys.Redo, ends_group=True, is_enabled=editor.undo_stack.canRedo
            ),
            Command(edit, "Find", self._find, keys.Find, ends_group=True),
            adding("PUB", "Ctrl+N"),
            adding("PUSH"),
            adding("REQ"),
            Command(edit, "Preferences…", self._show_preferences, "Ctrl+,"),
            Command(view, "Presets", self.toggle_gallery, "Ctrl+G", is_checked=lambda: layout.gallery_shown),
            Command(view, "Presentation", self.presentation.toggle, "F11", is_checked=lambda: self.presentation.active),
            Command(view, "Light or dark", self.color_scheme.toggle, "Ctrl+D"),
            Command(view, "Larger text", lambda: self.text_size.step(1), keys.ZoomIn),
            Command(view, "Smaller text", lambda: self.text_size.step(-1), keys.ZoomOut),
            Command(view, "Usual text size", lambda: self.text_size.choose(USUAL), "Ctrl+0", ends_group=True),
            panel(0, "Handlers"),
            panel(1, "Settings"),
            panel(2, "Events, messages, ledger, runs"),
            Command(view, "Close gallery, lab or presentation", self._close_topmost, "Esc", ends_group=True),
            Command(run, "Next step of the demo", self.presentation.next_step, is_enabled=is_open),
            Command(run, "Caption before", self.presentation.back, is_enabled=lambda: self.presentation.active),
            Command(run, "Replay the demo", self.presentation.replay, is_enabled=is_open, ends_group=True),
            Command(run, "Start or pause", self._start_or_pause, "Space", is_enabled=is_open),
            Command(run, "Extend by 1 minute", self.document_editing.extend, "Ctrl+E", is_enabled=is_running),
            Command(run, "Stop", self.stop_request.stop, "Ctrl+.", ends_group=True, is_enabled=is_running),
            Command(run, "Send event by hand", messages.editor.send.click, "Ctrl+Return", is_enabled=is_running),
            Command(
                run,
                "Edit received message",
                messages.edit_selected,
                "Ctrl+Shift+E",
                ends_group=True,
                is_enabled=lambda: messages.can_edit,
            ),
            Command(run, "Record the next run…", record.toggle, is_checked=lambda: record.is_on),
            Command(run, "Write note…", self.note_taking.ask_here, "Ctrl+M", is_enabled=self._may_write_note),
            Command(lab, "What does it carry?", lambda: self.laboratory.show("find"), is_enabled=is_open),
            Command(lab, "Which high-water mark?", lambda: self.laboratory.show("hwm"), is_enabled=is_open),
            Command(lab, "Sweep", lambda: self.laboratory.show("sweep"), "Ctrl+L", is_enabled=is_open),
            Command(lab, "A/B", lambda: self.laboratory.show("ab"), ends_group=True, is_enabled=is_open),
            Command(lab, "Trend…", self.laboratory.show_trend),
            Command(help_, "Documentation", lambda: show_documentation(self.user_messages.show), keys.HelpContents),
            Command(help_, "Keys", lambda: about.show_keys(self, self.commands.list_of_keys)),
            Command(help_, "About", lambda: about.show_about(self)),
        ]

    def _make_menu_bar(self) -> MenuBar:
        menu_bar = MenuBar(self, self.commands)
        menu_bar.add_recent_files(lambda: self.settings.recent_files, self.bench.open)
        runs = self.panels.runs
        menu_bar.add_exports(lambda: runs.run_to_export is not None, runs.export)
        menu_bar.add_themes(lambda: self.color_scheme.choice, self.color_scheme.choose)
        return menu_bar

    def _make_searchables(self) -> list[Searchable]:
        """The parts of the window that can be searched; the first one on screen is searched if none has the focus."""
        panels = self.panels
        below = (panels.events, panels.messages, panels.ledger, panels.runs)
        return [
            Searchable(panels.gallery.filter_line, (panels.gallery,)),
            Searchable(panels.handlers.filter_line, (panels.handlers,)),
            Searchable(panels.settings.filter_line, (panels.settings,)),
            *(Searchable(panel.filter_line, (panel, panel.tools)) for panel in below),
        ]

    def _remember_closed_docks(self) -> None:
        self.settings.closed_docks = sorted(self.panel_layout.closed_docks)

    @property
    def _tables(self) -> list[TableView]:
        panels = self.panels
        return [panels.events.view, panels.messages.view, panels.ledger.view, panels.runs.view]

    def _remember_arrangements(self) -> None:
        """Show columns and folded groups as they were, and remember what the user changes."""
        settings = self.settings
        for view in self._tables:
            if (arrangement := settings.table(view.key)) is not None:
                view.arrange(arrangement)
            view.arranged.connect(lambda view=view: settings.save_table(view.key, view.arrangement))
        handlers = self.panels.handlers
        if (details := settings.handler_details) is not None:
            handlers.show_details(detail for detail in Detail if detail in details)
        handlers.details_changed.connect(lambda: settings.save_handler_details(sorted(handlers.details)))
        inspector = self.panels.inspector
        inspector.folded = set(settings.folded_groups)
        inspector.show_folded()
        inspector.folded_changed.connect(lambda: settings.save_folded_groups(sorted(inspector.folded)))

    def _start_frames(self) -> QTimer:
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(FRAME_MS)
        timer.timeout.connect(self._frame)
        timer.start()
        return timer

    def _frame(self) -> None:
        if not self.isMinimized():
            self.refresher.tick(board_shown=self.panel_layout.plots_shown)

    def load_runs(self) -> None:
        """Read the list of kept runs, and the baseline that was chosen last."""
        self.run_store.refresh()
        self.bench.start_task(self.run_actions.load_baseline(), "load-baseline")

    def toggle_gallery(self) -> None:
        """Show the gallery, or the plots again if a preset is open."""
        if self.panel_layout.gallery_shown and self.bench.editor.document is not None:
            self.panel_layout.show_plots()
        else:
            self.panel_layout.show_gallery()

    def _archive_file(self, folder: Path | None) -> Path:
        return self._usual_archive if folder is None else folder / RUNS_FILE

    def _show_preferences(self) -> None:
        runs = RunsFolder(lambda: self.run_store.archive.file.parent, self._choose_runs_folder)
        dialogs.open_dialog(PreferencesDialog(self.color_scheme, self.text_size, runs, self))

    def _choose_runs_folder(self, folder: Path | None) -> None:
        """Keep runs in another folder; a run under way must be written to where it began."""
        if self.bench.run.running:
            self.user_messages.show(RUN_UNDER_WAY)
            return
        self.settings.runs_folder = folder
        self.refresher.choose_baseline(None)
        self.run_store.use(self._archive_file(folder))

    def _find(self) -> None:
        """Go to the line that searches the panel in focus."""
        find(self._searchables, self.focusWidget())

    def _undo(self) -> None:
        """Undo the last edit; with the focus in the list of runs, bring back the runs deleted last."""
        if self.run_store.can_undelete and self.panels.runs.has_focus:
            self.bench.start_task(self.run_actions.undelete(), "undelete-runs")
        else:
            self.bench.editor.undo_stack.undo()

    def _start(self) -> None:
        if self._may_start():
            self.bench.start()

    def _start_or_pause(self) -> None:
        """Start or pause the run; on a button, press the button, as Space does everywhere else."""
        focus, bar = self.focusWidget(), self.panels.run_bar
        if isinstance(focus, QAbstractButton) and focus not in (bar.start, bar.pause):
            press(focus)
        elif self.bench.run.running or self._may_start():
            self.bench.start_or_pause()

    def _may_start(self) -> bool:
        """False, with a message, while a field shows a refused value: the run would use another one."""
        duration = self.panels.run_bar.duration.fault
        if self.bench.run_refusal:
            self.user_messages.show(self.bench.run_refusal)
            return False
        fault = f"Duration {duration}" if duration else self.panels.inspector.fault
        if fault:
            self.user_messages.show(f"Not started: {fault}. Correct the field, or press Esc in it.")
        return not fault

    def _may_write_note(self) -> bool:
        return self.note_taking.is_possible

    def _close_topmost(self) -> None:
        """Close the gallery or the lab, else the presentation. A run goes on: an hour of it must not end by a slip."""
        layout = self.panel_layout
        if layout.lab_shown:
            self.laboratory.close()
        elif layout.gallery_shown and self.bench.editor.document is not None:
            layout.show_plots()
        elif self.presentation.active:
            self.presentation.toggle()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """Accept files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's name)
        """Open the first file, a preset or a kept run.

        A file of events completes the run that it is dropped on. Without such a run, it becomes the source.
        """
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not files:
            return
        event.acceptProposedAction()
        if is_consumer_file(Path(files[0])) and not self.file_imports.can_complete:
            # There is no run whose ledger it could complete.
            self.replay_files.use(Path(files[0]))
        elif is_consumer_file(Path(files[0])):
            place = self.mapToGlobal(event.position().toPoint())
            self.file_imports.complete(Path(files[0]), self.panels.runs.run_at(place))
        else:
            self.bench.open(files[0])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Fit the docks and the tabs below the plots to the new size."""
        super().resizeEvent(event)
        self.panel_layout.fit_size(self.size())
        self.presentation.fit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Refuse to close now: first ask about unsaved changes, end the run, and keep it."""
        event.ignore()
        if self._closing is not None:
            return
        # A hidden window could not show the question.
        if self.isVisible():
            self.document_files.ask_about_changes(self._start_closing)
        else:
            self._start_closing()

    def _start_closing(self) -> None:
        # The destructor of the undo stack emits signals, and then the parts that would receive them are gone.
        self.bench.editor.undo_stack.blockSignals(True)
        self._closing = self.bench.start_task(self.shut_down(), "shut-down")

    async def shut_down(self) -> None:
        """End the run, wait until it is kept, and let the application end."""
        if not self.presentation.active:
            # The docks come back beside the plots, and are stacked again if the next window is narrow, too.
            self.panel_layout.narrow.unstack()
            self.settings.save_layout(self)
        self._frame_timer.stop()
        self.hide()
        await self.capacity.finish()
        await self.laboratory.runner.finish()
        await self.bench.run.finish(POLITE_CLOSE_S)
        await self.run_store.flush()
        self.text_size.end()
        self.closed.set()


def press(button: QAbstractButton) -> None:
    """Press a button as the pointer would: open its menu, if it only has a menu."""
    if isinstance(button, QToolButton) and button.popupMode() is QToolButton.ToolButtonPopupMode.InstantPopup:
        # Not showMenu(): it waits until the menu is closed, and the window would stand still.
        if button.isEnabled() and button.menu() is not None:
            button.menu().popup(button.mapToGlobal(button.rect().bottomLeft()))
    else:
        button.click()
