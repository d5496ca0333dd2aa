"""Adding, copying, renaming and removing handlers and listeners: handlers panel -> **editing** -> workbench."""

from __future__ import annotations

from bench_app.preset import documents
from bench_ui.document import edits
from bench_ui.document.edits import DocumentEdit
from bench_ui.panels.duration_field import EXTENSION_S, LONGEST_S
from bench_ui.panels.handlers import HandlersPanel
from bench_ui.panels.own_consumer import free_receipts
from bench_ui.widgets.number_format import shortened
from bench_ui.window.panels import Panels
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

REASON_CHARACTERS = 200
"""A reason in a message is shortened to this length."""


class DocumentEditing:
    """Applies each edit of handlers and listeners to the open document, as one step that can be undone."""

    def __init__(self, bench: Workbench, panels: Panels, messages: UserMessages) -> None:
        self._bench, self._editor = bench, bench.editor
        self._panels, self._messages = panels, messages
        self._connect(panels.handlers)
        panels.run_bar.duration_edited.connect(self.set_duration)

    def _connect(self, handlers: HandlersPanel) -> None:
        handlers.add_wanted.connect(self.add_handler)
        handlers.listener_wanted.connect(self.add_listener)
        handlers.count_wanted.connect(self.count_consumer)
        self._panels.inspector.count_wanted.connect(self.count_consumer)
        handlers.duplicate_wanted.connect(self.duplicate)
        handlers.remove_wanted.connect(self.remove)
        handlers.enable_wanted.connect(self.enable)

    def add_handler(self, socket_type: str) -> None:
        """Add a handler. If no document is open, open a new preset, which has a PUB handler."""
        if self._editor.document is None:
            self._bench.set_document(documents.parse(edits.UNTITLED, "untitled"))
        else:
            self._apply(edits.add_handler(self._editor.document, socket_type))

    def add_listener(self, handler: str) -> None:
        """Add a listener to a handler."""
        if self._editor.document is not None:
            self._apply(edits.add_listener(self._editor.document, handler))

    def count_consumer(self, handler: str) -> None:
        """Count the user's own consumer of a handler by receipts, at an address that no other listener has."""
        document = self._editor.document
        if document is None:
            return
        taken = {one.receipts for listeners in document.preset.bench.listeners.values() for one in listeners}
        self._apply(edits.count_consumer(document, handler, free_receipts(taken)))

    def duplicate(self, handler: str) -> None:
        """Copy a handler with its listeners."""
        if self._editor.document is not None:
            self._apply(edits.duplicate(self._editor.document, handler))

    def remove(self, units: list[tuple[str, str]]) -> None:
        """Remove handlers (handler, "") and listeners (handler, listener)."""
        if self._editor.document is not None:
            self._apply(edits.remove(self._editor.document, units))

    def enable(self, handlers: list[str], enabled: bool) -> None:
        """Take handlers into the next run, or leave them out of it."""
        self._apply(edits.enable(handlers, enabled))

    def rename(self, handler: str, listener: str, name: str) -> None:
        """Rename a listener; if ``listener`` is "", rename the handler."""
        document = self._editor.document
        if document is None or not name or name == (listener or handler):
            return
        if not listener and name in edits.handler_names(document):
            self._messages.show(f"Nothing was renamed: there is already a handler “{name}”.")
            return
        self._apply(edits.rename(document, handler, listener, name))

    def set_duration(self, seconds: float) -> None:
        """Set how long events are offered in a run."""
        self._editor.edit([(("bench", "duration_s"), seconds)], "change the duration", "duration")

    def extend(self) -> None:
        """Make the duration a minute longer, also that of a run under way. A run until stopped stays as it is."""
        if (document := self._editor.document) is not None:
            self.set_duration(min(document.preset.bench.duration_s + EXTENSION_S, LONGEST_S))

    def _apply(self, edit: DocumentEdit) -> None:
        faults = self._editor.edit_raw(edit.change, edit.text)
        if faults:
            reasons = "; ".join(shortened(str(fault), REASON_CHARACTERS) for fault in faults)
            self._messages.show(f"Nothing was changed ({shortened(edit.text, REASON_CHARACTERS)}): {reasons}")
        elif edit.select:
            self._panels.handlers.select(edit.select)
            self._panels.inspector.show_handler_page()
