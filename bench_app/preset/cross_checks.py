"""Faults that the types of the model cannot find: unknown names, endpoints, loads, files, options, checks."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench_app.errors import CheckError, Fault, InputError, UriError
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
    SchemaSource,
    SineLoad,
    Source,
    StepsLoad,
    UniformSize,
)
from bench_app.model.json_path import JsonPath, lookup
from bench_app.model.keys import keys_of
from bench_app.model.validation import compact, did_you_mean, fault_at
from bench_app.preset.checks import Check, parse_check
from bench_app.preset.defaults import handler_bench, listener_names, listeners_of
from bench_app.preset.metrics import fits
from bench_app.preset.option_conflicts import handler_conflicts, listener_conflicts
from bench_app.preset.timeline_checks import step_faults
from bench_app.sources.csv_dialect import delimiter_of
from bench_app.sources.event_field import EventField
from bench_app.sources.times import RecordedClock
from bench_app.system.processors import allowed_processors, format_processors
from bench_app.transport.endpoint import binds, parse_listener_endpoint, parse_receipts_endpoint, parse_uri

_MISSING = object()
_HANDLERS: JsonPath = ("output", "handlers")
_NAMES_SHOWN = 8
_LOOPBACK = ("127.0.0.1", "[::1]")
"""With a port of the system's choice, a handler without a listener connects to nobody here."""
_KEYS_WITH_RECEIPTS = {"name", "topics", "receipts"}


class _AnyName(Collection[str]):
    """The listener names of a faulty handler. They are unknown, so every name is accepted."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass
class Inspection:
    """A preset under inspection: its JSON beside its specs and the faults found so far.

    Attributes:
        raw: the JSON of the preset.
        preset: the specs made from the valid parts of the JSON; a faulty key has its default.
        faults: the faults that the types of the model found.
        base_dir: the folder to which paths of replay files are relative.
    """

    raw: dict[str, Any]
    preset: Preset
    faults: Iterable[Fault]
    base_dir: pathlib.Path
    _at_fault: set[JsonPath] = field(init=False)
    _above_fault: set[JsonPath] = field(init=False)

    def __post_init__(self) -> None:
        self._at_fault = {fault.parts for fault in self.faults if fault.parts}
        self._above_fault = {path[:length] for path in self._at_fault for length in range(len(path))}

    def is_valid(self, *path: str | int) -> bool:
        """Whether there is no fault at, above or below the path, so that ``preset`` has the user's value there."""
        above = any(path[:length] in self._at_fault for length in range(len(path) + 1))
        return not above and path not in self._above_fault

    def fault(self, path: JsonPath, expected: str) -> Fault:
        """A fault of the value at the path."""
        value = lookup(self.raw, path, _MISSING)
        return fault_at(path, "" if value is _MISSING else compact(value), expected)

    @property
    def handler_names(self) -> list[str]:
        """The names of all handlers, faulty ones included."""
        return _keys(lookup(self.raw, _HANDLERS))

    @property
    def sinks(self) -> list[str]:
        """The sinks of all handlers."""
        return list(dict.fromkeys(handler.sink for handler in self.preset.output.handlers.values()))


def cross_faults(inspection: Inspection) -> Iterator[Fault]:
    """Every fault that shows only if several values are compared, or if a file is looked up."""
    yield from _name_faults(inspection)
    for name, handler in inspection.preset.output.handlers.items():
        yield from _uri_faults(inspection, name, handler)
    yield from _time_faults(inspection)
    yield from _processor_faults(inspection)
    for sink, source in inspection.preset.bench.sources.items():
        yield from _source_faults(inspection, ("bench", "sources", sink), source)
    yield from _option_faults(inspection)
    for name, listeners in inspection.preset.bench.listeners.items():
        yield from _listener_faults(inspection, name, listeners)
    known = {name: _known_listeners(inspection, name) for name in inspection.handler_names}
    for index, text in enumerate(inspection.preset.bench.checks):
        yield from _check_faults(inspection, ("bench", "checks", index), text, known)
    yield from step_faults(inspection.preset, known, inspection.is_valid)


