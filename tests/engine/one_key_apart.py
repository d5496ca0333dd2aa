"""Pairs of presets that differ in one key alone, for every key of every spec, so that the effect of it can be asked."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

from bench_app.model import (
    BenchSpec,
    HandlerBench,
    HandlerConfig,
    HandlerSpec,
    ListenerSpec,
    OutputSpec,
    Preset,
    ReplaySource,
    SchemaSource,
    SyntheticSource,
    TimelineStep,
)
from bench_app.model.keys import key_of, keys_of

_HANDLER, _SINK = "handler", "events"
# With topics of its own, or a change of the handler's topic would change the listener, too.
_LISTENER = ListenerSpec(name="listener", topics=("",))
_URIS = ("zmq://tcp://127.0.0.1:5555", "zmq://tcp://127.0.0.1:5556")
_HANDLER_SPEC = HandlerSpec(uri=_URIS[0])
_BENCH = HandlerBench()
_SOURCE = SyntheticSource()


def presets_that_differ_in(spec: type[msgspec.Struct], key: str) -> tuple[Preset, Preset]:
    """A preset, and the same preset with another value for one key of one spec."""
    was = _instance(spec)
    return _preset_with(was), _preset_with(_changed(was, key))


def _instance(spec: type[msgspec.Struct]) -> Any:
    if spec is HandlerSpec:
        return _HANDLER_SPEC
    if spec is ListenerSpec:
        return _LISTENER
    return _preset().bench if spec is BenchSpec else _made(spec)


def _preset_with(instance: Any) -> Preset:
    match instance:
        case HandlerConfig():
            return _preset(handler=msgspec.structs.replace(_HANDLER_SPEC, config=instance))
        case HandlerSpec():
            return _preset(handler=instance)
        case HandlerBench():
            return _preset(bench=instance)
        case ListenerSpec():
            return _preset(listener=instance)
        case SyntheticSource() | ReplaySource() | SchemaSource():
            return _preset(source=instance)
        case TimelineStep():
            return _preset_with(msgspec.structs.replace(_preset().bench, timeline=(instance,)))
        case BenchSpec():
            return msgspec.structs.replace(_preset(), bench=instance)
    tag_field = instance.__struct_config__.tag_field
    return _preset(source=SyntheticSource(**{"load" if tag_field == "shape" else "size": instance}))


def _preset(
    handler: HandlerSpec = _HANDLER_SPEC,
    bench: HandlerBench = _BENCH,
    listener: ListenerSpec = _LISTENER,
    source: Any = _SOURCE,
) -> Preset:
    return Preset(
        output=OutputSpec(handlers={_HANDLER: handler}),
        bench=BenchSpec(sources={_SINK: source}, handlers={_HANDLER: bench}, listeners={_HANDLER: (listener,)}),
    )


def _changed(spec: Any, key: str) -> Any:
    now = _URIS[1] if key == "uri" else _another(key_of(type(spec), key).type, getattr(spec, key))
    return msgspec.structs.replace(spec, **{key: now})


def _made(spec: type[msgspec.Struct]) -> Any:
    return spec(**{key.name: _another(key.type, None) for key in keys_of(spec) if key.required})


def _another(node: inspect.Type, value: Any) -> Any:
    """Some value of the type that is not ``value``. It may be out of the type's range."""
    match node:
        case inspect.Metadata():
            return _another(node.type, value)
        case inspect.BoolType():
            return not value
        case inspect.IntType() | inspect.FloatType():
            return value + 1 if isinstance(value, int | float) else 1
        case inspect.StrType():
            return f"{value or ''}x"
        case inspect.LiteralType():
            return next(choice for choice in node.values if choice != value)
        case inspect.DictType():
            return {"x": 1}
        case inspect.VarTupleType():
            return (*(value or ()), _another(node.item_type, None))
        case inspect.TupleType():
            return tuple(_another(item, None) for item in node.item_types)
        case inspect.StructType():
            made = _made(node.cls)
            return made if made != value else _changed(made, node.cls.__struct_fields__[0])
        case inspect.UnionType():
            return next(_another(one, value) for one in node.types if not isinstance(one, inspect.NoneType))
    raise TypeError(f"no type of a preset: {node}")
