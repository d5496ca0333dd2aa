"""From one document to the next while it runs: what changes at once, what begins anew, and what waits for the next
start. Pure.

Most keys change a handler or a listener that goes on. What decides who is in the run and which unit is which (socket
type, sink, source, stamp, side, who listens to what) cannot change in one set of books: the handler ends as at the
end of a run and a successor of the same name takes its place, each with books of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from bench_app.model import HandlerBench, HandlerSpec, ListenerSpec, Load, Preset
from bench_app.model.socket_options import CONNECTION_KEYS, LISTENER_CONNECTION_KEYS
from bench_app.preset.defaults import handler_bench, listener_names, listeners_of, sources_of
from bench_app.transport.endpoint import parse_uri

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
    """What to send to whom, and who leaves, joins, or is succeeded by a handler of the same name."""

    handlers: list[HandlerChange] = field(default_factory=list)
    listeners: list[ListenerChange] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    joining: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """Sentences on what a run under way does not take over."""
    sentences: list[str] = field(default_factory=list)
    """What changed, for the events and the plots' markers."""

    def applied_to(self, old: Preset, new: Preset) -> Preset:
        """The preset as it runs once these changes from ``old`` to ``new`` are made."""
        changed = {(one.handler, one.name): one.spec for one in self.listeners}
        listeners = {name: listeners_of(new, name) for name in new.output.handlers}
        for name in set(_enabled(old)) & set(_enabled(new)) - set(self.renewed):
            # Whoever goes on keeps what waits.
            listeners[name] = tuple(changed.get((name, str(one.name)), one) for one in listeners_of(old, name))
        bench = msgspec.structs.replace(
            new.bench, listeners=listeners, duration_s=old.bench.duration_s, warmup_s=old.bench.warmup_s
        )
        return msgspec.structs.replace(new, bench=bench)


def changes_between(old: Preset, new: Preset) -> Changes:
    """What has to be done so that a run of ``old`` becomes, as far as it can, one of ``new``."""
    changes = Changes()
    before, after = _enabled(old), _enabled(new)
    for name in [name for name in before if name not in after]:
        changes.leaving.append(name)
        changes.sentences.append(f"{name} leaves the run")
    for name in [name for name in after if name not in before]:
        changes.joining.append(name)
        changes.sentences.append(f"{name} joins the run")
    for name in [name for name in before if name in after]:
        reasons = _reasons_to_begin_anew(name, old, new)
        if reasons:
            changes.renewed.append(name)
            changes.sentences.append(f"{name} begins anew with new books: {'; '.join(reasons)}")
        else:
            _compare_handler(changes, name, old, new)
            _compare_listeners(changes, name, old, new)
    if (old.bench.duration_s, old.bench.warmup_s) != (new.bench.duration_s, new.bench.warmup_s):
        changes.waiting.append("duration and warm-up take effect at the next start")
    return changes


def _enabled(preset: Preset) -> dict[str, HandlerSpec]:
    return {name: spec for name, spec in preset.output.handlers.items() if spec.enabled}


def _reasons_to_begin_anew(name: str, old: Preset, new: Preset) -> list[str]:
    was, now = old.output.handlers[name], new.output.handlers[name]
    reasons = []
    if was.config.socket_type != now.config.socket_type:
        reasons.append(f"socket_type {was.config.socket_type} -> {now.config.socket_type}")
    # The two sides of inproc live in one process, those of all else in two.
    if was.uri != now.uri and "inproc" in {parse_uri(was.uri).transport, parse_uri(now.uri).transport}:
        reasons.append(f"uri {was.uri} -> {now.uri}")
    if was.sink != now.sink:
        reasons.append(f"sink {was.sink} -> {now.sink}")
    reasons += _names_of_differences(handler_bench(old, name), handler_bench(new, name), CONNECTION_KEYS)
    source_was, source_now = sources_of(old)[was.sink], sources_of(new)[now.sink]
    if was.sink == now.sink and type(source_was) is not type(source_now):
        reasons.append("another kind of source")
    elif was.sink == now.sink:
        reasons += _names_of_differences(source_was, source_now, ("load",))
    return reasons + _listeners_to_begin_anew(name, old, new)


def _listeners_to_begin_anew(handler: str, old: Preset, new: Preset) -> list[str]:
    was = {str(spec.name): spec for spec in listeners_of(old, handler)}
    now = {str(spec.name): spec for spec in listeners_of(new, handler)}
    reasons = [f"listener {name} leaves" for name in was if name not in now]
    reasons += [f"listener {name} joins" for name in now if name not in was]
    following = _following(new, handler)
    for name in [name for name in was if name in now]:
        live = (*_LIVE_LISTENER, "topics") if name in following else _LIVE_LISTENER
        reasons += [f"{name}: {words}" for words in _names_of_differences(was[name], now[name], live)]
    return reasons


def _following(preset: Preset, handler: str) -> set[str]:
    """Listeners without topics of their own: a handler's topic changes at once, and they stay where they are."""
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
            changes.sentences.append(f"{name}: uri {was.uri} -> {now.uri}")
        changes.sentences += _differences(name, was.config, now.config) + _differences(name, bench_was, bench_now)
        if load is not None:
            changes.sentences.append(f"{name}: load {load_words(load_was)} -> {load_words(load)}")


def _compare_listeners(changes: Changes, handler: str, old: Preset, new: Preset) -> None:
    was = {str(spec.name): spec for spec in listeners_of(old, handler)}
    for now in listeners_of(new, handler):
        name = str(now.name)
        if was[name].topics != now.topics:
            changes.waiting.append(f"{handler}/{name}: topics at the next start")
        spec = msgspec.structs.replace(now, topics=was[name].topics)
        if spec != was[name]:
            changes.listeners.append(ListenerChange(handler, name, spec))
            changes.sentences += _differences(f"{handler}/{name}", was[name], spec)


def _differences(who: str, was: msgspec.Struct, now: msgspec.Struct) -> list[str]:
    return [
        f"{who}: {key} {_words(getattr(was, key))} -> {_words(getattr(now, key))}"
        for key in was.__struct_fields__
        if getattr(was, key) != getattr(now, key)
    ]


def _names_of_differences(was: msgspec.Struct, now: msgspec.Struct, live: tuple[str, ...]) -> list[str]:
    """The keys that differ, but for those that are taken over by what goes on."""
    return [key for key in was.__struct_fields__ if key not in live and getattr(was, key) != getattr(now, key)]


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
