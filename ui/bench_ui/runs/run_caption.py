"""The caption of a picture: which run it shows, with what settings: preset, result -> **caption** -> exported plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench_ui.scope import Scope
from bench_ui.widgets.number_format import clock, local_time, shortened

MOST_UNITS = 4
"""The settings of so many handlers and listeners are in a caption; of the others only the number."""
LONGEST_LINE = 240


def caption_lines(
    name: str, started_at: str, seconds: float, state: str, preset: Mapping[str, Any], scope: Scope, baseline: str
) -> list[str]:
    """The lines of a caption. ``preset`` is the document of the run; ``baseline`` names the run of dashed curves."""
    head = [name, local_time(started_at), clock(seconds), state]
    settings = list(_settings(preset, scope))
    more = len(settings) - MOST_UNITS
    shown = [*settings[:MOST_UNITS], *([f"and {more:,} more handlers and listeners"] if more > 0 else [])]
    lines = ["  ·  ".join(part for part in head if part), *shown]
    return [*lines, f"dashed: {baseline}"] if baseline else lines


def _settings(preset: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    """A line for each handler of the scope and each of its listeners: the keys that the preset gives."""
    output, bench = preset.get("output", {}), preset.get("bench", {})
    for name, handler in output.get("handlers", {}).items():
        if not handler.get("enabled", True) or (not scope.everything and name not in scope.handlers):
            continue
        load = bench.get("sources", {}).get(handler.get("sink", ""), {}).get("load", {})
        yield _line(name, {"uri": handler.get("uri", ""), **handler.get("config", {}), **load})
        for place, listener in enumerate(bench.get("listeners", {}).get(name, ())):
            rest = {key: value for key, value in listener.items() if key != "name"}
            if rest and scope.listener in ("", listener.get("name")):
                yield _line(f"{name}/{listener.get('name', place + 1)}", rest)


def _line(unit: str, keys: Mapping[str, Any]) -> str:
    text = ", ".join(f"{key} {_text(value)}" for key, value in keys.items() if value != "")
    return shortened(f"{unit}: {text}", LONGEST_LINE)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}" if isinstance(value, int) else str(value)
