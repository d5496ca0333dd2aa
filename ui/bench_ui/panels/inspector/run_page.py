"""The inspector's page of the run: title, duration, warm-up, and the checks of the preset."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from bench_app.model import BenchSpec
from bench_app.model.key_info import Group
from bench_app.preset.documents import Document
from bench_app.preset.metrics import METRICS
from bench_ui.forms.row import set_mark, text_label
from bench_ui.panels.inspector.field_group import FieldGroup
from bench_ui.panels.inspector.page import Edit, apply_edit, note, page_column, plain_group_form
from bench_ui.widgets.plain_text import plain_tip

_TIP = plain_tip(
    "A check a line: metric, operator, number; before it the handler or handler/listener, and a colon. Metrics: "
    + ", ".join(sorted(metric for metric in METRICS if "." not in metric))
    + ", latency.service.p99_ms (also response, lateness, round_trip; p50_ms to p99_99_ms, mean_ms, max_ms)"
)
_LEAST_HEIGHT = 80


class ChecksBox(QPlainTextEdit):
    """The checks, one a line. They are entered when the focus leaves the box; Esc takes them back."""

    entered = Signal(object)
    """With the list of other checks."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("field")
        self.setAccessibleName("Checks, one a line")
        self.setPlaceholderText("drops == 0\nlatency.response.p99_ms < 5")
        self.setToolTip(_TIP)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(_LEAST_HEIGHT)
        self._shown: list[str] = []

    @property
    def lines(self) -> list[str]:
        """The checks in the box."""
        return [line.strip() for line in self.toPlainText().splitlines() if line.strip()]

    def show_checks(self, checks: Sequence[str]) -> None:
        """Show the checks of the document. What the user is typing stays."""
        if list(checks) != self._shown:
            self._shown = list(checks)
            if self.lines != self._shown:
                self.setPlainText("\n".join(checks))

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Enter the checks."""
        super().focusOutEvent(event)
        self._enter()

    def event(self, event: QEvent) -> bool:
        """Take the checks back with Esc, which is also a key of the window."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.lines != self._shown:
            if event.type() == QEvent.Type.KeyPress:
                self.setPlainText("\n".join(self._shown))
                self._enter()
            event.accept()
            return True
        return bool(super().event(event))

    def _enter(self) -> None:
        self.entered.emit(self.lines)


class RunPage(QWidget):
    """The form of the run, ``form``, above the box of its ``checks``; both are in ``groups`` that can be folded.

    Attributes:
        fault: why the checks in the box were refused; "" if the document has them.
    """

    def __init__(self, edit: Edit) -> None:
        super().__init__()
        self._edit = edit
        self._document_checks: Sequence[str] = ()
        self.fault = ""
        self.form = plain_group_form(BenchSpec, Group.RUN)
        self.form.edited.connect(lambda field, value: apply_edit(edit, self.form, ("bench", field), field, value))
        self.checks = ChecksBox()
        self.checks.entered.connect(self._apply_checks)
        self._reason = text_label("", self, "fault")
        self._reason.hide()
        box = QWidget()
        inner = QVBoxLayout(box)
        inner.setContentsMargins(0, 0, 0, 0)
        for widget in (note("A run passes if its reading can be trusted and all checks hold."), self.checks):
            inner.addWidget(widget)
        inner.addWidget(self._reason)
        self.groups = [FieldGroup(Group.RUN.value, [self.form]), FieldGroup("Checks", [box])]
        column = page_column(self)
        for group in self.groups:
            column.addWidget(group)
        column.addStretch(1)

    def show_run(self, document: Document) -> None:
        """Show the run of this document."""
        self.form.set_value(document.preset.bench)
        self._document_checks = document.preset.bench.checks
        self.checks.show_checks(self._document_checks)

    def _apply_checks(self, lines: list[str]) -> None:
        is_new = lines != list(self._document_checks)
        faults = self._edit([(("bench", "checks"), lines)], "change the checks", "") if is_new else []
        self.fault = "; ".join(fault.expected for fault in faults)
        self._reason.setText(self.fault)
        self._reason.setVisible(bool(faults))
        set_mark(self.checks, "fault", bool(faults))
