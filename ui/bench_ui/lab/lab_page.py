"""The lab in the centre of the window: a tab for each question, and the works of before.

laboratory -> **lab page** -> questions of the user
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QTabBar, QToolButton, QVBoxLayout, QWidget

from bench_app.preset.documents import Document
from bench_ui.lab.ab_tab import AbTab
from bench_ui.lab.find_tab import FindTab
from bench_ui.lab.hwm_tab import HwmTab
from bench_ui.lab.journal_reader import JournalEntry, count_entries
from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.question import TITLES, TREND, CommandName
from bench_ui.lab.sweep_tab import SweepTab
from bench_ui.lab.trend_tab import TrendTab
from bench_ui.lab.work_controls import WorkControls
from bench_ui.lab.work_folder import LabWork
from bench_ui.widgets.elided_label import ElidedLabel
from bench_ui.widgets.number_format import local_time
from bench_ui.widgets.theme import GRID, Theme

MOST_LISTED = 25
NO_WORKS = "No works yet"


class WorkTab(Protocol):
    """What every tab with a command can do."""

    controls: WorkControls

    def show_document(self, document: Document | None) -> None:
        """Offer what a document has."""

    def begin(self, work: LabWork, is_running: bool) -> None:
        """Show a work without entries; they follow."""

    def take(self, entry: JournalEntry) -> None:
        """Show one measurement."""

    def note(self, line: str) -> None:
        """The command printed a line."""

    def end(self, ending: Ending, message: str) -> None:
        """Show how the work ended."""

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""


class LabPage(QWidget):
    """The tabs of the lab.

    Attributes:
        carry, hwm, sweep, ab, trend: the tabs.
        tabs: the tabs by the name of their command.
        bar: the titles of the tabs.
        go_on: the button that goes on with an unfinished work of before; hidden without one.
        earlier: the button with the list of works.
        close_button: the button that leads back to the plots.
    """

    closed = Signal()
    work_wanted = Signal(object)
    """With the LabWork that is to be shown again."""
    go_on_wanted = Signal(object)
    """With the unfinished LabWork."""
    list_wanted = Signal()
    """The list of works is about to be shown: :meth:`list_works` fills it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: LabWork | None = None
        self.carry, self.hwm, self.sweep = FindTab(), HwmTab(), SweepTab()
        self.ab, self.trend = AbTab(), TrendTab()
        self.tabs: dict[CommandName, WorkTab] = {
            "find": self.carry,
            "hwm": self.hwm,
            "sweep": self.sweep,
            "ab": self.ab,
        }
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setAccessibleName("Lab")
        self._stack = QStackedWidget()
        self._names: list[str] = []
        self._title = ElidedLabel()
        self._title.setObjectName("muted")
        self.go_on = self._button("▶ Continue this work", "Go on from what it had measured", self._go_on)
        self.earlier = self._button("Earlier works", "Show a work of before again, or go on with it", lambda: None)
        self.earlier.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.earlier)
        self._menu.aboutToShow.connect(self.list_wanted)
        self.earlier.setMenu(self._menu)
        self.close_button = self._button("Plots", "Back to the plots (Esc)", self.closed.emit)
        self.go_on.hide()
        self._add(self.carry, "find", TITLES["find"])
        self._add(self.hwm, "hwm", TITLES["hwm"])
        self._add(self.sweep, "sweep", TITLES["sweep"])
        self._add(self.ab, "ab", TITLES["ab"])
        self._add(self.trend, TREND, "Trend")
        self._lay_out()
        self.bar.currentChanged.connect(self._stack.setCurrentIndex)

    def _button(self, text: str, tip: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text.lstrip("▶ "))
        button.clicked.connect(lambda _=False: act())
        return button

    def _add(self, tab: QWidget, name: str, title: str) -> None:
        self._names.append(name)
        self.bar.addTab(title)
        self._stack.addWidget(tab)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(GRID, 4, GRID, 0)
        head.addWidget(self.bar)
        head.addWidget(self._title, 1)
        for button in (self.go_on, self.earlier, self.close_button):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)

    def show_tab(self, name: str) -> None:
        """Show the tab of a command."""
        if name in self._names:
            self.bar.setCurrentIndex(self._names.index(name))

    @property
    def shown_tab(self) -> str:
        """The name of the tab that is shown."""
        return self._names[self.bar.currentIndex()]

    def show_document(self, document: Document | None) -> None:
        """Offer what a document has, in every tab."""
        for tab in self.tabs.values():
            tab.show_document(document)

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        for tab in self.tabs.values():
            tab.set_theme(theme)
        self.trend.set_theme(theme)

    def set_refusal(self, reason: str) -> None:
        """Let no work start for this reason; "" allows it."""
        self.go_on.setEnabled(not reason)
        for tab in self.tabs.values():
            tab.controls.set_refusal(reason)

    def show_work(self, work: LabWork, is_running: bool) -> None:
        """Show a work in its tab, without entries; they follow."""
        self._shown = work
        self.show_tab(work.question.command)
        self.tabs[work.question.command].begin(work, is_running)
        state = "" if is_running else f" of {local_time(work.started_at)}"
        self._title.setText(f"  {work.preset}{state}")
        self.go_on.setVisible(not is_running and not work.is_finished)

    def list_works(self, works: Sequence[LabWork]) -> None:
        """Fill the list of works."""
        self._menu.clear()
        for work in works[:MOST_LISTED]:
            measured = count_entries(work.journal)
            state = "" if work.is_finished else f", unfinished after {measured:,}"
            title = f"{TITLES[work.question.command]} {work.preset}, {local_time(work.started_at)}{state}"
            self._menu.addAction(title.replace("&", "&&"), partial(self.work_wanted.emit, work))
        if not works:
            self._menu.addAction(NO_WORKS).setEnabled(False)

    def _go_on(self) -> None:
        if self._shown is not None:
            self.go_on_wanted.emit(self._shown)
