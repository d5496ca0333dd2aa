"""Plans how a run follows an edited document: which changes apply at once, and which wait for the next start. Pure.

The field of a key says what a change of the key does (:class:`~bench_app.model.key_info.Change`). Most keys change a
running handler or listener. Some keys decide what a handler's counters count: socket type, sink, source, stamp, which
side binds, and the listeners. One ledger cannot count two different things. So a change of such a key ends the handler
as at the end of a run, and a successor of the same name gets a ledger of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from bench_app.model import BenchSpec, HandlerBench, HandlerSpec, ListenerSpec, Load, Preset
from bench_app.model.key_info import Change
from bench_app.model.keys import Key, differing_keys, keys_that
from bench_app.preset.defaults import handler_bench, listener_names, listeners_of, sources_of
from bench_app.transport.endpoint import parse_uri


@dataclass(frozen=True)
class HandlerChange:
    """The changed settings of a handler that stays: its spec, its bench keys, and its load if the load differs."""

    name: str
    spec: HandlerSpec
    bench: HandlerBench
    load: Load | None


@dataclass(frozen=True)
class ListenerChange:
    """The changed settings of a listener that stays: its spec, with name and topics filled in."""

    handler: str
    name: str
    spec: ListenerSpec


@dataclass
class Changes:
    """What a run has to do to follow a document.

    Attributes:
        handlers: changes for handlers that stay.
        listeners: changes for listeners that stay.
        leaving: handlers that end now.
        joining: handlers that start now.
        restarted: handlers that end now and get a successor of the same name.
        waiting: messages about keys that apply at the next start only.
        messages: what changed, for the list of events and the markers on plots.
    """

    handlers: list[HandlerChange] = field(default_factory=list)
    listeners: list[ListenerChange] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    joining: list[str] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def applied_to(self, old: Preset, new: Preset) -> Preset:
        """The preset that the run has once these changes from ``old`` to ``new`` are made."""
        changed = {(one.handler, one.name): one.spec for one in self.listeners}
        listeners = {name: listeners_of(new, name) for name in new.output.handlers}
        for name in set(_enabled(old)) & set(_enabled(new)) - set(self.restarted):
            # Running listeners keep the old value of keys that apply at the next start.
            listeners[name] = tuple(changed.get((name, str(one.name)), one) for one in listeners_of(old, name))
        kept = {key: getattr(old.bench, key) for key in keys_that(Change.NEXT_START, BenchSpec)}
        bench = msgspec.structs.replace(new.bench, listeners=listeners, **kept)
        return msgspec.structs.replace(new, bench=bench)


def changes_between(old: Preset, new: Preset) -> Changes:
    """The changes that turn a run of ``old`` into a run of ``new``, as far as a run can change."""
    changes = Changes()
    before, after = _enabled(old), _enabled(new)
    for name in [name for name in before if name not in after]:
        changes.leaving.append(name)
        changes.messages.append(f"{name} leaves the run")
    for name in [name for name in after if name not in before]:
        changes.joining.append(name)
        changes.messages.append(f"{name} joins the run")
    for name in [name for name in before if name in after]:
        reasons = _reasons_to_restart(name, old, new)
        if reasons:
            changes.restarted.append(name)
            changes.messages.append(f"{name} restarts with new counts: {'; '.join(reasons)}")
        else:
            _compare_handler(changes, name, old, new)
            _compare_listeners(changes, name, old, new)
    waiting = [key for key in differing_keys(old.bench, new.bench) if key.info.change is Change.NEXT_START]
    if waiting:
        changes.waiting.append(_next_start_message(waiting))
    return changes


def with_duration(preset: Preset, duration_s: float) -> Preset:
    """The preset with another duration."""
    return msgspec.structs.replace(preset, bench=msgspec.structs.replace(preset.bench, duration_s=duration_s))


def format_duration_change(before_s: float, now_s: float, ended: Sequence[str]) -> str:
    """The message about another duration of the run under way. ``ended``: handlers that offer no events any more."""
    change = f"duration {_format_value(before_s)} s -> {_format_value(now_s)} s"
    return f"{change}; ended before: {', '.join(ended)}" if ended else change


def _enabled(preset: Preset) -> dict[str, HandlerSpec]:
    return {name: spec for name, spec in preset.output.handlers.items() if spec.enabled}


def _next_start_message(keys: Sequence[Key]) -> str:
    labels = [_in_sentence(key.label) for key in keys]
    return f"{' and '.join(labels)} take{'s' if len(keys) == 1 else ''} effect at the next start"


def _in_sentence(label: str) -> str:
    """A label without its capital, unless it begins with an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _reasons_to_restart(name: str, old: Preset, new: Preset) -> list[str]:
    was, now = old.output.handlers[name], new.output.handlers[name]
    reasons = [_format_difference(key, was.config, now.config) for key in _restarting_keys(was.config, now.config)]
    # The two sides of an inproc endpoint share a process; with every other transport they are in two processes.
    if was.uri != now.uri and "inproc" in {parse_uri(was.uri).transport, parse_uri(now.uri).transport}:
        reasons.append(_format_difference("uri", was, now))
    reasons += [_format_difference(key, was, now) for key in _restarting_keys(was, now)]
    reasons += _restarting_keys(handler_bench(old, name), handler_bench(new, name))
    if was.sink == now.sink:
        reasons += _source_reasons(was.sink, old, new)
    return reasons + _listener_reasons(name, old, new)


