"""From one document to the next while it runs: what changes at once, and what waits for the next start. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench_app.defaults import handler_bench, listeners_of, sources_of
from bench_app.model import HandlerBench, HandlerSpec, ListenerSpec, Load, Preset, Source
from bench_app.socket_keys import CONNECTION_KEYS, LISTENER_CONNECTION_KEYS
from bench_app.uri import parse_uri

RECREATING = frozenset({"high_water_mark", "reconnect_interval", *CONNECTION_KEYS})
"""Keys of a handler whose change recreates the socket; a change of its uri does, too."""
LISTENER_RECREATING = frozenset({"high_water_mark", *LISTENER_CONNECTION_KEYS})
_NOT_LIVE_CONFIG = ("socket_type",)
_LIVE_LISTENER = (
    "high_water_mark",
    "delay_ms",
    "delay_jitter_ms",
    "drop_replies",
    "error_replies",
    "reply",
    "stall",
    *LISTENER_CONNECTION_KEYS,
)


@dataclass(frozen=True)
class HandlerChange:
    """A handler's spec, what the bench adds to it and, where it is another one, its load."""

    name: str
    spec: HandlerSpec
    bench: HandlerBench
    load: Load | None


@dataclass(frozen=True)
class ListenerChange:
    """A listener's spec, name and topics filled in."""

    handler: str
    name: str
    spec: ListenerSpec


@dataclass
class Changes:
    """What to send to whom; ``waiting`` are sentences on what is not taken over by a run under way."""

    handlers: list[HandlerChange] = field(default_factory=list)
    listeners: list[ListenerChange] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    """What changed at once, for the events and the plots' markers."""

    def applied_to(self, preset: Preset) -> Preset:
        """The preset as it runs once these changes are made."""
        handlers, sources = dict(preset.output.handlers), dict(sources_of(preset))
        listeners = {name: listeners_of(preset, name) for name in handlers}
        benches = dict(preset.bench.handlers)
        for change in self.handlers:
            handlers[change.name] = change.spec
            benches[change.name] = change.bench
            if change.load is not None:
                sources[change.spec.sink] = msgspec.structs.replace(sources[change.spec.sink], load=change.load)
        for one in self.listeners:
            specs = listeners[one.handler]
            listeners[one.handler] = tuple(one.spec if spec.name == one.name else spec for spec in specs)
        bench = msgspec.structs.replace(preset.bench, sources=sources, handlers=benches, listeners=listeners)
        output = msgspec.structs.replace(preset.output, handlers=handlers)
        return msgspec.structs.replace(preset, output=output, bench=bench)


def changes_between(old: Preset, new: Preset) -> Changes:
    """What has to be done so that a run of ``old`` becomes, as far as it can, one of ``new``."""
    changes = Changes()
    before, after = _enabled(old), _enabled(new)
    for name in [name for name in before if name not in after]:
        changes.waiting.append(f"{name} stays until the next start")
    for name in [name for name in after if name not in before]:
        changes.waiting.append(f"{name} joins at the next start")
    for name in [name for name in before if name in after]:
        _compare_handler(changes, name, old, new)
        _compare_listeners(changes, name, old, new)
    if (old.bench.duration_s, old.bench.warmup_s) != (new.bench.duration_s, new.bench.warmup_s):
        changes.waiting.append("duration and warm-up take effect at the next start")
    return changes


def _enabled(preset: Preset) -> dict[str, HandlerSpec]:
    return {name: spec for name, spec in preset.output.handlers.items() if spec.enabled}


def _compare_handler(changes: Changes, name: str, old: Preset, new: Preset) -> None:
    was, now = old.output.handlers[name], new.output.handlers[name]
    late = [key for key in _NOT_LIVE_CONFIG if getattr(was.config, key) != getattr(now.config, key)]
    moves = was.uri != now.uri
    # The two sides of inproc live in one process, those of all else in two.
    if moves and "inproc" in {parse_uri(was.uri).transport, parse_uri(now.uri).transport}:
        moves = False
        late.append("uri")
    if was.sink != now.sink:
        late.append("sink")
    bench_was, bench_now = handler_bench(old, name), handler_bench(new, name)
    bench = msgspec.structs.replace(bench_was, **{key: getattr(bench_now, key) for key in CONNECTION_KEYS})
    if bench != bench_now:
        late.append("what the bench adds to it")
    source_was, source_now = sources_of(old)[was.sink], sources_of(new).get(was.sink)
    load = None
    if source_now is not None and source_now != source_was:
        load = source_now.load if source_now.load != source_was.load else None
        if _without_load(source_now) != _without_load(source_was):
            late.append("its source")
    if late:
        changes.waiting.append(f"{name}: {', '.join(late)} at the next start")
    config = _keeping(now.config, was.config, _NOT_LIVE_CONFIG)
    if config != was.config or bench != bench_was or load is not None or moves:
        spec = msgspec.structs.replace(was, config=config, uri=now.uri if moves else was.uri)
        changes.handlers.append(HandlerChange(name, spec, bench, load))
        if moves:
            changes.sentences.append(f"{name}: uri {was.uri} -> {now.uri}")
        changes.sentences += _differences(name, was.config, config) + _differences(name, bench_was, bench)
        if load is not None:
            changes.sentences.append(f"{name}: load {load_words(source_was.load)} -> {load_words(load)}")


def _compare_listeners(changes: Changes, handler: str, old: Preset, new: Preset) -> None:
    was = {str(spec.name): spec for spec in listeners_of(old, handler)}
    now = {str(spec.name): spec for spec in listeners_of(new, handler)}
    if was.keys() != now.keys():
        changes.waiting.append(f"{handler}: listeners come and go at the next start")
    for name in [name for name in was if name in now]:
        old_spec, new_spec = was[name], now[name]
        fixed = [key for key in old_spec.__struct_fields__ if key not in _LIVE_LISTENER]
        late = [key for key in fixed if getattr(old_spec, key) != getattr(new_spec, key)]
        if late:
            changes.waiting.append(f"{handler}/{name}: {', '.join(late)} at the next start")
        spec = _keeping(new_spec, old_spec, fixed)
        if spec != old_spec:
            changes.listeners.append(ListenerChange(handler, name, spec))
            changes.sentences += _differences(f"{handler}/{name}", old_spec, spec)


def _keeping(now: Any, was: msgspec.Struct, fields: tuple[str, ...] | list[str]) -> Any:
    return msgspec.structs.replace(now, **{key: getattr(was, key) for key in fields})


def _without_load(source: Source) -> Source:
    kept: Source = msgspec.structs.replace(source, load=_NO_LOAD)
    return kept


def _differences(who: str, was: msgspec.Struct, now: msgspec.Struct) -> list[str]:
    return [
        f"{who}: {key} {_words(getattr(was, key))} -> {_words(getattr(now, key))}"
        for key in was.__struct_fields__
        if getattr(was, key) != getattr(now, key)
    ]


def _words(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool | str):
        return str(value) or '""'
    if isinstance(value, tuple):
        return ", ".join(map(_words, value))
    if isinstance(value, float):
        return f"{value:,.6f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def load_words(load: Load) -> str:
    """A load in a few words, such as ``constant 5,000/s``."""
    words = [str(load.__struct_config__.tag)]
    words += [f"{name} {_words(getattr(load, name))}" for name in load.__struct_fields__ if name != "rate"]
    if (rate := getattr(load, "rate", None)) is not None:
        words.insert(1, f"{_words(rate)}/s")
    return " ".join(words)


_NO_LOAD = msgspec.convert({"shape": "max"}, Load)
