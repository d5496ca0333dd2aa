"""Templates and history are kept in the settings file."""

from __future__ import annotations

from bench_ui.panels.sent_events import SentEvent
from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import InWindow, open_preset
from tests.runs import preset


def test_the_settings_file_has_what_the_user_keeps(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        editor, settings = window.panels.messages.editor, window.settings
        editor.set_text('{"a": 1}')
        window.event_templates.keep("mine", for_preset=True)
        window.event_templates.keep("", for_preset=True)
        window.event_templates.keep("all", for_preset=False)
        window.event_templates.note_sent(SentEvent("h", "{}", 3))
        kept = settings.sent_events
        document = window.bench.editor.document
        assert document is not None
        assert [(one.name, one.text, one.preset) for one in kept.templates] == [
            ("all", '{"a": 1}', ""),
            ("mine", '{"a": 1}', document.name),
        ]
        assert kept.sent == (SentEvent("h", "{}", 3),)
        editor.delete_wanted.emit(kept.templates[0])
        assert [one.name for one in settings.sent_events.templates] == ["mine"]

    in_window(scenario)
