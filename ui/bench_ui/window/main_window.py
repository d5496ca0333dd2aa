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
from PySide6.QtWidgets import QMainWindow, QWidget

from bench_ui.runs.capacity_runner import CapacityRunner
from bench_ui.runs.run_store import RunStore
from bench_ui.window.color_scheme import ColorScheme
from bench_ui.window.document_display import DocumentDisplay
from bench_ui.window.document_editing import DocumentEditing
from bench_ui.window.document_files import DocumentFiles
from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.panels import Panels
from bench_ui.window.presentation import Presentation
from bench_ui.window.refresh import FRAME_MS, Refresher
from bench_ui.window.run_actions import RunActions
from bench_ui.window.run_display import RunDisplay
from bench_ui.window.settings import WindowSettings
from bench_ui.window.shortcuts import Shortcut, add_shortcuts
from bench_ui.window.unit_actions import UnitActions
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

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
        color_scheme, presentation: how the window looks.
        closed: set when the window is closed and every run is kept.
    """

    def __init__(self, settings: QSettings, archive: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.closed = asyncio.Event()
        self._closing: asyncio.Task[Any] | None = None
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.settings = WindowSettings(settings)
        self.bench = bench = Workbench(self)
        self.run_store = RunStore(bench.run, bench.start_task, archive)
        self.capacity = CapacityRunner(bench.editor, bench.run, bench.start_task)
        self.panels = Panels(self, bench.editor, self.statusBar(), self.settings.recent_files)
        self.panel_layout = PanelLayout(self, self.panels)
        self.user_messages = UserMessages(self.panels.banner, self.statusBar())
        self.refresher = Refresher(bench.run, bench.editor, self.panels)
        self._make_parts()
        self._connect()
        self._add_shortcuts()
        self.settings.restore_size(self)
        self.settings.restore_docks(self)
        self.color_scheme.restore()
        self.run_display.show_phase()
        self.panel_layout.show_docks()
        self._frame_timer = self._start_frames()
        self.panels.run_bar.start.setFocus()

    def _make_parts(self) -> None:
        bench, panels, messages = self.bench, self.panels, self.user_messages
        self.color_scheme = ColorScheme(panels, self.settings, self)
        self.presentation = Presentation(self, panels, self.panel_layout, self.settings)
        self.document_files = DocumentFiles(self, bench, self.refresher, messages)
        self.document_editing = DocumentEditing(bench, panels, messages)
        self.document_display = DocumentDisplay(self, bench, self.panel_layout, self.refresher, self.settings)
        self.run_display = RunDisplay(bench, self.panel_layout, self.refresher, messages)
        self.run_actions = RunActions(self, bench, self.run_store, self.refresher, self.document_files, messages)
        self.unit_actions = UnitActions(self, bench, panels, self.document_editing, self.capacity, self.color_scheme)

    def _connect(self) -> None:
        bench, bar, panels = self.bench, self.panels.run_bar, self.panels
        for button, action in (
            (bar.start, bench.start),
            (bar.pause, bench.run.pause),
            (bar.stop, bench.run.stop),
            (bar.open, self.document_files.ask_open),
            (bar.save, self.document_files.save),
            (bar.presets, self.toggle_gallery),
            (bar.scheme, self.color_scheme.toggle),
            (bar.present, self.presentation.toggle),
        ):
            button.clicked.connect(lambda _=False, action=action: action())
        bench.message.connect(self.user_messages.show)
        panels.board.failed.connect(self.user_messages.show)
        self.color_scheme.changed.connect(self.presentation.apply_sizes)
        panels.board.latency.combo.currentIndexChanged.connect(lambda _: self.refresher.refresh_without_run())
        self.panel_layout.tabs.currentChanged.connect(lambda _: self.refresher.refresh_without_run())
        self.document_files.connect_gallery(panels.gallery)
        self.run_actions.connect(panels.runs)

    def _add_shortcuts(self) -> None:
        keys, files = QKeySequence.StandardKey, self.document_files
        shortcuts = [
            Shortcut("Open", keys.Open, files.ask_open),
            Shortcut("Save", keys.Save, files.save),
            Shortcut("Save as", "Ctrl+Shift+S", files.ask_save),
            Shortcut("New", "Ctrl+T", files.new),
            Shortcut("Undo", keys.Undo, self._undo),
            Shortcut("Redo", keys.Redo, self.bench.editor.undo_stack.redo),
            Shortcut("Add handler", "Ctrl+N", lambda: self.document_editing.add_handler("PUB")),
            Shortcut("Start or pause", "Space", self.bench.start_or_pause),
            Shortcut("Stop", "Esc", self._stop_or_leave_presentation),
            Shortcut("Presentation", "F11", self.presentation.toggle),
            Shortcut("Light or dark", "Ctrl+D", self.color_scheme.toggle),
            Shortcut("Presets", "Ctrl+G", self.toggle_gallery),
            Shortcut("Quit", keys.Quit, self.close),
        ]
        add_shortcuts(self, shortcuts)
        for number, dock in enumerate(self.panel_layout.docks, start=1):
            dock.toggleViewAction().setShortcut(QKeySequence(f"Alt+{number}"))
            self.addAction(dock.toggleViewAction())

    def _start_frames(self) -> QTimer:
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(FRAME_MS)
        timer.timeout.connect(self._frame)
        timer.start()
        return timer

    def _frame(self) -> None:
        if not self.isMinimized():
            self.refresher.tick(board_shown=not self.panel_layout.gallery_shown)

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

    def _undo(self) -> None:
        """Undo the last edit; with the focus in the list of runs, bring back the runs deleted last."""
        if self.run_store.can_undelete and self.panels.runs.has_focus:
            self.bench.start_task(self.run_actions.undelete(), "undelete-runs")
        else:
            self.bench.editor.undo_stack.undo()

    def _stop_or_leave_presentation(self) -> None:
        if self.bench.run.running:
            self.bench.run.stop()
        elif self.presentation.active:
            self.presentation.toggle()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """Accept files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's name)
        """Open the first file as a preset."""
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.bench.open(files[0])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Fit the tabs below the plots to the new height."""
        super().resizeEvent(event)
        self.panel_layout.fit_height(self.height())

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Refuse to close now: first ask about unsaved changes, end the run, and keep it."""
        event.ignore()
        if self._closing is not None:
            return
        # Not during a run: then confirm() would refuse to close the window.
        if self.bench.editor.modified and self.isVisible() and not self.bench.run.running:
            self.document_files.confirm(self._start_closing)
        else:
            self._start_closing()

    def _start_closing(self) -> None:
        self._closing = self.bench.start_task(self.shut_down(), "shut-down")

    async def shut_down(self) -> None:
        """End the run, wait until it is kept, and let the application end."""
        if not self.presentation.active:
            self.settings.save_layout(self)
        self._frame_timer.stop()
        self.hide()
        await self.capacity.finish()
        await self.bench.run.finish(POLITE_CLOSE_S)
        await self.run_store.flush()
        self.closed.set()
