"""Faults of a preset's timeline: unknown units, plots, metrics and paths, and values that the preset cannot have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench_app.errors import CheckError, Fault, InputError
from bench_app.model import BenchSpec, Preset, TimelineStep
from bench_app.model.json_path import JsonPath, assign, parse_path
from bench_app.model.key_info import Change
from bench_app.model.keys import keys_that
from bench_app.model.timeline import ACTS_ON_HANDLERS, ACTS_ON_THE_RUN, PLOTS
from bench_app.model.validation import compact, did_you_mean, fault_at
from bench_app.preset.captions import parse_caption
from bench_app.preset.checks import Known, parse_check

_TIMELINE: JsonPath = ("bench", "timeline")
_NAMES_SHOWN = 8

FaultsOf = Callable[[dict[str, Any]], list[Fault]]
"""All faults of the JSON of a preset, those of its timeline apart."""


@dataclass(frozen=True)
class UnitName:
    """A handler, or one of its listeners."""

    handler: str
    listener: str = ""


def find_unit(text: str, known: Known) -> UnitName | None:
    """The unit that ``HANDLER`` or ``HANDLER/LISTENER`` names; None if there is none. Names may have slashes."""
    if text in known:
        return UnitName(text)
    for handler in sorted((name for name in known if text.startswith(f"{name}/")), key=len, reverse=True):
        listener = text.removeprefix(f"{handler}/")
        if listener in known[handler]:
            return UnitName(handler, listener)
    return None


def step_faults(preset: Preset, known: Known, is_valid: Callable[..., bool]) -> Iterator[Fault]:
    """The faults of each step alone, and of its time beside that of the steps before.

    ``is_valid`` says whether the types of the model found no fault at a path.
    """
    latest_s = 0.0
    for index, step in enumerate(preset.bench.timeline):
        path = (*_TIMELINE, index)
        if not is_valid(*path):
            continue
        yield from _time_faults(path, step, latest_s)
        yield from _end_faults(path, step, [one.is_at_end for one in preset.bench.timeline[:index]])
        if isinstance(step.at_s, float | int):
            latest_s = max(latest_s, step.at_s)
        yield from _act_faults(path, step, known)
        yield from _show_faults(path, step, known)
        yield from _text_faults(path, step, known)
        if not (step.set or step.act or step.show or step.caption):
            yield fault_at(path, "", "a step that does something: set, act, show or caption")


def _time_faults(path: JsonPath, step: TimelineStep, latest_s: float) -> Iterator[Fault]:
    if isinstance(step.at_s, float | int) and step.at_s < latest_s:
        yield fault_at((*path, "at_s"), f"{step.at_s:g}", f"at least {latest_s:g}, the time of an earlier step")


def _end_faults(path: JsonPath, step: TimelineStep, ended: Sequence[bool]) -> Iterator[Fault]:
    if not step.is_at_end:
        if any(ended):
            yield fault_at((*path, "at_s"), compact(step.at_s), "end, because the step before comes at the end")
        return
    for key in ("set", "act"):
        if getattr(step, key):
            yield fault_at((*path, key), compact(getattr(step, key)), "nothing, because the run is over at the end")


def _act_faults(path: JsonPath, step: TimelineStep, known: Known) -> Iterator[Fault]:
    if step.unit is None:
        if step.act is not None and step.act not in ACTS_ON_THE_RUN:
            expected = f"this key is required: {step.act} acts on a unit, HANDLER or HANDLER/LISTENER"
            yield fault_at((*path, "unit"), "", expected)
        return
    if step.act is None:
        yield fault_at((*path, "act"), "", "this key is required: what the step does to its unit")
    unit = find_unit(step.unit, known)
    if unit is None:
        names = _unit_names(known)
        expected = f"a handler or HANDLER/LISTENER: {_format_names(names)}{did_you_mean(step.unit, names)}"
        yield fault_at((*path, "unit"), compact(step.unit), expected)
    elif unit.listener and step.act in ACTS_ON_HANDLERS:
        yield fault_at((*path, "unit"), compact(step.unit), f"a handler, because a listener cannot {step.act}")


def _show_faults(path: JsonPath, step: TimelineStep, known: Known) -> Iterator[Fault]:
    if step.show is not None and step.show not in (*known, *PLOTS):
        names = [*known, *PLOTS]
        expected = f"a handler or a plot: {_format_names(names)}{did_you_mean(step.show, names)}"
        yield fault_at((*path, "show"), compact(step.show), expected)


def _text_faults(path: JsonPath, step: TimelineStep, known: Known) -> Iterator[Fault]:
    until = (*path, "until")
    for index, text in enumerate(step.conditions):
        try:
            parse_check(text, known, in_run=True)
        except CheckError as error:
            where = until if isinstance(step.until, str) else (*until, index)
            yield fault_at(where, compact(text), f"at column {error.column}, {error.expected}")
    try:
        parse_caption(step.caption, known)
    except CheckError as error:
        yield fault_at((*path, "caption"), compact(step.caption), f"at column {error.column}, {error.expected}")


def set_faults(raw: dict[str, Any], steps: Sequence[TimelineStep], faults_of: FaultsOf) -> Iterator[Fault]:
    """The faults of the values that the steps set, one step after the other.

    ``faults_of`` finds the faults of a preset as the steps so far make it. Faults of the preset itself do not count.
    """
    if not any(step.set for step in steps):
        return
    raw = without_timeline(raw)
    found = set(faults_of(raw))
    for index, step in enumerate(steps):
        for path, value in step.set.items():
            where: JsonPath = (*_TIMELINE, index, "set", path)
            try:
                refuse_path(path)
                changed = assign(raw, path, value)
            except InputError as error:
                yield fault_at(where, compact(value), f"a path in the preset: {error}")
                continue
            new = [fault for fault in faults_of(changed) if fault not in found]
            for fault in new:
                yield fault_at(where, compact(value), f"{fault.path}: {fault.expected}")
            if not new:
                raw = changed


def refuse_path(path: str) -> None:
    """Raise :class:`InputError` for a path that a step cannot set: that of a key which no running run takes over."""
    parts = parse_path(path)
    if parts[0] not in ("output", "bench"):
        raise InputError("it begins with output or bench")
    if parts[0] == "bench" and (len(parts) < 2 or parts[1] in _FIXED_IN_A_RUN):
        raise InputError("a run under way does not take over this key")


_FIXED_IN_A_RUN: Collection[Any] = keys_that(Change.NEXT_START, BenchSpec) | keys_that(Change.NONE, BenchSpec)


def without_timeline(raw: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a preset without its timeline."""
    bench = raw.get("bench")
    if not isinstance(bench, dict) or "timeline" not in bench:
        return raw
    return {**raw, "bench": {key: value for key, value in bench.items() if key != "timeline"}}


def _unit_names(known: Known) -> list[str]:
    return [name for handler in known for name in (handler, *(f"{handler}/{one}" for one in known[handler]))]


def _format_names(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
