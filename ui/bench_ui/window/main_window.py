"""The window: puts panels and plots together, and passes what one asks for to workbench and run store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QStatusBar,
    QTabWidget,
    QWidget,
)

from bench_app.engine.events import RunEvent
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.session import Phase, Session
from bench_app.errors import Fault
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_ui.panels.banner import SHOWN_MS, Banner
from bench_ui.panels.capacity import CapacityDialog
from bench_ui.panels.events import EventsPanel
from bench_ui.panels.flow_strip import FlowStrip
from bench_ui.panels.gallery import Gallery
from bench_ui.panels.handlers import HandlersPanel
from bench_ui.panels.inspector import Inspector
from bench_ui.panels.ledger import LedgerPanel
from bench_ui.panels.messages import MessagesPanel
from bench_ui.panels.tool_bar import RunBar
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.plots.board import PlotBoard, board_column
from bench_ui.runs.capacity_runner import CapacityRunner
from bench_ui.runs.run_actions import RunActions, is_act, mark_words
from bench_ui.runs.run_list import RunsPanel
from bench_ui.runs.run_store import RunStore
from bench_ui.widgets import number_format, theme
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.widgets.tables import ToolsStack
from bench_ui.widgets.theme import Theme
from bench_ui.window import dialogs, edits
from bench_ui.window.edits import DocumentEdit
from bench_ui.window.refresh import FRAME_MS, Panels, Refresher
from bench_ui.window.workbench import Workbench

POLITE_CLOSE_S = 1.8
RECENT_KEPT = 8
REASON_CHARACTERS = 200
LEAST_BELOW, BELOW_SHARE = 156, 0.22
"""Height in pixels of what is below the plots, and its share of a higher window."""


class MainWindow(QMainWindow):
    """One bench. ``settings`` remember the layout, ``archive`` keeps runs."""

    def __init__(self, settings: QSettings, archive: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.bench = Workbench(self)
        self.run_store = RunStore(self.bench, archive)
        self.capacity = CapacityRunner(self.bench)
        self.closed = asyncio.Event()
        self.theme: Theme = theme.LIGHT
        self._closing: asyncio.Task[Any] | None = None
        self._troubles: list[str] = []
        """What failed in this run."""
        self._shown_running: tuple[list[str], bool] | None = None
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self._make_parts()
        self._make_actions()
        self._connect()
        self._restore()
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.setInterval(FRAME_MS)
        self._clock.timeout.connect(self._frame)
        self._clock.start()
        self._show_phase()
        self._show_docks()
        self.run_bar.start.setFocus()

    # Putting it together.

    def _make_parts(self) -> None:
        self.run_bar = RunBar(self)
        self.addToolBar(self.run_bar)
        self.handlers = HandlersPanel()
        self.flow = FlowStrip()
        self.board = PlotBoard()
        self.inspector = Inspector(self.bench.edit)
        self.events = EventsPanel()
        self.messages = MessagesPanel()
        self.ledger = LedgerPanel()
        self.runs = RunsPanel()
        self.banner = Banner()
        recent = [str(name) for name in self._setting_list("recent")]
        self.gallery = Gallery(list(documents.shipped_documents()), recent)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.gallery)
        self._bench_page = board_column(self.board, self.banner, self.flow)
        self.pages.addWidget(self._bench_page)
        self.setCentralWidget(self.pages)
        self.below = QTabWidget()
        self.below.setDocumentMode(True)
        self.below.tabBar().setDrawBase(False)
        self.below.setAccessibleName("Events, messages, ledger, runs")
        # Beside the tabs, where they take no room from the tables.
        self._tools = ToolsStack()
        for panel, name in (
            (self.events, "Events"),
            (self.messages, "Messages"),
            (self.ledger, "Ledger"),
            (self.runs, "Runs"),
        ):
            self.below.addTab(panel, name)
            self._tools.addWidget(panel.tools)
        self.below.setCornerWidget(self._tools, Qt.Corner.TopRightCorner)
        self.below.currentChanged.connect(self._show_tools)
        self._docks = [
            self._dock("Handlers", self.handlers, Qt.DockWidgetArea.LeftDockWidgetArea),
            self._dock("Settings", self.inspector, Qt.DockWidgetArea.RightDockWidgetArea),
            self._dock("Run", self.below, Qt.DockWidgetArea.BottomDockWidgetArea),
        ]
        self.resizeDocks(self._docks[:2], [236, 300], Qt.Orientation.Horizontal)
        self._below_height = LEAST_BELOW
        self.resizeDocks(self._docks[2:], [LEAST_BELOW], Qt.Orientation.Vertical)
        self.setStatusBar(QStatusBar())
        status = QLabel()
        status.setContentsMargins(8, 0, 8, 0)
        status.setToolTip(
            "workers: processes of this run · GUI loop: the window's worst delay in the last two seconds · "
            "CPU: this window's share of one core · the verdict says whether the reading can be trusted"
        )
        self.statusBar().addWidget(status, 1)
        baseline = QLabel()
        baseline.setContentsMargins(8, 0, 8, 0)
        baseline.setToolTip(f"The run whose curves and numbers (after a {BASELINE_MARK}) stand behind the live ones")
        self.statusBar().addPermanentWidget(baseline)
        self.refresher = Refresher(
            self.bench,
            Panels(
                self.run_bar,
                self.handlers,
                self.flow,
                self.board,
                self.inspector,
                self.messages,
                self.ledger,
                status,
                baseline,
            ),
        )
        self.run_actions = RunActions(self, self.run_store, self.refresher, self.events, self._leave_for, self._take)

    def _show_tools(self, place: int) -> None:
        self._tools.setCurrentIndex(place)
        # A QTabWidget looks at its corner again only with an event of its own.
        QApplication.sendEvent(self.below, QResizeEvent(self.below.size(), self.below.size()))

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{title.lower()}")
        dock.setWidget(widget)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
        if area == Qt.DockWidgetArea.BottomDockWidgetArea:
            # Its tabs are title enough.
            dock.setTitleBarWidget(QWidget(dock))
        self.addDockWidget(area, dock)
        return dock

    def _make_actions(self) -> None:
        stack = self.bench.undo_stack
        keys = QKeySequence.StandardKey
        self._action("Open", keys.Open, self.ask_open)
        self._action("Save", keys.Save, self.save)
        self._action("Save as", QKeySequence("Ctrl+Shift+S"), self.ask_save)
        self._action("New", QKeySequence("Ctrl+T"), self.new)
        self._action("Undo", keys.Undo, self._undo)
        self._action("Redo", keys.Redo, stack.redo)
        self._action("Add handler", QKeySequence("Ctrl+N"), lambda: self.add_handler("PUB"))
        self._action("Start or pause", QKeySequence("Space"), self.start_or_pause)
        self._action("Stop", QKeySequence("Esc"), self._escape)
        self._action("Presentation", QKeySequence("F11"), self.toggle_presentation)
        self._action("Light or dark", QKeySequence("Ctrl+D"), self.toggle_theme)
        self._action("Presets", QKeySequence("Ctrl+G"), self.toggle_gallery)
        self._action("Quit", keys.Quit, self.close)
        for number, dock in enumerate(self._docks, start=1):
            dock.toggleViewAction().setShortcut(QKeySequence(f"Alt+{number}"))
            self.addAction(dock.toggleViewAction())

    def _action(self, text: str, key: Any, act: Any) -> None:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _=False: act())
        self.addAction(action)

    def _connect(self) -> None:
        bench, bar = self.bench, self.run_bar
        bar.start.clicked.connect(lambda _=False: self.start())
        bar.pause.clicked.connect(lambda _=False: bench.pause())
        bar.stop.clicked.connect(lambda _=False: bench.stop())
        bar.open.clicked.connect(lambda _=False: self.ask_open())
        bar.save.clicked.connect(lambda _=False: self.save())
        bar.presets.clicked.connect(lambda _=False: self.toggle_gallery())
        bar.scheme.clicked.connect(lambda _=False: self.toggle_theme())
        bar.present.clicked.connect(lambda _=False: self.toggle_presentation())
        bar.duration_edited.connect(self._set_duration)
        bench.document_read.connect(lambda document: self._leave_for(lambda: self._take(document)))
        bench.document_changed.connect(self._show_document)
        bench.undo_stack.cleanChanged.connect(lambda _: self._show_title())
        bench.run_started.connect(self._run_started)
        bench.phase_changed.connect(self._show_phase)
        bench.run_ended.connect(self._run_ended)
        bench.event_added.connect(self._event_added)
        bench.message.connect(self.tell)
        bench.faults_found.connect(self.show_faults)
        self.board.failed.connect(self.tell)
        self.board.latency.combo.currentIndexChanged.connect(lambda _: self._refresh_what_is_over())
        self.below.currentChanged.connect(lambda _: self._refresh_what_is_over())
        self.handlers.scope_changed.connect(self._show_scope)
        self.handlers.add_wanted.connect(self.add_handler)
        self.handlers.listener_wanted.connect(self.add_listener)
        self.handlers.duplicate_wanted.connect(self.duplicate)
        self.handlers.remove_wanted.connect(self.remove)
        self.handlers.enable_wanted.connect(self.enable)
        self.handlers.action_wanted.connect(self.carry_out)
        self.inspector.action_wanted.connect(self.carry_out)
        self.messages.send_wanted.connect(self._send)
        self.gallery.chosen.connect(lambda document: self._leave_for(lambda: self._take(document)))
        self.gallery.start_wanted.connect(lambda document: self._leave_for(lambda: self._take(document, start=True)))
        self.gallery.file_wanted.connect(self.bench.open)
        self.gallery.browse_wanted.connect(self.ask_open)
        self.run_actions.connect(self.runs)

    def _do(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self.bench.start_task(work, name)

    # Remembered things.

    def _setting_list(self, key: str) -> list[Any]:
        value = self.settings.value(key)
        return value if isinstance(value, list) else [] if value is None else [value]

    def _restore(self) -> None:
        self.resize(1280, 720)
        for key, restore in (("geometry", self.restoreGeometry), ("docks", self.restoreState)):
            kept = self.settings.value(key)
            if isinstance(kept, QByteArray):
                restore(kept)
        chosen = self.settings.value("scheme")
        self.set_theme(theme.DARK if chosen == "dark" or (chosen is None and theme.system_is_dark()) else theme.LIGHT)
        QApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    def _follow_system(self) -> None:
        if self.settings.value("scheme") is None:
            self.set_theme(theme.DARK if theme.system_is_dark() else theme.LIGHT)

    def _remember(self) -> None:
        if not self.presenting:
            self.settings.setValue("geometry", self.saveGeometry())
            self.settings.setValue("docks", self.saveState())

    def load_kept(self) -> None:
        """Read the list of runs, and the baseline chosen last."""
        self.run_store.refresh()
        self._do(self.run_actions.load_baseline(), "load-baseline")

    # How it looks.

    def set_theme(self, wanted: Theme) -> None:
        """Light or dark, everywhere."""
        self.theme = wanted
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, wanted)
        for part in (self.handlers, self.board, self.gallery, self.inspector):
            part.set_theme(wanted)
        for panel in (self.events, self.flow, self.ledger, self.runs):
            panel.theme = wanted
            panel.update()
        self.run_bar.show_theme(wanted)
        # A new style sheet takes fonts away that were set before it.
        self._show_sizes()

    def toggle_theme(self) -> None:
        """The other scheme, from now on."""
        self.set_theme(theme.LIGHT if self.theme.dark else theme.DARK)
        self.settings.setValue("scheme", "dark" if self.theme.dark else "light")

    @property
    def presenting(self) -> bool:
        """True while only flow strip, plots and big numbers are shown."""
        return self.run_bar.large

    def toggle_presentation(self) -> None:
        """Flow strip, plots and big numbers only, readable from three metres; and back."""
        presenting = not self.presenting
        if presenting:
            self._remember()
        for dock in self._docks:
            dock.setVisible(not presenting)
        self.statusBar().setVisible(not presenting)
        self.run_bar.set_large(presenting)
        self._show_sizes()
        side = 8 if presenting else 0
        self._bench_page.setContentsMargins(side, 0, side, 0)
        if presenting:
            self.pages.setCurrentWidget(self._bench_page)
            self.showFullScreen()
        else:
            self.showNormal()
            docks = self.settings.value("docks")
            if isinstance(docks, QByteArray):
                self.restoreState(docks)

    def _show_sizes(self) -> None:
        for part in (self.run_bar, self.flow, self.board):
            part.set_large(self.presenting)

    def toggle_gallery(self) -> None:
        """The presets, and back to the plots."""
        if self.pages.currentWidget() is self.gallery and self.bench.document is not None:
            self.pages.setCurrentWidget(self._bench_page)
        else:
            self.pages.setCurrentWidget(self.gallery)
        self._show_docks()

    def _show_docks(self) -> None:
        if not self.presenting:
            gallery = self.pages.currentWidget() is self.gallery
            for dock in self._docks:
                dock.setVisible(not gallery)

    def tell(self, sentence: str) -> None:
        """Say something above the plots for a while."""
        self.banner.show_message(sentence)
        if self.pages.currentWidget() is self.gallery:
            self.statusBar().showMessage(sentence, SHOWN_MS)

    # The document.

    def _show_document(self) -> None:
        document = self.bench.document
        if self.pages.currentWidget() is self.gallery and document is not None:
            self.pages.setCurrentWidget(self._bench_page)
            self._show_docks()
        self.handlers.show_document(document)
        self.inspector.show_document(document, self.handlers.scope)
        if document is not None:
            self.run_bar.show_duration(document.preset.bench.duration_s)
        self._show_title()
        self._show_phase()
        if self.bench.session is None and self.refresher.kept is None:
            self.refresher.show_nothing()
            self.events.clear()
        if document is not None and document.path is not None:
            self._note_recent(str(document.path.absolute()))

    def _show_title(self) -> None:
        document = self.bench.document
        name = "no preset" if document is None else document.name
        star = " *" if self.bench.modified else ""
        title = "" if document is None else document.preset.bench.title
        self.setWindowTitle(f"{name}{star} – ZMQ Test Bench")
        self.run_bar.show_name(f"{name}{star}", title)

    def _note_recent(self, name: str) -> None:
        recent = [name, *(other for other in self._setting_list("recent") if other != name)]
        if recent != self._setting_list("recent"):
            self.settings.setValue("recent", recent[:RECENT_KEPT])

    def _show_scope(self) -> None:
        scope = self.handlers.scope
        self.inspector.show_document(self.bench.document, scope)
        self.board.scope = scope
        self.board.redraw()
        self.refresh()

    def _set_duration(self, seconds: float) -> None:
        self.bench.edit([(("bench", "duration_s"), seconds)], "change the duration", "duration")

    def _take(self, document: Document, start: bool = False) -> None:
        self.refresher.kept = None
        self.bench.set_document(document)
        if start:
            self.start()

    def new(self) -> None:
        """A preset with one PUB handler."""
        self._leave_for(lambda: self._take(documents.parse(edits.UNTITLED, "untitled")))

    def _leave_for(self, act: Callable[[], Any]) -> None:
        """Do what replaces the document; a run under way or unsaved changes are asked about first."""
        if self.bench.running:
            self.tell("A run is under way: stop it first.")
        elif self.bench.modified:
            dialogs.ask_unsaved(self, discard=act, save=self.save)
        else:
            act()

    def ask_open(self) -> None:
        """Choose a preset's file."""
        dialogs.ask_open(self, self.bench.open)

    def save(self) -> None:
        """Write the preset where it came from, or ask where."""
        document = self.bench.document
        if document is None:
            return
        if document.path is None:
            self.ask_save()
        else:
            self._do(self.bench.save(document.path), "save")

    def ask_save(self) -> None:
        """Choose where the preset is to be written."""
        if self.bench.document is not None:
            name = f"{self.bench.document.name}.json"
            dialogs.ask_save(self, "Save the preset", name, lambda file: self._do(self.bench.save(file), "save"))

    def show_faults(self, name: str, faults: list[Fault]) -> None:
        """List everything that is wrong with a preset; what is open stays."""
        dialogs.show_faults(self, name, faults)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """A file may be dropped."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's name)
        """Open the first file."""
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.bench.open(files[0])

    # Handlers and listeners.

    def add_handler(self, socket_type: str) -> None:
        """Draw up one more handler."""
        if self.bench.document is None:
            self.bench.set_document(documents.parse(edits.UNTITLED, "untitled"))
        else:
            self._draw_up(edits.add_handler(self.bench.document, socket_type))

    def duplicate(self, name: str) -> None:
        """A handler once more, its listeners too."""
        if self.bench.document is not None:
            self._draw_up(edits.duplicate(self.bench.document, name))

    def add_listener(self, handler: str) -> None:
        """One more listener for a handler."""
        if self.bench.document is not None:
            self._draw_up(edits.add_listener(self.bench.document, handler))

    def remove(self, chosen: list[tuple[str, str]]) -> None:
        """Take handlers and listeners away; to be undone."""
        if self.bench.document is not None:
            self._draw_up(edits.remove(self.bench.document, chosen))

    def enable(self, names: list[str], enabled: bool) -> None:
        """Take handlers into the next run, or leave them out."""
        self._draw_up(edits.enable(names, enabled))

    def rename(self, handler: str, listener: str, name: str) -> None:
        """Call a handler or a listener something else; to be undone."""
        document = self.bench.document
        if document is None or not name or name == (listener or handler):
            return
        if not listener and name in edits.handler_names(document):
            self.tell(f"Nothing was renamed: there is a handler “{name}” already.")
            return
        self._draw_up(edits.rename(document, handler, listener, name))

    def _draw_up(self, draft: DocumentEdit) -> None:
        faults = self.bench.edit_raw(draft.change, draft.text)
        if faults:
            reasons = "; ".join(number_format.shortened(str(fault), REASON_CHARACTERS) for fault in faults)
            self.tell(f"Nothing was changed ({number_format.shortened(draft.text, REASON_CHARACTERS)}): {reasons}")
        elif draft.select:
            self.handlers.select(draft.select)
            self.inspector.show_handler_page()

    def carry_out(self, request: UnitRequest) -> None:
        """Do what the user asked of one handler or listener."""
        handler, listener = request.handler, request.listener
        match request.action:
            case UnitAction.RENAME:
                self._ask_rename(handler, listener)
            case UnitAction.START_ALONE:
                self.start(only=handler)
            case UnitAction.MEASURE_CAPACITY:
                self.measure_capacity(handler)
            case _:
                self._carry_out_in_run(request)

    def _carry_out_in_run(self, request: UnitRequest) -> None:
        session, handler = self.bench.session, request.handler
        if session is None or not self.bench.running or handler not in session.handlers:
            return
        state: Any = session.handlers[handler]
        if request.listener:
            state = next(one for one in session.listeners_of(state) if one.plan.name == request.listener)
        match request.action:
            case UnitAction.STOP:
                self._do(session.stop_handler(handler), "stop-handler")
            case UnitAction.RECONNECT:
                self._do(session.reconnect_handler(handler), "reconnect-handler")
            case UnitAction.KILL:
                session.kill_unit(state)
            case UnitAction.PAUSE | UnitAction.RESUME:
                self._do(session.pause_unit(state, request.action is UnitAction.PAUSE), "pause-unit")

    def measure_capacity(self, handler: str) -> None:
        """How many messages do a handler's connections take, and where do they sit? Shown as a picture."""
        if self.bench.document is not None and not self.bench.running:
            CapacityDialog(self.capacity, handler, self.theme, self).show()

    def _ask_rename(self, handler: str, listener: str) -> None:
        dialogs.ask_text(self, "New name", listener or handler, lambda name: self.rename(handler, listener, name))

    def _send(self, handler: str, body: bytes) -> None:
        session = self.bench.session
        if session is not None and self.bench.running and handler in session.handlers:
            self._do(self._offer(session, handler, body), "send-event")

    async def _offer(self, session: Session, handler: str, body: bytes) -> None:
        await session.send_event(handler, body)
        self.messages.show_sent(f"Offered to {handler} at {number_format.clock(session.now_s)}.")

    # The run.

    def start(self, only: str | None = None) -> None:
        """Run what is open."""
        self.bench.start(only)

    def start_or_pause(self) -> None:
        """Space."""
        if self.bench.running:
            self.bench.pause()
        else:
            self.start()

    def _undo(self) -> None:
        """The last edit; in the list of runs, what was deleted there."""
        focus = self.focusWidget()
        if (
            self.run_store.can_undelete
            and focus is not None
            and any(part.isAncestorOf(focus) for part in (self.runs, self.runs.tools))
        ):
            self._do(self.run_actions.undelete(), "undelete-runs")
        else:
            self.bench.undo_stack.undo()

    def _escape(self) -> None:
        if self.bench.running:
            self.bench.stop()
        elif self.presenting:
            self.toggle_presentation()

    def _run_started(self) -> None:
        session = self.bench.session
        assert session is not None and session.tracks is not None
        self.refresher.begin()
        self.pages.setCurrentWidget(self._bench_page)
        self._show_docks()
        self.banner.hide()
        self._troubles.clear()
        self.events.clear()
        self.messages.clear()
        self.ledger.show_verdict(
            "Running: its columns are of reports from different moments, and need not add up before the end."
        )
        self.board.clear_markers()
        self.board.time.show_length(session.duration_s)
        self.board.show_series(session.tracks.by_name, self.handlers.scope)
        self.refresher.show_baseline()

    def _show_phase(self) -> None:
        bench = self.bench
        session = bench.session
        running = bench.running
        names = [] if session is None or not running else list(session.present)
        if (names, running) != self._shown_running:
            self._shown_running = (names, running)
            self.handlers.running = running
            self.inspector.set_running(running)
            self.messages.set_handlers(names, running)
        self.run_bar.show_phase(
            can_start=not running and bench.document is not None,
            running=running,
            paused=running and session is not None and session.paused,
            stopping=running and session is not None and (session.interrupted or session.phase is Phase.DRAINING),
        )

    def _event_added(self, event: RunEvent) -> None:
        self.events.add(event)
        if event.is_error:
            self._troubles.append(f"{event.source}: {event.message}")
            more = len(self._troubles) - 1
            self.tell(self._troubles[0] + (f" (and {more:,} more, see Events)" if more else ""))
        if event.marker and event.at_s > 0:
            self.board.mark(event.at_s, mark_words(event), is_act(event))
        self._show_phase()

    def _run_ended(self, _session: Session, finished: FinishedRun) -> None:
        self.refresh()
        self._show_phase()
        self.ledger.show_verdict(number_format.verdict_words(finished.result))
        if finished.result.verdict != "pass" and not finished.interrupted:
            self.banner.show_message(number_format.verdict_headline(finished.result), stays=True)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """What is below the plots keeps its share of the height, until somebody has chosen another one."""
        super().resizeEvent(event)
        below = self._docks[2]
        if below.height() == self._below_height and not self.presenting:
            self._below_height = max(LEAST_BELOW, int(self.height() * BELOW_SHARE))
            self.resizeDocks([below], [self._below_height], Qt.Orientation.Vertical)

    # The clock.

    def _frame(self) -> None:
        if not self.isMinimized():
            self.refresher.tick(board_shown=self.pages.currentWidget() is self._bench_page)

    def _refresh_what_is_over(self) -> None:
        """What a run brings five times a second comes no more by itself."""
        if not self.bench.running:
            self.refresh()

    def refresh(self) -> None:
        """Bring tree, strip and tables up to date, all at once."""
        self.refresher.refresh()

    # The end.

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Not at once: what runs is ended first, and kept."""
        event.ignore()
        if self._closing is None:
            if self.bench.modified and self.isVisible() and not self.bench.running:
                self._leave_for(self._shut)
            else:
                self._shut()

    def _shut(self) -> None:
        self._closing = self.bench.start_task(self.shut_down(), "shut-down")

    async def shut_down(self) -> None:
        """End the run, wait until it is kept, and let the application end."""
        self._remember()
        self._clock.stop()
        self.hide()
        await self.capacity.finish()
        await self.bench.finish(POLITE_CLOSE_S)
        await self.run_store.flush()
        self.closed.set()
