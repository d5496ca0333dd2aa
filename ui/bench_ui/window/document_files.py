"""Opening, replacing and saving the document: gallery, file dialog, dropped file -> **document files** -> workbench."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from bench_app.errors import Fault
from bench_app.preset import documents
from bench_app.preset.documents import Document
from bench_ui.document import edits
from bench_ui.panels.gallery import Gallery
from bench_ui.window import dialogs
from bench_ui.window.refresh import Refresher
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

RUN_UNDER_WAY = "A run is under way: stop it first."


class DocumentFiles:
    """Opens, replaces and saves the document.

    A document with unsaved changes is replaced only if the user agrees. During a run no document is replaced.
    """

    def __init__(self, window: QWidget, bench: Workbench, refresher: Refresher, messages: UserMessages) -> None:
        self._window, self._bench, self._refresher, self._messages = window, bench, refresher, messages
        bench.document_read.connect(self.replace)
        bench.faults_found.connect(self._show_faults)

    def connect_gallery(self, gallery: Gallery) -> None:
        """Open what the user chooses in the gallery."""
        gallery.chosen.connect(self.replace)
        gallery.start_wanted.connect(lambda document: self.replace(document, start=True))
        gallery.file_wanted.connect(self._bench.open)
        gallery.browse_wanted.connect(self.ask_open)

    def confirm(self, action: Callable[[], Any]) -> None:
        """Call ``action``, which replaces the document. Refuse during a run; ask first about unsaved changes."""
        if self._bench.run.running:
            self._messages.show(RUN_UNDER_WAY)
        else:
            self.ask_about_changes(action)

    def ask_about_changes(self, action: Callable[[], Any]) -> None:
        """Call ``action``. If there are unsaved changes, ask first whether to save them before."""
        document = self._bench.editor.document
        if document is None or not self._bench.editor.modified:
            action()
        else:
            dialogs.ask_unsaved(self._window, document.name, discard=action, save=lambda: self.save(action))

    def replace(self, document: Document, start: bool = False) -> None:
        """Open another document if the user agrees. With ``start``, run it at once."""

        def open_it() -> None:
            self._refresher.kept = None
            self._bench.set_document(document)
            if start:
                self._bench.start()

        self.confirm(open_it)

    def new(self) -> None:
        """Open a preset with one PUB handler."""
        self.replace(documents.parse(edits.UNTITLED, "untitled"))

    def ask_open(self) -> None:
        """Let the user choose a preset file, and open it."""
        dialogs.ask_open(self._window, self._bench.open)

    def save(self, then: Callable[[], Any] | None = None) -> None:
        """Write the preset to its file; ask for a file if it has none. Call ``then`` when everything is saved."""
        document = self._bench.editor.document
        if document is None:
            return
        if document.path is None:
            self.ask_save(then)
        else:
            self._save_as(document.path, then)

    def ask_save(self, then: Callable[[], Any] | None = None) -> None:
        """Let the user choose a file, and write the preset to it. Call ``then`` when everything is saved."""
        document = self._bench.editor.document
        if document is not None:
            dialogs.ask_save_preset(self._window, f"{document.name}.json", lambda file: self._save_as(file, then))

    def _save_as(self, file: Path, then: Callable[[], Any] | None) -> None:
        self._bench.start_task(self._save(file, then), "save")

    async def _save(self, file: Path, then: Callable[[], Any] | None) -> None:
        await self._bench.save(file)
        # The user may have edited the preset while it was written. Such a change is not saved.
        if then is not None and not self._bench.editor.modified:
            then()

    def _show_faults(self, name: str, faults: list[Fault]) -> None:
        dialogs.show_faults(self._window, name, faults)
