"""The adviser's line follows the run and the document; Apply is one step that can be undone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from bench_ui.document.document_editor import DocumentEditor
from bench_ui.panels.advice_line import AdviceLine
from bench_ui.presentation.caption_bar import CaptionBar
from bench_ui.runs.run_controller import RunController
from bench_ui.window import advising
from bench_ui.window.advising import Advising
from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.panels import Panels
from bench_ui.window.refresh import Refresher
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget
from pytestqt.qtbot import QtBot

from bench_app.advice.advice import Advice
from bench_app.engine.session import Phase
from bench_app.preset import documents
from tests.bench_ui.panels.advices import ADVICE
from tests.runs import preset


class Run(QObject):
    """Stands in for the run controller."""

    phase_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.session: Any = None
        self.result: Any = None

    def end_with(self, advice: Advice | None) -> None:
        self.session, self.result = SimpleNamespace(phase=Phase.DONE), SimpleNamespace(advice=advice)
        self.phase_changed.emit()


class Layout(QStackedWidget):
    """Stands in for the layout of the panels."""

    def __init__(self) -> None:
        super().__init__()
        self.plots_shown, self.presenting = True, False


class Bench:
    """The parts around the adviser's line."""

    def __init__(self, qtbot: QtBot) -> None:
        self.run, self.layout, self.line = Run(), Layout(), AdviceLine()
        self.caption_bar = CaptionBar()
        for widget in (self.layout, self.line, self.caption_bar):
            qtbot.addWidget(widget)
        self.editor = DocumentEditor()
        self.editor.set_document(documents.parse(preset({"socket_type": "PUSH"}), "test"))
        self.messages: list[str] = []
        self.refresher = SimpleNamespace(kept=None)
        self.advising = Advising(
            cast(Workbench, SimpleNamespace(run=cast(RunController, self.run), editor=self.editor)),
            cast(Panels, SimpleNamespace(advice=self.line, caption_bar=self.caption_bar)),
            cast(PanelLayout, self.layout),
            cast(Refresher, self.refresher),
            cast(UserMessages, SimpleNamespace(show=self.messages.append)),
        )

    @property
    def settings(self) -> tuple[float, int]:
        assert self.editor.document is not None
        made = self.editor.document.preset
        return made.bench.duration_s, made.output.handlers["h"].config.linger


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def test_apply_sets_all_values_in_one_step_and_undo_takes_them_back(bench: Bench) -> None:
    before = bench.settings
    bench.run.end_with(ADVICE)
    assert bench.line.isVisible()
    bench.line.apply.click()
    assert bench.settings == (3.0, 7) and bench.editor.undo_stack.count() == 1
    assert not bench.line.isVisible(), "the document has the values of the proposal"
    bench.editor.undo_stack.undo()
    assert bench.settings == before
    assert bench.line.isVisible()


def test_in_a_run_the_adviser_is_asked_again_and_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Advice | None] = [ADVICE]
    monkeypatch.setattr(advising, "live_advice", lambda session: found[0])
    bench.run.session = SimpleNamespace(phase=Phase.RUNNING)
    bench.advising.refresh()
    assert bench.line.isVisible()
    found[0] = None
    bench.advising.refresh()
    assert not bench.line.isVisible()
    found[0] = ADVICE
    bench.advising.refresh()
    bench.run.session = SimpleNamespace(phase=Phase.OPENING)
    bench.advising.refresh()
    assert not bench.line.isVisible(), "the next run has lost nothing yet"


def test_a_run_without_losses_has_no_line(bench: Bench) -> None:
    bench.run.end_with(None)
    assert not bench.line.isVisible()
    bench.run.end_with(ADVICE)
    bench.run.session = bench.run.result = None
    bench.run.phase_changed.emit()
    assert not bench.line.isVisible()


def test_where_no_plots_are_there_is_no_line(bench: Bench) -> None:
    bench.layout.plots_shown = False
    bench.run.end_with(ADVICE)
    assert not bench.line.isVisible()


def test_a_presentation_has_the_advice_as_caption_unless_it_is_a_demo_with_captions(bench: Bench) -> None:
    bench.layout.presenting = True
    bench.run.end_with(ADVICE)
    assert not bench.line.isVisible() and bench.caption_bar.advice == ADVICE.short_message
    demo = preset({"socket_type": "PUSH"})
    demo["bench"]["timeline"] = [{"at_s": 1, "caption": "Look."}]
    bench.editor.set_document(documents.parse(demo, "demo"))
    assert bench.caption_bar.advice == ""


def test_a_kept_run_has_its_advice_until_a_run_takes_its_place(bench: Bench) -> None:
    bench.refresher.kept = SimpleNamespace(record=SimpleNamespace(result=SimpleNamespace(advice=ADVICE)))
    bench.run.phase_changed.emit()
    assert bench.line.isVisible()
    bench.line.apply.click()
    assert bench.settings == (3.0, 7)
    bench.editor.undo_stack.undo()
    bench.run.end_with(None)
    assert not bench.line.isVisible()


@pytest.mark.parametrize("path", ["bench.listeners.gone[3].delay_ms", "bench.duration_s"])
def test_a_proposal_that_does_not_fit_the_document_changes_nothing(bench: Bench, path: str) -> None:
    before = bench.settings
    bench.run.end_with(msgspec.structs.replace(ADVICE, proposal={path: "none"}))
    bench.line.apply.click()
    assert bench.settings == before and bench.editor.undo_stack.count() == 0
    assert bench.messages[0].startswith("Nothing was changed (apply the advice): ")


def test_why_opens_the_heading_of_its_rule(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[dict[str, str]] = []
    monkeypatch.setattr(advising, "show_documentation", lambda show, **place: opened.append(place))
    bench.run.end_with(ADVICE)
    bench.line.why.click()
    assert opened == [{"page": "explanation/adviser.html", "heading": "slow-consumer"}]
