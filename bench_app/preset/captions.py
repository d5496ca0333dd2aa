"""Captions of a timeline: text with readings in braces -> :class:`Caption` -> text with the values at that moment.

``{zmq-publisher/slow: lost}`` stands for the value of a metric, as a check names it. ``{{`` stands for a brace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench_app.errors import CheckError
from bench_app.preset.checks import Known, Reading, Value, parse_reading

UNKNOWN = "?"
"""In place of a value that is not known."""


@dataclass(frozen=True)
class Caption:
    """A caption as its parts: text, and readings whose values are filled in."""

    parts: tuple[str | Reading, ...]

    def fill(self, value_of: Callable[[Reading], Value | None]) -> str:
        """The text with the value of each reading."""
        return "".join(part if isinstance(part, str) else format_value(value_of(part)) for part in self.parts)


def parse_caption(text: str, known: Known) -> Caption:
    """Read a caption against the ``known`` handlers and listeners; raises :class:`CheckError` with the column."""
    parts: list[str | Reading] = []
    at = 0
    while at < len(text):
        brace = text.find("{", at)
        if brace < 0:
            parts.append(text[at:])
            break
        parts.append(text[at:brace])
        if text.startswith("{{", brace):
            parts.append("{")
            at = brace + 2
            continue
        end = text.find("}", brace)
        if end < 0:
            raise CheckError(text, brace + 1, "a closing brace after the metric, or {{ for a brace")
        parts.append(_reading(text, brace + 1, end, known))
        at = end + 1
    return Caption(tuple(part for part in parts if part))


def _reading(caption: str, start: int, end: int, known: Known) -> Reading:
    text = caption[start:end]
    try:
        reading = parse_reading(text, known, in_run=True)
    except CheckError as error:
        raise CheckError(caption, start + error.column, error.expected) from None
    if reading.handler is None:
        raise CheckError(caption, start + 1, "a handler and a colon before the metric, such as {NAME: lost}")
    return reading


def format_value(value: Value | None) -> str:
    """A value for people: 12,345 or 0.25."""
    if value is None:
        return UNKNOWN
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
