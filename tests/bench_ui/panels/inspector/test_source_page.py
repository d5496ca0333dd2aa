"""The page of a source."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.panels.inspector.source_page import SourcePage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.bench_ui.panels.documents import document_of
from tests.bench_ui.panels.inspector.editing import EditedDocument


@pytest.fixture
def edited() -> EditedDocument:
    return EditedDocument(document_of(h={}))


@pytest.fixture
def page(qtbot: QtBot, edited: EditedDocument) -> SourcePage:
    found = SourcePage(edited.edit)
    qtbot.addWidget(found)
    found.show_source(edited.document, "events")
    return found


def test_it_shows_load_and_events_of_the_sink(page: SourcePage) -> None:
    assert page.findChildren(QLabel, "title")[0].text() == "Load of sink “events”"
    assert page.load.tag == "constant" and page.source.tag == "synthetic"
    assert page.isEnabled()


def test_the_load_is_set_without_the_source(page: SourcePage, edited: EditedDocument) -> None:
    page.load.edited.emit({"shape": "poisson", "rate": 900})
    assert edited.raw["bench"]["sources"]["events"]["load"] == {"shape": "poisson", "rate": 900}
    assert edited.texts == ["change the load of events"]


def test_the_source_is_set_as_a_whole(page: SourcePage, edited: EditedDocument) -> None:
    source = edited.raw["bench"]["sources"]["events"] | {"size": 99}
    page.source.edited.emit(source)
    assert edited.raw["bench"]["sources"]["events"]["size"] == 99
    assert edited.texts == ["change the source of events"]


def test_a_fault_is_marked_at_its_field(page: SourcePage, edited: EditedDocument) -> None:
    before = edited.document
    page.load.edited.emit({"shape": "constant", "rate": -1})
    faults = [label.text() for label in page.load.findChildren(QLabel, "fault") if label.text()]
    assert edited.document is before and len(faults) == 1


def test_a_sink_without_a_source_disables_the_page(page: SourcePage, edited: EditedDocument) -> None:
    page.show_source(edited.document, "elsewhere")
    assert not page.isEnabled()


def test_a_load_that_needs_a_key_stays_chosen_until_the_key_is_there(
    page: SourcePage, edited: EditedDocument, tmp_path: Path
) -> None:
    recording = tmp_path / "events.jsonl"
    recording.write_text('{"at": 1.0}\n{"at": 2.0}\n')
    edited.edit([(("bench", "sources", "events"), {"kind": "replay", "path": str(recording)})], "", "")
    page.show_source(edited.document, "events")
    page.load.widget("shape").entered.emit("recorded")
    page.show_source(edited.document, "events")
    assert page.load.tag == "recorded" and edited.raw["bench"]["sources"]["events"].get("load") is None
    marked = [label.text() for label in page.source.findChildren(QLabel, "fault") if label.text()]
    assert len(marked) == 1 and "recorded time" in marked[0]
    # Another edit of the source keeps the choice, too.
    page.source.edited.emit({"kind": "replay", "path": str(recording), "loop": True})
    page.show_source(edited.document, "events")
    assert page.load.tag == "recorded"
    page.source.edited.emit({"kind": "replay", "path": str(recording), "loop": True, "time_field": "at"})
    page.show_source(edited.document, "events")
    written = edited.raw["bench"]["sources"]["events"]
    assert (written["load"]["shape"], written["time_field"], written["loop"]) == ("recorded", "at", True)
    assert page.load.tag == "recorded"
    assert not [label.text() for label in page.findChildren(QLabel, "fault") if label.text()]


def test_a_refused_load_goes_when_the_document_has_another_one(page: SourcePage, edited: EditedDocument) -> None:
    page.load.widget("shape").entered.emit("recorded")
    assert page.load.tag == "recorded"
    edited.edit([(("bench", "sources", "events", "load"), {"shape": "poisson", "rate": 7})], "", "")
    page.show_source(edited.document, "events")
    assert page.load.tag == "poisson"