def _name_faults(inspection: Inspection) -> Iterator[Fault]:
    sections = {"handlers": inspection.handler_names, "listeners": inspection.handler_names}
    if all(inspection.is_valid(*_HANDLERS, name, "sink") for name in inspection.handler_names):
        sections["sources"] = inspection.sinks
    if not inspection.handler_names:
        return
    for section, known in sections.items():
        kind = "sink" if section == "sources" else "name"
        for key in _keys(lookup(inspection.raw, ("bench", section))):
            if key not in known:
                expected = f"the {kind} of a handler: {_format_names(known)}{did_you_mean(key, known)}"
                yield fault_at(("bench", section, key), compact(key), expected)


def _uri_faults(inspection: Inspection, name: str, handler: HandlerSpec) -> Iterator[Fault]:
    try:
        endpoint = parse_uri(handler.uri)
    except UriError as error:
        yield inspection.fault((*_HANDLERS, name, "uri"), error.expected)
        return
    bench = handler_bench(inspection.preset, name)
    if bench.paired or not inspection.is_valid("bench", "handlers", name):
        return
    if endpoint.transport == "inproc":
        expected = "true with an inproc endpoint: a consumer in another process cannot reach it"
        yield inspection.fault(("bench", "handlers", name, "paired"), expected)
    if not inspection.is_valid(*_HANDLERS, name, "config", "socket_type"):
        return
    is_nobody = endpoint.wildcard_port and endpoint.address in _LOOPBACK
    if endpoint.is_bind_only and not is_nobody and not binds(endpoint, bench.mode, handler.config.socket_type):
        expected = "a host and a port, not *: this handler connects and has no paired listener on loopback"
        yield inspection.fault((*_HANDLERS, name, "uri"), expected)


def _time_faults(inspection: Inspection) -> Iterator[Fault]:
    bench = inspection.preset.bench
    comparable = inspection.is_valid("bench", "warmup_s") and inspection.is_valid("bench", "duration_s")
    if comparable and bench.warmup_s >= bench.duration_s:
        yield inspection.fault(("bench", "warmup_s"), f"less than duration_s, which is {bench.duration_s:g}")


def _processor_faults(inspection: Inspection) -> Iterator[Fault]:
    """Processors that this machine does not have, or does not let the bench use."""
    wanted, allowed = inspection.preset.bench.cpu_affinity, allowed_processors()
    path: JsonPath = ("bench", "cpu_affinity")
    if isinstance(wanted, str) or allowed is None or not inspection.is_valid(*path):
        return
    for index, processor in enumerate(wanted):
        if processor not in allowed:
            expected = f"a processor that this process may use, which are {format_processors(allowed)}"
            yield inspection.fault((*path, index), expected)
        elif processor in wanted[:index]:
            yield inspection.fault((*path, index), "each processor once")


def _source_faults(inspection: Inspection, path: JsonPath, source: Source) -> Iterator[Fault]:
    if inspection.is_valid(*path, "load") and (found := _load_fault(source.load)):
        key, expected = found
        yield inspection.fault((*path, "load", key), expected)
    if isinstance(source, ReplaySource):
        yield from _replay_faults(inspection, path, source)
        return
    if isinstance(source.load, RecordedLoad):
        yield inspection.fault((*path, "load", "shape"), "another shape: made-up events have no recorded times")
    if isinstance(source, SchemaSource):
        if inspection.is_valid(*path, "schema"):
            yield from _file_faults(inspection, (*path, "schema"), source.schema)
        return
    if isinstance(source.size, UniformSize) and source.size.min > source.size.max:
        yield inspection.fault((*path, "size", "min"), f"at most max, which is {source.size.max}")
    if isinstance(source.size, ChoiceSize) and source.size.weights is not None:
        wanted = len(source.size.sizes)
        if len(source.size.weights) != wanted:
            yield inspection.fault((*path, "size", "weights"), f"as many weights as there are sizes: {wanted}")


