"""Faults that the types of the model cannot see: names that must exist, endpoints, loads, files, options, checks."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench_app.errors import CheckError, Fault, UriError
from bench_app.model import (
    BurstLoad,
    ChoiceSize,
    HandlerSpec,
    ListenerSpec,
    Load,
    Preset,
    RampLoad,
    RecordedLoad,
    ReplaySource,
    SineLoad,
    Source,
    StepsLoad,
    UniformSize,
)
from bench_app.model.json_path import JsonPath, format_path, lookup, parse_path
from bench_app.model.validation import TOP, compact, did_you_mean
from bench_app.preset.checks import Check, parse_check
from bench_app.preset.defaults import handler_bench, listener_names, listeners_of
from bench_app.preset.metrics import fits
from bench_app.preset.option_conflicts import handler_conflicts, listener_conflicts
from bench_app.transport.endpoint import binds, parse_listener_endpoint, parse_uri

_MISSING = object()
_HANDLERS: JsonPath = ("output", "handlers")
_NAMES_SHOWN = 8


class _AnyName(Collection[str]):
    """The names of the listeners of a faulty handler: they are not known, so every name is accepted."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass
class Scene:
    """A preset under inspection.

    Attributes:
        raw: The JSON of the preset.
        preset: The specs that could be made of it; a faulty key has its default.
        faults: The faults that the types of the model found.
        base_dir: The folder in which relative replay files are looked for.
    """

    raw: dict[str, Any]
    preset: Preset
    faults: Iterable[Fault]
    base_dir: pathlib.Path
    _at_fault: set[JsonPath] = field(init=False)
    _above_fault: set[JsonPath] = field(init=False)

    def __post_init__(self) -> None:
        self._at_fault = {parse_path(fault.path) for fault in self.faults if fault.path != TOP}
        self._above_fault = {path[:length] for path in self._at_fault for length in range(len(path))}

    def is_valid(self, *path: str | int) -> bool:
        """Whether there is no fault at, above or below the path, so that ``preset`` has there what the user wrote."""
        above = any(path[:length] in self._at_fault for length in range(len(path) + 1))
        return not above and path not in self._above_fault

    def fault(self, path: JsonPath, expected: str) -> Fault:
        """A fault of the value at the path."""
        value = lookup(self.raw, path, _MISSING)
        return Fault(format_path(path), "" if value is _MISSING else compact(value), expected)

    @property
    def handler_names(self) -> list[str]:
        """The names of all handlers, faulty ones included."""
        return _keys(lookup(self.raw, _HANDLERS))

    @property
    def sinks(self) -> list[str]:
        """The sinks of all handlers."""
        return list(dict.fromkeys(handler.sink for handler in self.preset.output.handlers.values()))


def cross_faults(scene: Scene) -> Iterator[Fault]:
    """Every fault that only several values together show, or the file system."""
    yield from _name_faults(scene)
    for name, handler in scene.preset.output.handlers.items():
        yield from _uri_faults(scene, name, handler)
    yield from _time_faults(scene)
    for sink, source in scene.preset.bench.sources.items():
        yield from _source_faults(scene, ("bench", "sources", sink), source)
    yield from _option_faults(scene)
    for name, listeners in scene.preset.bench.listeners.items():
        yield from _listener_faults(scene, name, listeners)
    known = {name: _known_listeners(scene, name) for name in scene.handler_names}
    for index, text in enumerate(scene.preset.bench.checks):
        yield from _check_faults(scene, ("bench", "checks", index), text, known)


def _name_faults(scene: Scene) -> Iterator[Fault]:
    sections = {"handlers": scene.handler_names, "listeners": scene.handler_names}
    if all(scene.is_valid(*_HANDLERS, name, "sink") for name in scene.handler_names):
        sections["sources"] = scene.sinks
    if not scene.handler_names:
        return
    for section, known in sections.items():
        kind = "sink" if section == "sources" else "name"
        for key in _keys(lookup(scene.raw, ("bench", section))):
            if key not in known:
                expected = f"the {kind} of a handler: {_format_names(known)}{did_you_mean(key, known)}"
                yield Fault(format_path(("bench", section, key)), compact(key), expected)


def _uri_faults(scene: Scene, name: str, handler: HandlerSpec) -> Iterator[Fault]:
    try:
        endpoint = parse_uri(handler.uri)
    except UriError as error:
        yield scene.fault((*_HANDLERS, name, "uri"), error.expected)
        return
    bench = handler_bench(scene.preset, name)
    if bench.paired or not scene.is_valid("bench", "handlers", name):
        return
    if endpoint.transport == "inproc":
        expected = "true with an inproc endpoint, which a consumer in another process cannot reach"
        yield scene.fault(("bench", "handlers", name, "paired"), expected)
    if not scene.is_valid(*_HANDLERS, name, "config", "socket_type"):
        return
    if endpoint.connects_nowhere and not binds(endpoint, bench.mode, handler.config.socket_type):
        expected = "a host and a port, not *: this handler connects and has no paired listener to take its place"
        yield scene.fault((*_HANDLERS, name, "uri"), expected)


def _time_faults(scene: Scene) -> Iterator[Fault]:
    bench = scene.preset.bench
    comparable = scene.is_valid("bench", "warmup_s") and scene.is_valid("bench", "duration_s")
    if comparable and bench.warmup_s >= bench.duration_s:
        yield scene.fault(("bench", "warmup_s"), f"less than duration_s, which is {bench.duration_s:g}")