def _source_reasons(sink: str, old: Preset, new: Preset) -> list[str]:
    was, now = sources_of(old)[sink], sources_of(new)[sink]
    return _restarting_keys(was, now) if type(was) is type(now) else ["another kind of source"]


def _listener_reasons(handler: str, old: Preset, new: Preset) -> list[str]:
    was = {str(spec.name): spec for spec in listeners_of(old, handler)}
    now = {str(spec.name): spec for spec in listeners_of(new, handler)}
    reasons = [f"listener {name} leaves" for name in was if name not in now]
    reasons += [f"listener {name} joins" for name in now if name not in was]
    following = _followers_of_topic(new, handler)
    for name in [name for name in was if name in now]:
        keys = _restarting_keys(was[name], now[name])
        reasons += [f"{name}: {key}" for key in keys if not (key == "topics" and name in following)]
    return reasons


def _followers_of_topic(preset: Preset, handler: str) -> set[str]:
    """Listeners without topics of their own, which subscribe to the handler's topic.

    A change of the handler's topic is live, and must not restart the handler: these listeners keep the old topic.
    """
    given = preset.bench.listeners.get(handler, (ListenerSpec(),))
    names = listener_names(given, preset.output.handlers[handler].config.socket_type)
    return {name for name, spec in zip(names, given, strict=True) if spec.topics is None}


def _compare_handler(changes: Changes, name: str, old: Preset, new: Preset) -> None:
    was, now = old.output.handlers[name], new.output.handlers[name]
    bench_was, bench_now = handler_bench(old, name), handler_bench(new, name)
    load_was, load_now = sources_of(old)[was.sink].load, sources_of(new)[now.sink].load
    moves, load = was.uri != now.uri, None if load_was == load_now else load_now
    if now.config != was.config or bench_now != bench_was or load is not None or moves:
        spec = msgspec.structs.replace(was, config=now.config, uri=now.uri)
        changes.handlers.append(HandlerChange(name, spec, bench_now, load))
        if moves:
            changes.messages.append(f"{name}: {_format_difference('uri', was, now)}")
        changes.messages += _differences(name, was.config, now.config) + _differences(name, bench_was, bench_now)
        if load is not None:
            changes.messages.append(f"{name}: load {format_load(load_was)} -> {format_load(load)}")


def _compare_listeners(changes: Changes, handler: str, old: Preset, new: Preset) -> None:
    was = {str(spec.name): spec for spec in listeners_of(old, handler)}
    for now in listeners_of(new, handler):
        name = str(now.name)
        if was[name].topics != now.topics:
            changes.waiting.append(f"{handler}/{name}: topics at the next start")
        spec = msgspec.structs.replace(now, topics=was[name].topics)
        if spec != was[name]:
            changes.listeners.append(ListenerChange(handler, name, spec))
            changes.messages += _differences(f"{handler}/{name}", was[name], spec)


def _restarting_keys(was: msgspec.Struct, now: msgspec.Struct) -> list[str]:
    """The keys that differ and whose change restarts the handler."""
    return [key.name for key in differing_keys(was, now) if key.info.change is Change.RESTARTS_HANDLER]


def _differences(unit: str, was: msgspec.Struct, now: msgspec.Struct) -> list[str]:
    return [f"{unit}: {_format_difference(key.name, was, now)}" for key in differing_keys(was, now)]


def _format_difference(key: str, was: msgspec.Struct, now: msgspec.Struct) -> str:
    return f"{key} {_format_value(getattr(was, key))} -> {_format_value(getattr(now, key))}"


def _format_value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool | str):
        return str(value) or '""'
    if isinstance(value, tuple):
        return ", ".join(map(_format_value, value))
    if isinstance(value, float):
        return f"{value:,.6f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def format_load(load: Load) -> str:
    """A load in short, such as ``constant 5,000/s``."""
    parts = [str(load.__struct_config__.tag)]
    parts += [f"{name} {_format_value(getattr(load, name))}" for name in load.__struct_fields__ if name != "rate"]
    if (rate := getattr(load, "rate", None)) is not None:
        parts.insert(1, f"{_format_value(rate)}/s")
    return " ".join(parts)
