"""All panels of the window, made once and shared by the parts that fill them."""

from __future__ import annotations

from PySide6.QtWidgets import QStatusBar, QWidget

from bench_app.preset import documents
from bench_ui.document.document_editor import DocumentEditor
from bench_ui.panels.advice_line import AdviceLine
from bench_ui.panels.banner import Banner
from bench_ui.panels.events import EventsPanel
from bench_ui.panels.flow_strip import FlowStrip
from bench_ui.panels.gallery import Gallery
from bench_ui.panels.handlers import HandlersPanel
from bench_ui.panels.inspector import Inspector
from bench_ui.panels.inspector.settings_panel import SettingsPanel
from bench_ui.panels.ledger import LedgerPanel
from bench_ui.panels.messages import MessagesPanel
from bench_ui.panels.run_bar import RunBar
from bench_ui.panels.run_list import RunsPanel
from bench_ui.plots.board import PlotBoard
from bench_ui.presentation.caption_bar import CaptionBar
from bench_ui.presentation.controls import StoryControls
from bench_ui.presentation.scene import Scene
from bench_ui.window.status_line import StatusLine


class Panels:
    """The panels, each made once.

    Attributes:
        run_bar: the bar on top.
        advice: the line under it that says which settings would lose nothing; hidden without an advice.
        gallery: the presets that ship; in the centre until a preset is open.
        banner, flow, board: message, flow strip and plots; in the centre while a preset is open.
        caption_bar, scene, story_controls: what only the presentation shows.
        handlers: the tree at the left.
        settings, inspector: the forms at the right with their search, and without it.
        events, messages, ledger, runs: the tabs below the plots.
        status_line: the labels of the status bar.
    """

    def __init__(
        self, window: QWidget, editor: DocumentEditor, status_bar: QStatusBar, recent_files: list[str]
    ) -> None:
        self.run_bar = RunBar(window)
        self.advice = AdviceLine(window)
        self.handlers = HandlersPanel()
        self.flow = FlowStrip()
        self.board = PlotBoard()
        self.caption_bar, self.scene, self.story_controls = CaptionBar(), Scene(), StoryControls()
        self.inspector = Inspector(editor.edit)
        self.settings = SettingsPanel(self.inspector)
        self.events = EventsPanel()
        self.messages = MessagesPanel()
        self.ledger = LedgerPanel()
        self.runs = RunsPanel()
        self.banner = Banner()
        self.gallery = Gallery(documents.shipped_documents, recent_files)
        self.status_line = StatusLine(status_bar)