def _load_fault(load: Load) -> tuple[str, str] | None:
    """The key of a load that contradicts the other keys, and its expected value."""
    match load:
        case BurstLoad() if load.events / load.rate > load.every_s:
            return "every_s", f"at least {load.events / load.rate:g}, the length of the burst itself"
        case RampLoad() if load.start == 0 and load.end == 0:
            return "end", "a rate above 0 at the start or at the end of the ramp"
        case StepsLoad() if not any(load.rates):
            return "rates", "at least one rate above 0"
        case SineLoad() if load.amplitude > load.mean:
            return "amplitude", f"at most the mean, which is {load.mean:g}: a rate is never below 0"
    return None


def _is_recording(source: ReplaySource, base_dir: pathlib.Path) -> bool:
    # Imported for a replay alone: the formats need ijson, csv and gzip.
    from bench_app.sources.recording_source import is_recording

    return is_recording(source, base_dir)


def _replay_faults(inspection: Inspection, path: JsonPath, source: ReplaySource) -> Iterator[Fault]:
    recorded = isinstance(source.load, RecordedLoad) and inspection.is_valid(*path, "time_field")
    if recorded and source.time_field is None and not _is_recording(source, inspection.base_dir):
        yield inspection.fault(
            (*path, "time_field"), 'the field with the recorded time of each event, which "recorded" needs'
        )
    for key, field_path in (
        ("time_field", source.time_field),
        ("topic_field", source.topic_field),
        ("sink_field", source.sink_field),
    ):
        try:
            EventField(field_path or "")
        except InputError as error:
            yield inspection.fault((*path, key), f"a field or its path: {error}")
    if inspection.is_valid(*path, "time_format"):
        try:
            RecordedClock(source.time_format)
        except ValueError as error:
            yield inspection.fault((*path, "time_format"), str(error))
    if source.delimiter is not None and delimiter_of(source.delimiter) is None:
        yield inspection.fault((*path, "delimiter"), "one character, or tab")
    if inspection.is_valid(*path, "path"):
        yield from _file_faults(inspection, (*path, "path"), source.path)


def _file_faults(inspection: Inspection, path: JsonPath, name: str) -> Iterator[Fault]:
    """A file that does not exist, or that may not be read."""
    file = inspection.base_dir / name
    try:
        if file.is_file():
            problem = "" if os.access(file, os.R_OK) else f"you may not read {file}"
        else:
            problem = f"{file} is a folder" if file.is_dir() else f"no such file: {file}"
    except (OSError, ValueError):  # a name too long for the file system, or with a NUL in it
        problem = f"no such file: {file}"
    if problem:
        yield inspection.fault(path, f"a file that can be read; {problem}")


def _option_faults(inspection: Inspection) -> Iterator[Fault]:
    """Socket options that contradict other keys. A faulty key is not compared."""
    for name, handler in inspection.preset.output.handlers.items():
        path: JsonPath = ("bench", "handlers", name)
        if not inspection.is_valid(*path) or not inspection.is_valid(*_HANDLERS, name):
            continue
        bench = handler_bench(inspection.preset, name)
        for key, expected in handler_conflicts(handler, bench):
            yield inspection.fault((*path, key), expected)
        for index, listener in enumerate(inspection.preset.bench.listeners.get(name, ())):
            if inspection.is_valid("bench", "listeners", name):
                for key, expected in listener_conflicts(handler, bench, listener):
                    yield inspection.fault(("bench", "listeners", name, index, key), expected)


def _listener_faults(inspection: Inspection, name: str, listeners: tuple[ListenerSpec, ...]) -> Iterator[Fault]:
    path: JsonPath = ("bench", "listeners", name)
    for index, listener in enumerate(listeners):
        if listener.stall and listener.stall[0] >= listener.stall[1]:
            yield inspection.fault((*path, index, "stall"), "[from, to] with from before to")
        if listener.receipts is not None:
            yield from _receipt_faults(inspection, (*path, index), listener)
        yield from _own_topic_faults(inspection, name, index, listener)
        if listener.endpoint is None:
            continue
        try:
            parse_listener_endpoint(listener.endpoint)
        except UriError as error:
            yield inspection.fault((*path, index, "endpoint"), error.expected)
    yield from _same_name_faults(inspection, name, listeners)


