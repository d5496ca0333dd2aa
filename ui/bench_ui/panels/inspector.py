"""Forms for what is selected: handler, source and load, listener. A valid change is applied at once, in a run, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bench_app.errors import Fault
from bench_app.model import BenchSpec, HandlerBench, HandlerConfig, HandlerSpec, ListenerSpec, Load, Source
from bench_app.model.socket_options import LISTENER_RECREATING, RECREATING
from bench_app.preset.defaults import handler_bench, listeners_of, sources_of
from bench_app.preset.documents import Document
from bench_ui.forms import ChoiceForm, Form
from bench_ui.forms.row import Row
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.scope import Scope
from bench_ui.widgets.theme import Theme

RECREATES = "recreates the socket"
EACH_RECREATES = "In a run each change here recreates the socket."
BEGINS_ANEW = "begins anew"
EACH_BEGINS_ANEW = (
    "In a run the handler begins anew with each change here: the books so far stay, and it gets new ones."
)
_HANDLER_FIELDS = ("uri", "sink", "enabled")
_COMMON = ("socket_type", "high_water_mark", "send_timeout", "queue_size", "linger")
_RECONNECTS = ("reconnect_interval", "max_reconnect_attempts")
_CONFIG_FIELDS = {
    "PUB": (*_COMMON, "topic", *_RECONNECTS),
    "PUSH": (*_COMMON, *_RECONNECTS),
    "REQ": ("socket_type", "request_timeout", "retries", *_COMMON[1:], *_RECONNECTS),
}
_KNOBS = ("high_water_mark", "send_timeout", "queue_size", "linger", "request_timeout", "retries")
_LISTENER_COMMON = ("delay_ms", "delay_jitter_ms", "high_water_mark", "stall")
_LISTENER_FIELDS = {
    "PUB": (*_LISTENER_COMMON, "topics", "endpoint"),
    "PUSH": (*_LISTENER_COMMON, "endpoint"),
    "REQ": (*_LISTENER_COMMON[:2], "drop_replies", "error_replies", "reply", *_LISTENER_COMMON[2:], "endpoint"),
}
_LISTENER_KNOBS = ("delay_ms", "high_water_mark")
_TCP = ("send_buffer", "receive_buffer", "ipv6", "tcp_keepalive", "tcp_keepalive_idle", "tcp_keepalive_interval")
_HEARTBEATS = ("heartbeat_interval", "heartbeat_timeout")
# Only what can do something for a pattern: bench_app.preset.option_conflicts says what cannot.
_CONNECTION_FIELDS = {
    "PUB": ("reconnect_interval_max", *_HEARTBEATS, "immediate", "no_drop", *_TCP),
    "PUSH": ("reconnect_interval_max", *_HEARTBEATS, "immediate", "conflate", *_TCP),
    "REQ": ("reconnect_interval_max", *_HEARTBEATS, "immediate", "max_message_size", *_TCP),
}
_LISTENER_CONNECTION_FIELDS = {
    "PUB": ("reconnect_interval_max", *_HEARTBEATS, "conflate", "max_message_size", *_TCP),
    "PUSH": ("reconnect_interval_max", *_HEARTBEATS, "conflate", "max_message_size", *_TCP),
    "REQ": ("reconnect_interval_max", *_HEARTBEATS, "max_message_size", *_TCP),
}
_BENCH_FIELDS = ("paired", "mode", "framing", "stamp", "start_gate", "high_water_mark_set")
_RUN_FIELDS = ("title", "description", "duration_s", "warmup_s")


class Inspector(QTabWidget):
    """Handler, Source, Listener, Run. ``edit`` sets values of the document and returns the faults, if any."""

    action_wanted = Signal(object)
    """With a UnitRequest."""

    def __init__(self, edit: Callable[[list[tuple[Any, Any]], str, str], list[Fault]], parent: QWidget | None = None):
        super().__init__(parent)
        self._edit = edit
        self._document: Document | None = None
        self._scope = Scope()
        self._running = False
        self._handler_pages: dict[str, _HandlerPage] = {}
        self._listener_pages: dict[str, _ListenerPage] = {}
        self._source = _SourcePage(self)
        self._run = _RunPage(self)
        self._shown: tuple[str, str] | None = None
        self._make_ahead = QTimer(self)
        self._make_ahead.setSingleShot(True)
        self._make_ahead.timeout.connect(self._make_one_ahead)
        self._places = [QStackedWidget() for _ in range(4)]
        for place, name in zip(self._places, ("Handler", "Source", "Listener", "Run"), strict=True):
            self.addTab(place, name)
        _turn(self._places[1], self._source)
        _turn(self._places[3], self._run)
        self.setAccessibleName("Inspector")
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.setMinimumWidth(284)

    def show_document(self, document: Document | None, scope: Scope) -> None:
        """Forms for the first selected handler (and listener) of a document."""
        self._document, self._scope = document, scope
        name = scope.handlers[0] if scope.handlers else ""
        if document is None or name not in document.preset.output.handlers:
            for place in self._places:
                place.setEnabled(False)
            return
        for place in self._places:
            place.setEnabled(True)
        spec = document.preset.output.handlers[name]
        socket_type = spec.config.socket_type
        _turn(self._places[0], self._page(self._handler_pages, _HandlerPage, socket_type))
        self._handler_pages[socket_type].show_handler(document, name)
        self._source.show_source(document, spec.sink)
        self._run.show_run(document)
        self._make_ahead.start()
        listeners = listeners_of(document.preset, name)
        chosen = next((i for i, one in enumerate(listeners) if one.name == scope.listener), 0)
        self.setTabEnabled(2, bool(listeners))
        if listeners:
            _turn(self._places[2], self._page(self._listener_pages, _ListenerPage, socket_type))
            self._listener_pages[socket_type].show_listener(document, name, chosen)
        if (name, scope.listener) != self._shown:
            self._shown = (name, scope.listener)
            if scope.listener:
                self.setCurrentIndex(2)
            elif self.currentIndex() == 2:
                self.setCurrentIndex(0)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark: a new style sheet takes the fonts away that were set before it."""
        for row in self.findChildren(Row):
            row.restyle()

    def show_handler_page(self) -> None:
        """Turn to the handler, which is new."""
        self.setCurrentIndex(0)

    def _page(self, pages: dict[str, Any], make: Callable[[Inspector, str], Any], socket_type: str) -> QWidget:
        if socket_type not in pages:
            page: _HandlerPage | _ListenerPage = make(self, socket_type)
            pages[socket_type] = page
            for form in page.findChildren(Form):
                form.set_running(self._running)
            page.set_running(self._running)
        found: QWidget = pages[socket_type]
        return found

    def _make_one_ahead(self) -> None:
        """Make a page that the document may need, while nobody waits for it: to make one takes some 40 ms."""
        if self._document is None:
            return
        for spec in self._document.preset.output.handlers.values():
            for place, pages, make in (
                (self._places[0], self._handler_pages, _HandlerPage),
                (self._places[2], self._listener_pages, _ListenerPage),
            ):
                if spec.config.socket_type not in pages:
                    shown = place.currentWidget()
                    _turn(place, self._page(pages, make, spec.config.socket_type))
                    if shown is not None:
                        place.setCurrentWidget(shown)
                    self._make_ahead.start()
                    return

    def set_running(self, running: bool) -> None:
        """Allow what is for a run alone, and forbid what would disturb it."""
        self._running = running
        pages = [*self._handler_pages.values(), *self._listener_pages.values(), self._source, self._run]
        for page in pages:
            for form in page.findChildren(Form):
                form.set_running(running)
        for handler in self._handler_pages.values():
            handler.set_running(running)
        for listener in self._listener_pages.values():
            listener.set_running(running)

    def show_paused(self, paused: set[tuple[str, str]]) -> None:
        """Which handlers (their listener is "") and listeners stand still by hand, wherever that was asked for."""
        for page in self._listener_pages.values():
            page.show_paused(paused)

    def apply(self, form: Form | ChoiceForm, path: tuple[Any, ...], field: str, value: Any) -> None:
        """Set one value of the document; what is wrong with it is marked at the field."""
        text = ".".join(map(str, path[-2:]))
        faults = self._edit([(path, value)], f"change {text}", ".".join(map(str, path)))
        form.clear_faults()
        if faults:
            form.set_fault(field, "; ".join(fault.expected for fault in faults))


