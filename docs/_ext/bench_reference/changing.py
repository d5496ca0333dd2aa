"""What a change of each key does to a run under way, asked of the code that decides it in a run.

For every key a preset is made in which that key alone has another value; ``changes_between`` then says whether a run
takes it over. So nothing here has to be kept in step by hand.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

from bench_app.engine.changes import Changes, changes_between
from bench_app.model import (
    BenchSpec,
    HandlerBench,
    HandlerConfig,
    HandlerSpec,
    ListenerSpec,
    OutputSpec,
    Preset,
    ReplaySource,
    SyntheticSource,
)
from bench_app.model.socket_options import LISTENER_RECREATING, RECREATING

LIVE = "at once"
RECREATES = "at once, recreates the socket"
BEGINS_ANEW = "at once, begins anew"
NEXT_START = "at the next start"
NO_PART = "-"

_HANDLER, _SINK = "handler", "events"
# With topics of its own, or a change of the handler's topic would be one of the listener, too.
_LISTENER = ListenerSpec(name="listener", topics=("",))
_URIS = ("zmq://tcp://127.0.0.1:5555", "zmq://tcp://127.0.0.1:5556")


def effect(struct: type[msgspec.Struct], key: str) -> str:
    """When a run under way takes over a change of this key of this spec."""
    found = {_effect(was, now, key) for was, now in _pairs(struct, key)}
    # A change that a run takes over in part waits for the next start with the rest.
    return next(word for word in (NEXT_START, BEGINS_ANEW, RECREATES, LIVE, NO_PART) if word in found)


def _effect(was: Preset, now: Preset, key: str) -> str:
    changes = changes_between(was, now)
    if changes.waiting:
        return NEXT_START
    if changes.renewed or changes.leaving or changes.joining:
        return BEGINS_ANEW
    if _recreates(changes, key):
        return RECREATES
    return LIVE if changes.handlers or changes.listeners else NO_PART


def _recreates(changes: Changes, key: str) -> bool:
    moves = any(change.spec.uri != _URIS[0] for change in changes.handlers)
    return (
        moves or bool(changes.handlers and key in RECREATING) or bool(changes.listeners and key in LISTENER_RECREATING)
    )


def _pairs(struct: type[msgspec.Struct], key: str) -> list[tuple[Preset, Preset]]:
    """Presets before and after: one pair, or one for each kind of source that has the key."""
    if struct is HandlerConfig:
        return [(_preset(), _preset(handler=HandlerSpec(uri=_URIS[0], config=_changed(HandlerConfig(), key))))]
    if struct is HandlerSpec:
        return [(_preset(), _preset(handler=_changed(HandlerSpec(uri=_URIS[0]), key)))]
    if struct is HandlerBench:
        return [(_preset(), _preset(bench=_changed(HandlerBench(), key)))]
    if struct is ListenerSpec:
        return [(_preset(), _preset(listener=_changed(_LISTENER, key)))]
    if struct in (SyntheticSource, ReplaySource):
        source = SyntheticSource() if struct is SyntheticSource else ReplaySource(path="events.jsonl")
        return [(_preset(source=source), _preset(source=_changed(source, key)))]
    if struct is BenchSpec:
        return [_with_bench(key)]
    if struct.__struct_config__.tag_field == "shape":
        load = _any_of(struct)
        return [(_with_load(load), _with_load(_changed(load, key)))]
    if struct.__struct_config__.tag_field == "distribution":
        size = _any_of(struct)
        was, now = (SyntheticSource(size=one) for one in (size, _changed(size, key)))
        return [(_preset(source=was), _preset(source=now))]
    return [(_preset(), _preset())]


def _preset(
    handler: HandlerSpec | None = None,
    bench: HandlerBench | None = None,
    listener: ListenerSpec = _LISTENER,
    source: Any = None,
) -> Preset:
    handler = handler or HandlerSpec(uri=_URIS[0])
    return Preset(
        output=OutputSpec(handlers={_HANDLER: handler}),
        bench=BenchSpec(
            sources={_SINK: source or SyntheticSource()},
            handlers={_HANDLER: bench or HandlerBench()},
            listeners={_HANDLER: (listener,)},
        ),
    )


def _with_load(load: Any) -> Preset:
    return _preset(source=SyntheticSource(load=load))


def _with_bench(key: str) -> tuple[Preset, Preset]:
    was = _preset()
    given = getattr(was.bench, key)
    if isinstance(given, dict):
        # What is in it has its own key here; as a whole it makes another handler of it.
        return was, _preset(bench=HandlerBench(paired=False))
    changed = msgspec.structs.replace(was.bench, **{key: _other(_type_of(BenchSpec, key), given)})
    return was, msgspec.structs.replace(was, bench=changed)


def _changed(spec: Any, key: str) -> Any:
    was = getattr(spec, key)
    now = _URIS[1] if key == "uri" else _other(_type_of(type(spec), key), was)
    return msgspec.structs.replace(spec, **{key: now})


def _type_of(struct: type[msgspec.Struct], key: str) -> inspect.Type:
    described = inspect.type_info(struct)
    assert isinstance(described, inspect.StructType)
    return next(field.type for field in described.fields if field.encode_name == key)


def _any_of(struct: type[msgspec.Struct]) -> Any:
    described = inspect.type_info(struct)
    assert isinstance(described, inspect.StructType)
    return struct(**{field.name: _other(field.type, None) for field in described.fields if field.required})


def _other(node: inspect.Type, but: Any) -> Any:
    """Some value of the type, another one than ``but``. Ranges do not matter here, only that it differs."""
    match node:
        case inspect.Metadata():
            return _other(node.type, but)
        case inspect.BoolType():
            return not but
        case inspect.IntType() | inspect.FloatType():
            return but + 1 if isinstance(but, int | float) else 1
        case inspect.StrType():
            return f"{but or ''}x"
        case inspect.LiteralType():
            return next(value for value in node.values if value != but)
        case inspect.DictType():
            return {"x": 1}
        case inspect.VarTupleType():
            return (*(but or ()), _other(node.item_type, None))
        case inspect.TupleType():
            return tuple(_other(item, None) for item in node.item_types)
        case inspect.StructType():
            made = _any_of(node.cls)
            return made if made != but else _changed(made, node.cls.__struct_fields__[0])
        case inspect.UnionType():
            return next(_other(one, but) for one in node.types if not isinstance(one, inspect.NoneType))
    raise TypeError(f"no type of a preset: {node}")