def _receipt_faults(inspection: Inspection, path: JsonPath, listener: ListenerSpec) -> Iterator[Fault]:
    """A bad address for receipts, and keys that would change the user's own consumer, which the bench cannot do."""
    assert listener.receipts is not None
    try:
        parse_receipts_endpoint(listener.receipts)
    except UriError as error:
        yield inspection.fault((*path, "receipts"), error.expected)
    for key in keys_of(ListenerSpec):
        if key.name not in _KEYS_WITH_RECEIPTS and getattr(listener, key.name) != key.default:
            expected = f'{compact(key.default)} beside "receipts": your own consumer is this listener'
            yield inspection.fault((*path, key.name), expected)


def _own_topic_faults(inspection: Inspection, name: str, index: int, listener: ListenerSpec) -> Iterator[Fault]:
    """Topics of which it is not known which events they match, because each event has a topic of its own."""
    handler = inspection.preset.output.handlers.get(name)
    source = None if handler is None else inspection.preset.bench.sources.get(handler.sink)
    if handler is None or not isinstance(source, ReplaySource) or source.topic_field is None:
        return
    if not all(handler.config.topic.startswith(topic) for topic in listener.topics or ()):
        path: JsonPath = ("bench", "listeners", name, index, "topics")
        expected = (
            f'beginnings of the topic "{handler.config.topic}", as topic_field gives each event a topic of its own'
        )
        yield inspection.fault(path, expected)


def _same_name_faults(
    inspection: Inspection, handler_name: str, listeners: tuple[ListenerSpec, ...]
) -> Iterator[Fault]:
    handler = inspection.preset.output.handlers.get(handler_name)
    if handler is None or not inspection.is_valid("bench", "listeners", handler_name):
        return
    first: dict[str, int] = {}
    for index, name in enumerate(listener_names(listeners, handler.config.socket_type)):
        if first.setdefault(name, index) != index:
            expected = f'a name of its own: "{name}" is already the name of [{first[name]}]'
            yield inspection.fault(("bench", "listeners", handler_name, index, "name"), expected)


def _known_listeners(inspection: Inspection, name: str) -> Collection[str]:
    relied_on: tuple[JsonPath, ...] = (
        ("bench", "listeners", name),
        ("bench", "handlers", name),
        (*_HANDLERS, name, "config", "socket_type"),
    )
    if name not in inspection.preset.output.handlers or not all(inspection.is_valid(*path) for path in relied_on):
        return _AnyName()
    return [listener.name or "" for listener in listeners_of(inspection.preset, name)]


def _check_faults(
    inspection: Inspection, path: JsonPath, text: str, known: dict[str, Collection[str]]
) -> Iterator[Fault]:
    try:
        check = parse_check(text, known)
    except CheckError as error:
        yield inspection.fault(path, f"at column {error.column}, {error.expected}")
        return
    types = _socket_types(inspection, check)
    if types and not any(fits(check.metric, socket_type) for socket_type in types):
        yield inspection.fault(path, f"a metric of {' or '.join(types)}; {check.metric} is not one")


def _socket_types(inspection: Inspection, check: Check) -> list[str]:
    """The socket types of the handlers that a check measures; empty if the type of one is faulty."""
    handlers = inspection.preset.output.handlers
    names = [name for name in inspection.handler_names if check.handler in (None, name)]
    if not all(name in handlers and inspection.is_valid(*_HANDLERS, name, "config", "socket_type") for name in names):
        return []
    types = [handlers[name].config.socket_type for name in names if check.handler or handlers[name].enabled]
    return list(dict.fromkeys(types))


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _format_names(names: list[str]) -> str:
    return ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
