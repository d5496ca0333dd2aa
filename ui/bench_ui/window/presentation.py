"""Presentation mode: caption, scene, plots and faults only, in letters that grow with the window.

document and events of the run -> **presentation** -> caption bar, scene, plots, buttons
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow

from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.run_once import FinishedRun
from bench_app.engine.session import Session
from bench_app.model.timeline import PLOTS
from bench_app.preset.documents import Document
from bench_ui.presentation.ending import ending_of
from bench_ui.presentation.story import Story
from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.panels import Panels
from bench_ui.window.settings import WindowSettings
from bench_ui.workbench import Workbench

USUAL_PLOTS = ("throughput", "drops")
"""The plots that are shown until a step shows another one."""
USUAL_HEIGHT, USUAL_BAR_HEIGHT = 600, 720
"""In windows of these heights the large text of the plots and of the bar has its usual size. Above, it grows."""


class Presentation(QObject):
    """Switches presentation mode on and off, and tells the story of a demo in it.

    Attributes:
        story: the captions of the demo so far.
    """

    toggled = Signal()
    step_coming = Signal(str)
    """With the caption of a step, before anything of the step is shown; "" for a step without one."""

    def __init__(
        self, window: QMainWindow, bench: Workbench, panels: Panels, layout: PanelLayout, settings: WindowSettings
    ) -> None:
        super().__init__(window)
        self.story = Story()
        self._window, self._bench, self._panels, self._layout, self._settings = window, bench, panels, layout, settings
        self._plots: tuple[str, ...] = USUAL_PLOTS
        self._replaying = False
        self._growth: float | None = None
        """How much larger the letters are than usual; None: they are to be set again."""
        self._keys = [
            self._key(Qt.Key.Key_PageDown, self.next_step),
            self._key(Qt.Key.Key_PageUp, self.back),
            self._key(Qt.Key.Key_R, self.replay),
        ]
        controls = panels.story_controls
        for button, act in (
            (controls.next, self.next_step),
            (controls.back, self.back),
            (controls.replay, self.replay),
        ):
            button.clicked.connect(lambda _=False, act=act: act())
        bench.editor.document_changed.connect(self._show_document)
        bench.run.started.connect(self._begin)
        bench.run.event_added.connect(self._show_event)
        bench.run.ended.connect(self._show_end)
        self._show_parts()

    def _key(self, key: Qt.Key, act: object) -> QShortcut:
        # Only in the presentation: elsewhere these keys scroll tables and are typed into fields.
        shortcut = QShortcut(QKeySequence(key), self._window)
        shortcut.setEnabled(False)
        shortcut.activated.connect(act)
        return shortcut

    @property
    def active(self) -> bool:
        """True while presentation mode is on."""
        return self._layout.presenting

    def toggle(self) -> None:
        """Switch presentation mode on or off."""
        active = not self.active
        if active:
            self._settings.save_layout(self._window)
        self._layout.set_presenting(active)
        self._window.statusBar().setVisible(not active)
        self._window.menuBar().setVisible(not active)
        self._show_parts()
        self.apply_sizes()
        if active:
            # Not on a button, which Qt would choose: Space pauses the run.
            self._panels.caption_bar.setFocus()
            self._window.showFullScreen()
        else:
            self._window.showNormal()
            self._settings.restore_docks(self._window)
        self.toggled.emit()

    def apply_sizes(self) -> None:
        """Give the panels their sizes again. A new style sheet takes away the fonts that were set before it."""
        self._growth = None
        self._panels.flow.set_large(self.active)
        self.fit()

    def fit(self) -> None:
        """Let the letters grow with the height of the window."""
        panels, height = self._panels, self._window.height()
        font = QFont(QApplication.font())
        if self.active:
            for part in (panels.caption_bar, panels.scene, panels.story_controls):
                part.fit(height)
            font.setPointSizeF(font.pointSizeF() * max(1.0, height / USUAL_HEIGHT))
        growth = max(1.0, height / USUAL_BAR_HEIGHT) if self.active else 1.0
        if growth != self._growth:
            self._growth = growth
            panels.board.set_text_font(font)
            panels.board.set_large(self.active)
            panels.run_bar.set_large(self.active, growth)
            panels.banner.set_large(self.active, growth)

    def next_step(self) -> None:
        """Show the caption after; after the newest, bring the next step of the run. Without a run, start one."""
        run = self._bench.run
        if self.story.forward():
            self._show_caption()
        elif run.running and run.session is not None:
            run.session.next_step()
        elif run.finished is None:
            self._bench.start()

    def back(self) -> None:
        """Show the caption before. The run itself cannot go back."""
        self.story.back()
        self._show_caption()

    def replay(self) -> None:
        """Play the demo from its beginning. A run under way ends first."""
        if self._bench.run.running:
            self._replaying = True
            self._bench.run.stop()
        else:
            self._bench.start()

    def present_demo(self, document: Document) -> None:
        """A demo was chosen in the gallery and runs: present it."""
        if document.preset.bench.timeline and self._bench.run.running and not self.active:
            self.toggle()

    def _show_parts(self) -> None:
        """Show what belongs to the presentation, and hide what does not."""
        panels, active = self._panels, self.active
        for part in (panels.caption_bar, panels.scene, panels.story_controls):
            part.setVisible(active)
        panels.flow.setVisible(not active and self._layout.has_room_for_flow)
        panels.board.show_only(self._plots if active else ())
        for key in self._keys:
            key.setEnabled(active)

    def _show_document(self) -> None:
        self._panels.story_controls.show_document(self._bench.editor.document)
        if not self._bench.run.running:
            self.story = Story()
            self._panels.scene.show_ending(None)
            self._panels.scene.show_views([], set())
            self._show_plots(USUAL_PLOTS)
        self._show_caption()

    def _begin(self) -> None:
        session = self._bench.run.session
        steps = () if session is None else session.timeline.steps
        self.story = Story(sum(bool(step.caption) for step in steps))
        self._panels.scene.show_ending(None)
        self._panels.scene.focus_on("")
        self._show_plots(USUAL_PLOTS)
        self._show_caption()

    def _show_event(self, event: RunEvent) -> None:
        session = self._bench.run.session
        if event.kind is not EventKind.STEP or session is None:
            return
        step = session.timeline.steps[session.timeline.done - 1]
        self.step_coming.emit(event.message if step.caption else "")
        if step.caption:
            self.story.add(event.message)
        if step.show in PLOTS:
            self._show_plots((step.show,))
        elif step.show is not None:
            self._panels.scene.focus_on(step.show)
            self._panels.handlers.select(step.show)
        self._show_caption()

    def _show_plots(self, plots: tuple[str, ...]) -> None:
        self._plots = plots
        if self.active:
            self._panels.board.show_only(plots)

    def _show_caption(self) -> None:
        document = self._bench.editor.document
        title = "" if document is None else document.preset.bench.title or document.name
        title = title.removeprefix("Demo: ")
        caption = self.story.caption or title[:1].upper() + title[1:]
        self._panels.caption_bar.show_caption(caption, self.story.progress)

    def _show_end(self, session: Session, finished: FinishedRun) -> None:
        if self._replaying:
            self._replaying = False
            self._bench.start()
        elif self._bench.run.session is session:
            self._panels.scene.show_ending(ending_of(finished.result, finished.outcome))
