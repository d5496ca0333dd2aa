"""Sees whether the file of a replay is a recording of the bench: spec -> **spec with its format** -> supply."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench_app.errors import SourceError
from bench_app.model import ReplaySource
from bench_app.recording.message import TIME_FIELD
from bench_app.sources.records import begins_as_recording


def as_recording(source: ReplaySource, base_dir: Path) -> ReplaySource:
    """The source of a recording with its format and the field of its time; any other source as it is."""
    if not is_recording(source, base_dir):
        return source
    return msgspec.structs.replace(source, format="recording", time_field=source.time_field or TIME_FIELD)


def is_recording(source: ReplaySource, base_dir: Path) -> bool:
    """Whether the file of a source is a recording: its format says so, or its first line is a recorded message."""
    if source.format != "auto":
        return source.format == "recording"
    path = base_dir / source.path
    try:
        return begins_as_recording(path)
    except SourceError:
        # The source reports what is wrong with the file when it reads the file.
        return False
