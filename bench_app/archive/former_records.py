"""Converts parts of version 1 records to the present types.

Version 1 kept some facts only in names and figures: the departure of a handler in its name, the seconds of a handler in
its rate, the kind of an event in its source.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from bench_app.engine.events import CHANGE, ENGINE, NOTE, EventKind, RunEvent
from bench_app.engine.result import HandlerResult, RunResult
from bench_app.engine.unit_key import Departure, HistogramKey, UnitKey

_DEPARTED = re.compile(r"(.*) \(until ([0-9.]+) s((?:, too)*)\)", re.DOTALL)
"""The name of a departed handler in version 1, with the time of the departure."""


def with_seconds(result: RunResult) -> RunResult:
    """The result with the seconds that each handler took part.

    A handler whose rate is above its mean over the whole run took part for less time: ``accepted / rate``.
    """

    def seconds(handler: HandlerResult) -> float:
        if result.duration_s <= 0 or handler.rate <= handler.accepted / result.duration_s + 0.1:
            return result.duration_s
        return round(handler.accepted / handler.rate, 3)

    handlers = {name: msgspec.structs.replace(one, seconds=seconds(one)) for name, one in result.handlers.items()}
    return msgspec.structs.replace(result, handlers=handlers)


def with_kind(event: RunEvent) -> RunEvent:
    """The event with its kind, which follows from its source."""
    kind = {ENGINE: EventKind.ENGINE, CHANGE: EventKind.CHANGE, NOTE: EventKind.NOTE}.get(event.source, EventKind.UNIT)
    return msgspec.structs.replace(event, kind=kind)


def handler_keys(result: RunResult, preset: dict[str, Any]) -> list[UnitKey]:
    """The keys of the handlers in the result.

    A handler in the preset has not departed, even if its name looks like that of a departed handler.
    """
    output = preset.get("output")
    named = output.get("handlers") if isinstance(output, dict) else None
    present = set(named) if isinstance(named, dict) else set()
    return [UnitKey(name) if name in present else _departed(name) for name in result.handlers]


def _departed(name: str) -> UnitKey:
    found = _DEPARTED.fullmatch(name)
    if found is None:
        return UnitKey(name)
    handler, at_s, repeats = found.groups()
    return UnitKey(handler, departure=Departure(float(at_s), repeats.count(",")))


def unit_keys(result: RunResult, handlers: list[UnitKey]) -> dict[str, UnitKey]:
    """The keys of handlers and listeners, by the names of their time series in version 1."""
    keys: dict[str, UnitKey] = {}
    for handler in handlers:
        units = [handler, *(handler.of_listener(name) for name in result.handlers[handler.name].listeners)]
        keys |= {unit.title: unit for unit in units}
    return keys


def histogram_keys(units: dict[str, UnitKey]) -> dict[str, HistogramKey]:
    """The keys of the distributions of the units, by their names in version 1."""
    of_handlers = [HistogramKey(one, measure) for one in units.values() for measure in ("lateness", "round_trip")]
    of_listeners = [HistogramKey(one, measure) for one in units.values() for measure in ("service", "response")]
    keys = [*(key for key in of_handlers if not key.unit.listener), *(key for key in of_listeners if key.unit.listener)]
    return {key.title: key for key in keys}
