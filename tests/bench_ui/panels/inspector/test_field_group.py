"""A group of fields that can be folded."""

from __future__ import annotations

import pytest
from bench_ui.forms import Form
from bench_ui.forms.row_filter import SHOW_ALL, RowFilter
from bench_ui.panels.inspector.field_group import FieldGroup
from bench_ui.panels.inspector.page import note
from pytestqt.qtbot import QtBot

from bench_app.model import HandlerConfig


@pytest.fixture
def group(qtbot: QtBot) -> FieldGroup:
    found = FieldGroup("Connection", [note("about these"), Form(HandlerConfig)])
    qtbot.addWidget(found)
    found.fold_wanted.connect(lambda _, folded: found.set_folded(folded))
    found.show()
    return found


def test_a_click_on_the_title_folds_and_unfolds(group: FieldGroup) -> None:
    (form,) = group.forms
    assert form.isVisible() and not group.is_folded and group.fold.accessibleDescription() == "shown"
    group.fold.click()
    assert not form.isVisible() and group.is_folded and group.fold.accessibleDescription() == "folded"
    assert group.fold.accessibleName() == "Connection" and group.fold.text() == "▸ Connection"
    group.fold.click()
    assert form.isVisible()


def test_a_search_looks_into_folded_groups(group: FieldGroup) -> None:
    (form,) = group.forms
    group.set_folded(True)
    assert group.show_rows(RowFilter("high_water_mark")) == 1
    assert form.isVisible() and form.widget("high_water_mark").isVisible()
    assert group.show_rows(RowFilter("no such words")) == 0 and not group.isVisible()
    assert group.show_rows(SHOW_ALL) == len(form.fields)
    assert group.isVisible() and not form.isVisible(), "it is folded as before"
