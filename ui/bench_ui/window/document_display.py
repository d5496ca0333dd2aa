"""Shows the open document: workbench -> **document display** -> title, handlers panel, inspector, run bar."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.panels import Panels
from bench_ui.window.refresh import Refresher
from bench_ui.window.settings import WindowSettings
from bench_ui.workbench import Workbench


class DocumentDisplay:
    """Keeps the panels in step with the open document and with the selection in the handlers panel."""

    def __init__(
        self, window: QWidget, bench: Workbench, layout: PanelLayout, refresher: Refresher, settings: WindowSettings
    ) -> None:
        self._window, self._layout = window, layout
        self._editor, self._run = bench.editor, bench.run
        self._refresher, self._settings = refresher, settings
        self._panels: Panels = refresher.panels
        bench.editor.document_opened.connect(self._open)
        bench.editor.document_changed.connect(self._show_document)
        bench.editor.document_saved.connect(self._show_document)
        bench.editor.undo_stack.cleanChanged.connect(lambda _: self._show_title())
        self._panels.handlers.scope_changed.connect(self._show_scope)

    def _open(self, name: str) -> None:
        """Drop what belongs to the document before: the selection, and a baseline of another preset."""
        self._panels.handlers.clear_selection()
        self._refresher.note_opened(name)

    def _show_document(self) -> None:
        document, panels = self._editor.document, self._panels
        if document is None:
            return
        if self._layout.gallery_shown:
            self._layout.show_plots()
            # The focus was in the gallery, or on a button that led there.
            panels.run_bar.focus_start()
        panels.handlers.show_document(document)
        panels.inspector.show_document(document, panels.handlers.scope)
        panels.run_bar.show_duration(document.preset.bench.duration_s)
        self._show_title()
        if self._run.session is None and self._refresher.kept is None:
            self._refresher.show_nothing()
            panels.events.clear()
        if document.path is not None:
            self._settings.add_recent_file(str(document.path.absolute()))

    def _show_title(self) -> None:
        document = self._editor.document
        name = "no preset" if document is None else document.name
        star = " *" if self._editor.modified else ""
        title = "" if document is None else document.preset.bench.title
        self._window.setWindowTitle(f"{name}{star} – ZMQ Test Bench")
        self._panels.run_bar.show_name(f"{name}{star}", title)

    def _show_scope(self) -> None:
        panels = self._panels
        scope = panels.handlers.scope
        panels.inspector.show_document(self._editor.document, scope)
        panels.board.scope = scope
        panels.board.redraw()
        self._refresher.refresh()