def _turn(place: QStackedWidget, page: QWidget) -> None:
    """Show this page of a tab; each keeps its own scroll area, as moving one costs much more than showing it."""
    area = next((one for one in place.findChildren(QScrollArea) if one.widget() is page), None)
    if area is None:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        place.addWidget(area)
    place.setCurrentWidget(area)


def _column(page: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(page)
    column.setContentsMargins(8, 8, 8, 8)
    column.setSpacing(4)
    return column


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("title")
    label.setWordWrap(True)
    return label


def _note(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("note")
    label.setWordWrap(True)
    return label


class _HandlerPage(QWidget):
    """One handler's production config, and what the bench adds."""

    def __init__(self, inspector: Inspector, socket_type: str) -> None:
        super().__init__()
        self._inspector = inspector
        self._name = ""
        self._title = _heading("")
        notes = dict.fromkeys(RECREATING, RECREATES) | {"socket_type": BEGINS_ANEW}
        self.config = Form(HandlerConfig, only=_CONFIG_FIELDS[socket_type], sliders=_KNOBS, notes=notes)
        self.spec = Form(HandlerSpec, only=_HANDLER_FIELDS, notes={"uri": RECREATES, "sink": BEGINS_ANEW})
        self.bench = Form(HandlerBench, only=_BENCH_FIELDS)
        self.connection = Form(HandlerBench, only=_CONNECTION_FIELDS[socket_type])
        self.config.edited.connect(lambda field, value: self._apply(self.config, ("config", field), field, value))
        self.spec.edited.connect(lambda field, value: self._apply(self.spec, (field,), field, value))
        for form in (self.bench, self.connection):
            form.edited.connect(lambda field, value, form=form: self._apply_bench(form, field, value))
        column = _column(self)
        on_the_bench = (_heading("On the bench"), _note(EACH_BEGINS_ANEW), self.bench)
        for widget in (self._title, self.spec, self.config, *on_the_bench):
            column.addWidget(widget)
        self.capacity = QToolButton()
        self.capacity.setText("Measure capacity")
        self.capacity.setAccessibleName("Measure the capacity of this handler's connections")
        self.capacity.clicked.connect(lambda _=False: self._ask_capacity())
        row = QHBoxLayout()
        row.addWidget(_heading("Connection"), 1)
        row.addWidget(self.capacity)
        column.addSpacing(8)
        column.addLayout(row)
        for widget in (_note(EACH_RECREATES), self.connection):
            column.addWidget(widget)
        column.addStretch(1)
        self.set_running(False)

    def set_running(self, running: bool) -> None:
        """Filling a connection beside a run would disturb it."""
        self.capacity.setEnabled(not running)
        self.capacity.setToolTip(
            "Not while a run goes on: measuring would disturb it"
            if running
            else "How many messages does the connection take while its consumer reads nothing, and where do they sit?"
        )

    def show_handler(self, document: Document, name: str) -> None:
        self._name = name
        spec = document.preset.output.handlers[name]
        self._title.setText(name)
        self.spec.set_value(spec)
        self.config.set_value(spec.config)
        for form in (self.bench, self.connection):
            form.set_value(handler_bench(document.preset, name))

    def _apply(self, form: Form, path: tuple[str, ...], field: str, value: Any) -> None:
        self._inspector.apply(form, ("output", "handlers", self._name, *path), field, value)

    def _apply_bench(self, form: Form, field: str, value: Any) -> None:
        self._inspector.apply(form, ("bench", "handlers", self._name, field), field, value)

    def _ask_capacity(self) -> None:
        self._inspector.action_wanted.emit(UnitRequest(UnitAction.MEASURE_CAPACITY, self._name))


class _SourcePage(QWidget):
    """The source of the handler's sink: load first, that is what one turns."""

    def __init__(self, inspector: Inspector) -> None:
        super().__init__()
        self._inspector = inspector
        self._sink = ""
        self._title = _heading("")
        self.load = ChoiceForm(Load, sliders=("rate", "mean", "end"))
        self.source = ChoiceForm(Source, notes={})
        self.load.edited.connect(lambda value: self._apply(self.load, ("load",), value))
        self.source.edited.connect(lambda value: self._apply(self.source, (), value))
        column = _column(self)
        for widget in (self._title, self.load, _heading("Events"), _note(EACH_BEGINS_ANEW), self.source):
            column.addWidget(widget)
        column.addStretch(1)

    def show_source(self, document: Document, sink: str) -> None:
        self._sink = sink
        source = sources_of(document.preset).get(sink)
        self._title.setText(f"Load of sink “{sink}”")
        self.setEnabled(source is not None)
        if source is not None:
            self.load.set_value(source.load)
            self.source.set_value(source)

    def _apply(self, form: ChoiceForm, path: tuple[str, ...], value: Any) -> None:
        whole = ("bench", "sources", self._sink, *path)
        text = "change the load" if path else "change the source"
        faults = self._inspector._edit([(whole, value)], f"{text} of {self._sink}", ".".join(whole))
        form.clear_faults()
        for fault in faults:
            field = fault.path.rpartition(".")[2]
            form.set_fault(field if field in value else next(iter(value)), fault.expected)


class _ListenerPage(QWidget):
    """One listener: its speed and its faults."""

    def __init__(self, inspector: Inspector, socket_type: str) -> None:
        super().__init__()
        self._inspector = inspector
        self._handler, self._index, self._name = "", 0, ""
        self._document: Document | None = None
        self._title = _heading("")
        notes = dict.fromkeys(LISTENER_RECREATING, RECREATES) | dict.fromkeys(("topics", "endpoint"), BEGINS_ANEW)
        self.form = Form(ListenerSpec, only=_LISTENER_FIELDS[socket_type], sliders=_LISTENER_KNOBS, notes=notes)
        self.connection = Form(ListenerSpec, only=_LISTENER_CONNECTION_FIELDS[socket_type])
        for form in (self.form, self.connection):
            form.edited.connect(lambda field, value, form=form: self._apply(form, field, value))
        self.pause = self._button("Pause", "Read nothing until told to go on", self._toggle)
        self.pause.setCheckable(True)
        self.kill = self._button("Kill", "Kill its worker process; another takes its place", self._ask_kill)
        row = QHBoxLayout()
        row.addWidget(QLabel("Faults"))
        row.addWidget(self.pause)
        row.addWidget(self.kill)
        row.addStretch(1)
        column = _column(self)
        column.addWidget(self._title)
        column.addLayout(row)
        for widget in (self.form, _heading("Connection"), _note(EACH_RECREATES), self.connection):
            column.addWidget(widget)
        column.addStretch(1)
        self.set_running(False)

    def _button(self, text: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} this listener")
        button.clicked.connect(lambda _=False: act())
        return button

    def set_running(self, running: bool) -> None:
        """Faults of this kind are for a run."""
        self.pause.setEnabled(running)
        self.kill.setEnabled(running)
        if not running:
            self.pause.setChecked(False)

    def show_paused(self, paused: set[tuple[str, str]]) -> None:
        self.pause.setChecked((self._handler, self._name) in paused)

    def _toggle(self) -> None:
        self._ask(UnitAction.PAUSE if self.pause.isChecked() else UnitAction.RESUME)

    def _ask_kill(self) -> None:
        self._ask(UnitAction.KILL)

    def _ask(self, action: UnitAction) -> None:
        self._inspector.action_wanted.emit(UnitRequest(action, self._handler, self._name))

    def show_listener(self, document: Document, handler: str, index: int) -> None:
        spec = listeners_of(document.preset, handler)[index]
        if (handler, index) != (self._handler, self._index):
            self.pause.setChecked(False)
        self._document, self._handler, self._index, self._name = document, handler, index, str(spec.name)
        self._title.setText(f"{handler} / {spec.name}")
        # As it is written, so that a default stays one.
        written = document.preset.bench.listeners.get(handler, (ListenerSpec(),))
        for form in (self.form, self.connection):
            form.set_value(written[index] if index < len(written) else spec)

    def _apply(self, form: Form, field: str, value: Any) -> None:
        assert self._document is not None
        path: tuple[Any, ...] = ("bench", "listeners", self._handler, self._index, field)
        if self._handler not in self._document.preset.bench.listeners:
            # The one listener that is there by default is written down with its first change.
            written = {"name": str(listeners_of(self._document.preset, self._handler)[0].name), field: value}
            faults = self._inspector._edit(
                [(("bench", "listeners", self._handler), [written])], f"change {field}", ".".join(map(str, path))
            )
            form.clear_faults()
            if faults:
                form.set_fault(field, "; ".join(fault.expected for fault in faults))
            return
        self._inspector.apply(form, path, field, value)


class _RunPage(QWidget):
    """What holds for the whole run."""

    def __init__(self, inspector: Inspector) -> None:
        super().__init__()
        self.form = Form(BenchSpec, only=_RUN_FIELDS)
        self.form.edited.connect(lambda field, value: inspector.apply(self.form, ("bench", field), field, value))
        self._checks = QLabel()
        self._checks.setWordWrap(True)
        self._checks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = _column(self)
        for widget in (_heading("The run"), self.form, _heading("Checks"), self._checks):
            column.addWidget(widget)
        column.addStretch(1)

    def show_run(self, document: Document) -> None:
        self.form.set_value(document.preset.bench)
        checks = document.preset.bench.checks
        self._checks.setText("\n".join(checks) if checks else "none: every run with a sound reading passes")
