"""Keeps templates and history of events sent by hand: message editor -> **event templates** -> settings."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bench_ui.panels.messages import MessagesPanel
from bench_ui.panels.sent_events import SentEvent, SentEvents, Template
from bench_ui.window import dialogs
from bench_ui.window.settings import WindowSettings
from bench_ui.workbench import Workbench


class EventTemplates:
    """The events that the user keeps, and those that were sent, as the settings file has them."""

    def __init__(self, window: QWidget, bench: Workbench, messages: MessagesPanel, settings: WindowSettings) -> None:
        self._window, self._bench, self._editor, self._settings = window, bench, messages.editor, settings
        self._editor.events = settings.sent_events
        self._editor.save_wanted.connect(self._ask_name)
        self._editor.delete_wanted.connect(lambda template: self._keep(self._editor.events.without_template(template)))
        bench.editor.document_changed.connect(self._show_preset)

    def note_sent(self, event: SentEvent) -> None:
        """An event was sent."""
        self._keep(self._editor.events.with_sent(event))

    def keep(self, name: str, for_preset: bool) -> None:
        """Keep the text of the editor under a name, for the open preset or for every preset."""
        if name:
            preset = self._editor.preset if for_preset else ""
            # A widget may hold half of a character, which JSON cannot.
            text = self._editor.event_text.encode("utf-8", "replace").decode()
            self._keep(self._editor.events.with_template(Template(name, text, preset)))

    def _ask_name(self, for_preset: bool) -> None:
        dialogs.ask_text(self._window, "Name of this event", "", lambda name: self.keep(name, for_preset))

    def _keep(self, events: SentEvents) -> None:
        self._editor.events = events
        self._settings.sent_events = events

    def _show_preset(self) -> None:
        document = self._bench.editor.document
        self._editor.preset = "" if document is None else document.name
