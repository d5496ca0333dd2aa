"""The inspector's page of the run: title, duration, warm-up, and the checks of the preset."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from bench_app.model import BenchSpec
from bench_app.model.key_info import Group
from bench_app.preset.documents import Document
from bench_ui.forms.row import set_mark, text_label
from bench_ui.panels.inspector.checks_box import ChecksBox
from bench_ui.panels.inspector.field_group import FieldGroup
from bench_ui.panels.inspector.page import Edit, apply_edit, note, page_column, plain_group_form


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
        self.checks.show_checks(document.preset)

    def _apply_checks(self, lines: list[str]) -> None:
        is_new = lines != list(self._document_checks)
        faults = self._edit([(("bench", "checks"), lines)], "change the checks", "") if is_new else []
        self.fault = "; ".join(fault.expected for fault in faults)
        self._reason.setText(self.fault)
        self._reason.setVisible(bool(faults))
        set_mark(self.checks, "fault", bool(faults))