def _source_faults(scene: Scene, path: JsonPath, source: Source) -> Iterator[Fault]:
    if scene.is_valid(*path, "load") and (found := _load_fault(source.load)):
        key, expected = found
        yield scene.fault((*path, "load", key), expected)
    if isinstance(source, ReplaySource):
        yield from _replay_faults(scene, path, source)
        return
    if isinstance(source.load, RecordedLoad):
        yield scene.fault((*path, "load", "shape"), "a shape with a rate: made-up events have no recorded timing")
    if isinstance(source.size, UniformSize) and source.size.min > source.size.max:
        yield scene.fault((*path, "size", "min"), f"at most max, which is {source.size.max}")
    if isinstance(source.size, ChoiceSize) and source.size.weights is not None:
        wanted = len(source.size.sizes)
        if len(source.size.weights) != wanted:
            yield scene.fault((*path, "size", "weights"), f"as many weights as there are sizes: {wanted}")


def _load_fault(load: Load) -> tuple[str, str] | None:
    """The key of a load that contradicts the others, and what was expected of it."""
    match load:
        case BurstLoad() if load.events / load.rate > load.every_s:
            return "every_s", f"at least {load.events / load.rate:g}, the time the burst itself takes"
        case RampLoad() if load.start == 0 and load.end == 0:
            return "end", "a rate above 0 at one end of the ramp at least"
        case StepsLoad() if not any(load.rates):
            return "rates", "one rate above 0 at least"
        case SineLoad() if load.amplitude > load.mean:
            return "amplitude", f"at most the mean, which is {load.mean:g}: a rate is never below 0"
    return None


def _replay_faults(scene: Scene, path: JsonPath, source: ReplaySource) -> Iterator[Fault]:
    recorded = isinstance(source.load, RecordedLoad) and scene.is_valid(*path, "time_field")
    if recorded and source.time_field is None:
        yield scene.fault((*path, "time_field"), "the field that has the recorded time, which the load needs")
    if scene.is_valid(*path, "path") and not _is_file(scene.base_dir / source.path):
        yield scene.fault((*path, "path"), f"a file that exists; there is none at {scene.base_dir / source.path}")


def _is_file(path: pathlib.Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.R_OK)
    except (OSError, ValueError):  # a name too long for the file system, or with a NUL in it
        return False


def _option_faults(scene: Scene) -> Iterator[Fault]:
    """Socket options that contradict other keys. Where those keys are faulty themselves, nothing is compared."""
    for name, handler in scene.preset.output.handlers.items():
        path: JsonPath = ("bench", "handlers", name)
        if not scene.is_valid(*path) or not scene.is_valid(*_HANDLERS, name):
            continue
        bench = handler_bench(scene.preset, name)
        for key, expected in handler_conflicts(handler, bench):
            yield scene.fault((*path, key), expected)
        for index, listener in enumerate(scene.preset.bench.listeners.get(name, ())):
            if scene.is_valid("bench", "listeners", name):
                for key, expected in listener_conflicts(handler, bench, listener):
                    yield scene.fault(("bench", "listeners", name, index, key), expected)


def _listener_faults(scene: Scene, name: str, listeners: tuple[ListenerSpec, ...]) -> Iterator[Fault]:
    path: JsonPath = ("bench", "listeners", name)
    for index, listener in enumerate(listeners):
        if listener.stall and listener.stall[0] >= listener.stall[1]:
            yield scene.fault((*path, index, "stall"), "[from, to] with from before to")
        if listener.endpoint is None:
            continue
        try:
            parse_listener_endpoint(listener.endpoint)
        except UriError as error:
            yield scene.fault((*path, index, "endpoint"), error.expected)
    yield from _same_name_faults(scene, name, listeners)


def _same_name_faults(scene: Scene, handler_name: str, listeners: tuple[ListenerSpec, ...]) -> Iterator[Fault]:
    handler = scene.preset.output.handlers.get(handler_name)
    if handler is None or not scene.is_valid("bench", "listeners", handler_name):
        return
    first: dict[str, int] = {}
    for index, name in enumerate(listener_names(listeners, handler.config.socket_type)):
        if first.setdefault(name, index) != index:
            expected = f'a name of its own: "{name}" is the name of [{first[name]}] too'
            yield scene.fault(("bench", "listeners", handler_name, index, "name"), expected)


def _known_listeners(scene: Scene, name: str) -> Collection[str]:
    relied_on: tuple[JsonPath, ...] = (
        ("bench", "listeners", name),
        ("bench", "handlers", name),
        (*_HANDLERS, name, "config", "socket_type"),
    )
    if name not in scene.preset.output.handlers or not all(scene.is_valid(*path) for path in relied_on):
        return _AnyName()
    return [listener.name or "" for listener in listeners_of(scene.preset, name)]


def _check_faults(scene: Scene, path: JsonPath, text: str, known: dict[str, Collection[str]]) -> Iterator[Fault]:
    try:
        check = parse_check(text, known)
    except CheckError as error:
        yield scene.fault(path, f"at column {error.column}, {error.expected}")
        return
    types = _socket_types(scene, check)
    if types and not any(fits(check.metric, socket_type) for socket_type in types):
        yield scene.fault(path, f"a metric of {' or '.join(types)}: {check.metric} is none")


def _socket_types(scene: Scene, check: Check) -> list[str]:
    """The socket types of the handlers that a check is about; empty if one of them is not known."""
    handlers = scene.preset.output.handlers
    names = [name for name in scene.handler_names if check.handler in (None, name)]
    if not all(name in handlers and scene.is_valid(*_HANDLERS, name, "config", "socket_type") for name in names):
        return []
    types = [handlers[name].config.socket_type for name in names if check.handler or handlers[name].enabled]
    return list(dict.fromkeys(types))


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _format_names(names: list[str]) -> str:
    return ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
