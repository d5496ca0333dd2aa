"""Shows the adviser's line while a run loses events: session, result -> **advising** -> line; Apply -> document."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from bench_app.advice.advice import Advice
from bench_app.engine.advising import live_advice
from bench_app.engine.session import Phase
from bench_app.errors import BenchError
from bench_app.model.json_path import lookup, parse_path
from bench_app.preset.documents import Document
from bench_ui.widgets.number_format import shortened
from bench_ui.window.document_editing import REASON_CHARACTERS
from bench_ui.window.documentation import show_documentation
from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.panels import Panels
from bench_ui.window.refresh import Refresher
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

EVERY_MS = 1000


class Advising(QObject):
    """Keeps the line in step with the run, or with the kept run that is shown in its place, and with the document.

    The line is gone once the document has the values of its proposal, and comes back if they are taken back. In the
    presentation it is in large letters, in place of the caption. A demo has no line there: its captions explain the
    loss, and its steps set the values that lose.
    """

    def __init__(
        self,
        bench: Workbench,
        panels: Panels,
        layout: PanelLayout,
        refresher: Refresher,
        messages: UserMessages,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bench, self._line, self._layout, self._messages = bench, panels.advice, layout, messages
        self._refresher, self._caption_bar = refresher, panels.caption_bar
        self._found: Advice | None = None
        self._line.apply_wanted.connect(self.apply)
        self._line.why_wanted.connect(self.explain)
        bench.run.phase_changed.connect(self.refresh)
        bench.editor.document_changed.connect(self._show)
        layout.currentChanged.connect(lambda _: self._show())
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    def refresh(self) -> None:
        """Ask the adviser again."""
        run, kept = self._bench.run, self._refresher.kept
        if run.session is None:
            self._found = None if kept is None else kept.record.result.advice
        elif run.result is not None:
            self._found = run.result.advice
        elif run.session.phase is Phase.RUNNING:
            self._found = live_advice(run.session)
        elif run.session.phase in (Phase.IDLE, Phase.OPENING):
            self._found = None
        self._show()

    def apply(self) -> None:
        """Set the values of the proposal in the document, as one step that can be undone; a run follows."""
        advice = self._line.advice
        if advice is None:
            return
        try:
            faults = self._bench.editor.edit(list(advice.proposal.items()), "apply the advice")
        except BenchError as error:
            self._messages.show(f"Nothing was changed (apply the advice): {error}")
            return
        if faults:
            reasons = "; ".join(shortened(str(fault), REASON_CHARACTERS) for fault in faults)
            self._messages.show(f"Nothing was changed (apply the advice): {reasons}")

    def explain(self) -> None:
        """Open the page of the documentation that explains the rule."""
        advice = self._line.advice
        if advice is not None:
            page, _, heading = advice.page.partition("#")
            show_documentation(self._messages.show, page=f"{page}.html", heading=heading)

    def _show(self) -> None:
        document, found = self._bench.editor.document, self._found
        if document is None or not self._layout.plots_shown or (found is not None and is_applied(found, document)):
            found = None
        presenting = self._layout.presenting
        self._line.show_advice(None if presenting else found)
        is_demo = document is not None and bool(document.preset.bench.timeline)
        self._caption_bar.show_advice(found.short_message if found and presenting and not is_demo else "")


def is_applied(advice: Advice, document: Document) -> bool:
    """Whether a document has all values of the proposal already."""
    values = {path: lookup(document.raw, parse_path(path)) for path in advice.proposal}
    return bool(values) and values == advice.proposal
