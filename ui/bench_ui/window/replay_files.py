"""A file of events becomes the source of a sink: file -> **replay files** -> document, source page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtWidgets import QWidget

from bench_app.measure.clock import NS_PER_S
from bench_app.model import RecordedLoad, ReplaySource
from bench_app.preset.defaults import sources_of
from bench_app.untrusted.visible_text import visible
from bench_ui.panels.inspector import Inspector
from bench_ui.window import dialogs
from bench_ui.window.user_messages import UserMessages
from bench_ui.workbench import Workbench

_KINDS = "Events (*.jsonl *.ndjson *.json *.csv *.tsv *.mcap *.gz *.bz2 *.xz *.zst)"
_FIELDS_SHOWN = 12
_CHARACTERS_SHOWN = 70
"""Of each of the first events in the text about a file."""


class ReplayFiles:
    """Lets the user choose a file that a source replays, with its recorded timing if its events have a time."""

    def __init__(self, window: QWidget, bench: Workbench, inspector: Inspector, messages: UserMessages) -> None:
        self._window, self._bench, self._inspector, self._messages = window, bench, inspector, messages
        inspector.replay_wanted.connect(self.ask)

    def ask(self, sink: str) -> None:
        """Let the user choose the file that the source of this sink replays."""
        document = self._bench.editor.document
        folder = None if document is None or document.path is None else document.base_dir
        dialogs.ask_file(self._window, "Replay a file", lambda file: self.use(file, sink), _KINDS, folder)

    def use(self, file: Path, sink: str = "") -> None:
        """Replay a file as the source of a sink; "" is the sink of the handler that the inspector shows."""
        self._bench.start_task(self._use(file, sink or self._inspector.sink), "replay-file")

    async def _use(self, file: Path, sink: str) -> None:
        # Imported here, so that the window starts without the readers of all formats.
        from bench_app.sources.recording_source import is_recording
        from bench_app.sources.survey import survey
        from bench_app.sources.time_fields import time_fields

        document = self._bench.editor.document
        if document is None or not sink:
            self._messages.show(f"{file.name} can be replayed once a preset is open.")
            return
        path = _relative(file, document.base_dir)
        recorded = await asyncio.to_thread(is_recording, ReplaySource(path=path), document.base_dir)
        times = [] if recorded else await asyncio.to_thread(time_fields, file)
        source: dict[str, Any] = {"kind": "replay", "path": path}
        if times:
            source["time_field"] = times[0]
        if times or recorded:
            source["load"] = {"shape": "recorded"}
        elif (given := sources_of(document.preset).get(sink)) and not isinstance(given.load, RecordedLoad):
            source["load"] = msgspec.to_builtins(given.load)
        # The user may have opened another preset meanwhile, or removed the handler.
        now = self._bench.editor.document
        if now is None or now.base_dir != document.base_dir or sink not in sources_of(now.preset):
            return
        if faults := self._bench.editor.edit([(("bench", "sources", sink), source)], f"replay {file.name}", ""):
            self._messages.show(f"{file.name} was not taken: {'; '.join(map(str, faults))}")
            return
        spec = msgspec.convert(source, ReplaySource)
        found = await asyncio.to_thread(survey, spec, document.base_dir, objects_only=False, sink=sink)
        fields = [*times, *(name for name in found.fields if name not in times)]
        recording_s = found.length_ns / NS_PER_S if times or recorded else 0.0
        run_s = now.preset.bench.duration_s
        length = f" in {recording_s:,.1f} s" if recording_s else ""
        lines = [
            f"{file.name}: {found.events:,} event{'' if found.events == 1 else 's'}{length}",
            *([f"The run ends before, after {run_s:g} s."] if recording_s > run_s else []),
            *([f"Fields: {', '.join(fields[:_FIELDS_SHOWN])}"] if fields else []),
            *([] if times or recorded else ["No field has a time, so the load does not follow the recording."]),
            *(_preview(number, event) for number, event in enumerate(found.first, 1)),
            *([found.problem] if found.problem else found.faults[:1]),
        ]
        self._inspector.note_file(sink, path, "\n".join(lines))


def _preview(number: int, event: bytes) -> str:
    """The beginning of an event, with places where its line may break."""
    text = visible(event[: 4 * _CHARACTERS_SHOWN].decode(errors="replace"))
    cut = text if len(text) <= _CHARACTERS_SHOWN else f"{text[:_CHARACTERS_SHOWN]}…"
    return f"{number}: " + cut.replace(',"', ', "')


def _relative(file: Path, base_dir: Path) -> str:
    """The path of a file as a preset has it: relative if the file is in the folder of the preset."""
    absolute, folder = file.absolute(), base_dir.absolute()
    return str(absolute.relative_to(folder)) if absolute.is_relative_to(folder) else str(absolute)
