"""The inspector's tabs. A valid change is applied to the document at once, in a run, too.

selection -> **inspector** -> pages -> document
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QStyle,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from bench_app.engine.session import Session
from bench_app.engine.view import HandlerView
from bench_app.model import SocketType
from bench_app.preset.defaults import handler_bench, listeners_of
from bench_app.preset.documents import Document
from bench_ui.forms import Form
from bench_ui.forms.row import Row
from bench_ui.forms.row_filter import SHOW_ALL, RowFilter
from bench_ui.panels.inspector.consumer_page import ConsumerPage
from bench_ui.panels.inspector.handler_page import HandlerPage
from bench_ui.panels.inspector.listener_page import ListenerPage
from bench_ui.panels.inspector.page import Edit
from bench_ui.panels.inspector.run_page import RunPage
from bench_ui.panels.inspector.source_page import SourcePage
from bench_ui.panels.own_consumer import OWN_CONSUMER, in_run, own_consumer_of
from bench_ui.scope import Scope
from bench_ui.widgets.theme import Theme

_HANDLER, _SOURCE, _LISTENER, _RUN = range(4)
"""Places of the tabs."""
_NAMES = ("Handler", "Source", "Listener", "Run")
_SWITCH = "own-consumer"
LEAST_WIDTH = 284
"""The least width in pixels; the fields may need more."""
MAKE_AHEAD_MS = 300
"""The time between two pages that are made ahead. Making one must not disturb the start of a run."""
_Page = HandlerPage | SourcePage | ListenerPage | ConsumerPage | RunPage


class Inspector(QTabWidget):
    """The tabs Handler, Source, Listener and Run.

    A page of a handler or listener is made once per socket type: ``handler_pages`` and ``listener_pages`` have those
    that were needed so far, by the handler's socket type. ``source_page`` and ``run_page`` are the other two, None
    until a document is shown. ``consumer_page`` is in place of a listener's page where the handler has a consumer of
    the user that nothing counts; it is made when it is first needed.

    Attributes:
        folded: the titles of the groups that are folded, on every page.
        own_consumer: the switch above a listener that leaves the address of its handler to a consumer of the user.
        sink: the sink of the handler that is shown; "" without one.
    """

    action_wanted = Signal(object)
    """With a UnitRequest."""
    count_wanted = Signal(str)
    """With a handler whose own consumer is to be counted by receipts."""
    replay_wanted = Signal(str)
    """With the sink whose source is to replay a file."""
    folded_changed = Signal()
    """The user folded or unfolded a group."""
    shown_changed = Signal()
    """Another handler, listener or document is shown."""

    def __init__(self, edit: Edit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = edit
        self._document: Document | None = None
        self._running = False
        self._filter = SHOW_ALL
        self.folded: set[str] = set()
        self.handler_pages: dict[str, HandlerPage] = {}
        self.listener_pages: dict[str, ListenerPage] = {}
        self.source_page: SourcePage | None = None
        self.run_page: RunPage | None = None
        self.consumer_page: ConsumerPage | None = None
        self._shown: tuple[str, str] | None = None
        self._held: tuple[Document | None, Scope] | None = None
        """What :meth:`release` shows; None while nothing is held back."""
        self._make_ahead = QTimer(self)
        self._make_ahead.setSingleShot(True)
        self._make_ahead.setInterval(MAKE_AHEAD_MS)
        self._make_ahead.timeout.connect(self._make_one_ahead)
        self._tabs = [QStackedWidget() for _ in range(4)]
        self.sink = ""
        self.own_consumer = QCheckBox("Your own consumer receives")
        self.own_consumer.setObjectName(_SWITCH)
        self.own_consumer.setToolTip(
            "Keep the handler's address for a program of yours, and start no listener there. "
            "In a run, the handler restarts."
        )
        self.own_consumer.clicked.connect(self._choose_consumer)
        self._whole_tabs = [self._below_switch(tab) if tab is self._tabs[_LISTENER] else tab for tab in self._tabs]
        for whole, name in zip(self._whole_tabs, _NAMES, strict=True):
            self.addTab(whole, name)
        self.setObjectName("inspector")
        self.tabBar().setAccessibleName("Settings of")
        self.setAccessibleName("Inspector")
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self._fit()

    def _below_switch(self, tab: QStackedWidget) -> QWidget:
        """A listener's tab, with the switch above every page."""
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setContentsMargins(8, 8, 8, 0)
        row.addWidget(self.own_consumer)
        column.addLayout(row)
        column.addWidget(tab, 1)
        return whole

    def _choose_consumer(self, own: bool) -> None:
        name, _ = self._shown or ("", "")
        text = f"{'own consumer' if own else 'listeners'} for {name}"
        if self._edit([(("bench", "handlers", name, "paired"), not own)], text, ""):
            self.own_consumer.setChecked(not own)

    def note_file(self, sink: str, path: str, text: str) -> None:
        """Say on the source's page what is in the file that this sink replays."""
        self._made_source_page().note_file(sink, path, text)

    def hold(self) -> None:
        """Make no page until :meth:`release`: a window that opens shows the plots first, and then the forms."""
        self._held = None, Scope()

    def release(self) -> None:
        """Show what was to be shown since :meth:`hold`."""
        held, self._held = self._held, None
        if held is not None:
            self.show_document(*held)

    def show_document(self, document: Document | None, scope: Scope) -> None:
        """Show the first selected handler of a document, and the selected listener or else the handler's first one."""
        if self._held is not None:
            self._held = document, scope
            return
        self._document = document
        name = scope.handlers[0] if scope.handlers else ""
        if document is None or name not in document.preset.output.handlers:
            self.sink = ""
            for tab in self._whole_tabs:
                tab.setEnabled(False)
            return
        for tab in self._whole_tabs:
            tab.setEnabled(True)
        spec = document.preset.output.handlers[name]
        socket_type, self.sink = spec.config.socket_type, spec.sink
        handler_page = self._handler_page(socket_type)
        _show_page(self._tabs[_HANDLER], handler_page)
        handler_page.show_handler(document, name)
        self._made_source_page().show_source(document, spec.sink)
        self._made_run_page().show_run(document)
        self._make_ahead.start()
        listeners = listeners_of(document.preset, name)
        chosen = next((i for i, one in enumerate(listeners) if one.name == scope.listener), 0)
        consumer = own_consumer_of(document, name, scope.listener)
        self.setTabEnabled(_LISTENER, bool(listeners) or consumer is not None)
        self.own_consumer.setChecked(not handler_bench(document.preset, name).paired)
        if not listeners and consumer is not None:
            if self.consumer_page is None:
                self.consumer_page = ConsumerPage()
                self.consumer_page.box.count_wanted.connect(self.count_wanted)
            _show_page(self._tabs[_LISTENER], self.consumer_page)
            self.consumer_page.show_consumer(consumer)
        if listeners:
            listener_page = self._listener_page(socket_type)
            _show_page(self._tabs[_LISTENER], listener_page)
            listener_page.show_listener(document, name, chosen)
        shown = (name, OWN_CONSUMER if scope.is_own_consumer else scope.listener)
        if shown != self._shown:
            self._shown = shown
            self._turn_to(scope)
        self.shown_changed.emit()

    def _connect_groups(self, page: _Page) -> None:
        for group in page.groups:
            group.set_folded(group.title in self.folded)
            group.fold_wanted.connect(self._fold)
            group.show_rows(self._filter)

    def _fold(self, title: str, folded: bool) -> None:
        (self.folded.add if folded else self.folded.discard)(title)
        self.show_folded()
        self.folded_changed.emit()

    def show_folded(self) -> None:
        """Fold the groups in :attr:`folded`, and show the others."""
        for page in self._pages():
            for group in page.groups:
                group.set_folded(group.title in self.folded)

    def show_rows(self, wanted: RowFilter) -> tuple[int, int]:
        """Show the fields that a filter chooses; returns their number and that of all fields, of the shown pages.

        While there is a text to search for, the tabs have their numbers. If the current tab has none, the first tab
        with some is shown.
        """
        self._filter = wanted
        found: dict[int, int] = {}
        count = 0
        for page in self._pages():
            place = next(place for place, tab in enumerate(self._tabs) if tab.isAncestorOf(page))
            shown = sum(group.show_rows(wanted) for group in page.groups)
            if _shown_page(self._tabs[place]) is page and self._tabs[place].isEnabled():
                found[place] = shown
                count += len(page.findChildren(Row))
        for place, name in enumerate(_NAMES):
            self.setTabText(place, f"{name} {found[place]}" if wanted.text.strip() and found.get(place) else name)
        if wanted.text.strip() and not found.get(self.currentIndex()):
            self.setCurrentIndex(next((place for place in sorted(found) if found[place]), self.currentIndex()))
        return sum(found.values()), count

    def _pages(self) -> list[_Page]:
        others = (self.source_page, self.consumer_page, self.run_page)
        made = [page for page in others if page is not None]
        return [*self.handler_pages.values(), *self.listener_pages.values(), *made]

    def _turn_to(self, scope: Scope) -> None:
        """Turn to the listener's tab for a selected listener, and away from it for a selected handler."""
        if scope.listener or scope.is_own_consumer:
            self.setCurrentIndex(_LISTENER)
        elif self.currentIndex() == _LISTENER:
            self.setCurrentIndex(_HANDLER)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark. Fonts are set again, because a new style sheet takes away the fonts that were set before."""
        for row in self.findChildren(Row):
            row.restyle()
        self._fit()

    def _fit(self) -> None:
        needed = max((page.minimumSizeHint().width() for page in self._pages()), default=0)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        self.setMinimumWidth(max(LEAST_WIDTH, needed + bar))

    @property
    def fault(self) -> str:
        """A field that shows a refused value, and the reason; "" if each field shows the value of the document."""
        marked = ((one, one.fault) for one in self.findChildren(Row) if one.fault)
        row, reason = next(marked, (None, ""))
        if row is None:
            return "" if self.run_page is None or not self.run_page.fault else f"Checks: {self.run_page.fault}"
        return f"{row.field.label} {reason}"

    def show_handler_page(self) -> None:
        """Turn to the handler's tab."""
        self.setCurrentIndex(_HANDLER)

    def _handler_page(self, socket_type: SocketType) -> HandlerPage:
        page = self.handler_pages.get(socket_type)
        if page is None:
            page = self.handler_pages[socket_type] = HandlerPage(self._edit, socket_type)
            page.action_wanted.connect(self.action_wanted)
            self._connect_groups(page)
            self._set_running_in(page)
        return page

    def _listener_page(self, socket_type: SocketType) -> ListenerPage:
        page = self.listener_pages.get(socket_type)
        if page is None:
            page = self.listener_pages[socket_type] = ListenerPage(self._edit, socket_type)
            page.action_wanted.connect(self.action_wanted)
            self._connect_groups(page)
            self._set_running_in(page)
        return page

    def _made_source_page(self) -> SourcePage:
        if self.source_page is None:
            self.source_page = SourcePage(self._edit)
            self.source_page.replay_wanted.connect(self.replay_wanted)
            self._add_page(_SOURCE, self.source_page)
        return self.source_page

    def _made_run_page(self) -> RunPage:
        if self.run_page is None:
            self.run_page = RunPage(self._edit)
            self._add_page(_RUN, self.run_page)
        return self.run_page

    def _add_page(self, place: int, page: SourcePage | RunPage) -> None:
        _show_page(self._tabs[place], page)
        self._connect_groups(page)
        self._set_running_in(page)
        self._fit()

    def _make_one_ahead(self) -> None:
        """Make a page that the document may need before it is asked for: making one takes some 40 ms."""
        if self._document is None:
            return
        for spec in self._document.preset.output.handlers.values():
            socket_type = spec.config.socket_type
            if socket_type not in self.handler_pages:
                self._make_hidden(self._tabs[_HANDLER], self._handler_page(socket_type))
                return
            if socket_type not in self.listener_pages:
                self._make_hidden(self._tabs[_LISTENER], self._listener_page(socket_type))
                return

    def _make_hidden(self, tab: QStackedWidget, page: QWidget) -> None:
        shown = tab.currentWidget()
        _show_page(tab, page)
        if shown is not None:
            tab.setCurrentWidget(shown)
        self._make_ahead.start()

    def set_running(self, running: bool) -> None:
        """Allow what only a run allows, and forbid what would disturb it."""
        self._running = running
        for page in self._pages():
            self._set_running_in(page)

    def _set_running_in(self, page: QWidget) -> None:
        for form in page.findChildren(Form):
            form.set_running(self._running)
        if isinstance(page, HandlerPage | ListenerPage):
            page.set_running(self._running)

    def show_run(self, views: Sequence[HandlerView], session: Session) -> None:
        """Show what is known of the user's own consumer in the run."""
        document, (name, listener) = self._document, self._shown or ("", "")
        view = next((one for one in views if one.name == name), None)
        if document is None or view is None or name not in document.preset.output.handlers:
            return
        consumer = own_consumer_of(document, name, listener)
        if consumer is None:
            return
        consumer = in_run(consumer, view, session)
        page = _shown_page(self._tabs[_LISTENER])
        if isinstance(page, ConsumerPage):
            page.show_consumer(consumer)
        elif isinstance(page, ListenerPage) and page.consumer is not None:
            page.consumer.show_consumer(consumer)

    def show_paused(self, paused: set[tuple[str, str]]) -> None:
        """Show which handlers (their listener is "") and listeners are paused, by the tree or by this panel."""
        for page in self.listener_pages.values():
            page.show_paused(paused)


def _show_page(tab: QStackedWidget, page: QWidget) -> None:
    """Show this page in a tab. Each page keeps its own scroll area: moving a page costs much more than showing it."""
    area = next((one for one in tab.findChildren(QScrollArea) if one.widget() is page), None)
    if area is None:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        tab.addWidget(area)
        _follow_tab_bar(tab, page)
    tab.setCurrentWidget(area)


def _shown_page(tab: QStackedWidget) -> QWidget | None:
    area = tab.currentWidget()
    return area.widget() if isinstance(area, QScrollArea) else None


def _follow_tab_bar(tab: QStackedWidget, page: QWidget) -> None:
    """Let Tab go from the tabs to the fields of a page. Qt puts a page that is made later behind the whole window."""
    inspector = next(parent for parent in _parents(tab) if isinstance(parent, QTabWidget))
    above = [] if (beside := tab.parentWidget()) is None else beside.findChildren(QCheckBox, _SWITCH)
    stops: list[QWidget] = [inspector.tabBar(), *above]
    widget: QWidget | None = page.nextInFocusChain()
    while widget is not None and page.isAncestorOf(widget):
        # Qt does not order a widget that takes no focus.
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            stops.append(widget)
        widget = widget.nextInFocusChain()
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def _parents(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()
