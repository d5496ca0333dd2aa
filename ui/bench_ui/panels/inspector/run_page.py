"""The inspector's page of the run: title, duration, warm-up, and the checks of the preset."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from bench_app.model import BenchSpec
from bench_app.model.key_info import Group
from bench_app.preset.documents import Document
from bench_ui.panels.inspector.field_group import FieldGroup
from bench_ui.panels.inspector.page import Edit, apply_edit, page_column, plain_group_form
from bench_ui.widgets.plain_text import PlainLabel


class RunPage(QWidget):
    """The form of the run, ``form``, above the list of checks; both are in ``groups`` that can be folded."""

    def __init__(self, edit: Edit) -> None:
        super().__init__()
        self.form = plain_group_form(BenchSpec, Group.RUN)
        self.form.edited.connect(lambda field, value: apply_edit(edit, self.form, ("bench", field), field, value))
        self._checks = PlainLabel()
        self._checks.setWordWrap(True)
        self._checks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.groups = [FieldGroup(Group.RUN.value, [self.form]), FieldGroup("Checks", [self._checks])]
        column = page_column(self)
        for widget in self.groups:
            column.addWidget(widget)
        column.addStretch(1)

    def show_run(self, document: Document) -> None:
        """Show the run of this document."""
        self.form.set_value(document.preset.bench)
        checks = document.preset.bench.checks
        self._checks.setText("\n".join(checks) if checks else "none: a run passes if its reading can be trusted")
