"""Fills in what a preset leaves out: a source for every sink, the bench part of a handler, its paired listeners."""

from __future__ import annotations

import msgspec

from bench_app.model import (
    PATTERNS,
    ConstantLoad,
    HandlerBench,
    ListenerSpec,
    Preset,
    ReplaySource,
    SocketType,
    Source,
    SyntheticSource,
)
from bench_app.sources.synthetic import event_for_sink
from bench_app.transport.endpoint import Endpoint, binds, on_loopback, parse_uri

DEFAULT_RATE = 1000


def sources_of(preset: Preset) -> dict[str, Source]:
    """The source of every sink with an enabled handler; by default synthetic events that suit the sink's name.

    A replay whose events name their sink is also the source of each sink without a source of its own.
    """
    sinks = dict.fromkeys(handler.sink for handler in preset.output.handlers.values() if handler.enabled)
    sources = preset.bench.sources
    shared = next((each for each in sources.values() if isinstance(each, ReplaySource) and each.sink_field), None)
    return {sink: sources.get(sink) or shared or default_source(sink) for sink in sinks}


def default_source(sink: str) -> Source:
    """Synthetic events that suit the sink's name, 1000 a second at even intervals."""
    return SyntheticSource(event=event_for_sink(sink), load=ConstantLoad(rate=DEFAULT_RATE))


def handler_bench(preset: Preset, handler_name: str) -> HandlerBench:
    """The keys that the bench adds to a handler: those of the preset, otherwise the defaults."""
    return preset.bench.handlers.get(handler_name, HandlerBench())


def listeners_of(preset: Preset, handler_name: str) -> tuple[ListenerSpec, ...]:
    """The listeners that run with a handler, with every name and topic filled in.

    A paired handler without an entry in ``bench.listeners`` gets one listener. A handler that is not paired
    leaves its endpoint to the user's consumer, so only listeners run that have an ``endpoint`` of their own, or that
    count the ``receipts`` of the user's consumer.
    """
    config = preset.output.handlers[handler_name].config
    paired = handler_bench(preset, handler_name).paired
    given = preset.bench.listeners.get(handler_name, (ListenerSpec(),) if paired else ())
    names = listener_names(given, config.socket_type)
    return tuple(
        msgspec.structs.replace(
            listener, name=name, topics=(config.topic,) if listener.topics is None else listener.topics
        )
        for listener, name in zip(given, names, strict=True)
        if paired or has_own_endpoint(listener)
    )


def bench_endpoint(preset: Preset, handler_name: str) -> tuple[Endpoint, bool]:
    """The endpoint of a handler on the bench, and whether the handler binds there.

    Only ``paired: false`` opens a handler to the network. A paired handler stays on loopback, even without listeners.
    """
    spec, bench = preset.output.handlers[handler_name], handler_bench(preset, handler_name)
    wanted, listeners = parse_uri(spec.uri), listeners_of(preset, handler_name)
    replaces = bench.paired and (not listeners or not all(map(has_own_endpoint, listeners)))
    return on_loopback(wanted) if replaces else wanted, binds(wanted, bench.mode, spec.config.socket_type)


def has_own_endpoint(listener: ListenerSpec) -> bool:
    """Whether a listener is not at the other side of its handler's endpoint."""
    return listener.endpoint is not None or listener.receipts is not None


def listener_names(listeners: tuple[ListenerSpec, ...], socket_type: SocketType) -> tuple[str, ...]:
    """Each listener's name in the ledger: its own, or its socket type and its number, as in ``sub-1``.

    A user's own consumer, which is counted by its receipts, is ``consumer-1``.
    """
    kind = PATTERNS[socket_type].listener_type.lower()
    kinds = ("consumer" if listener.receipts else kind for listener in listeners)
    return tuple(
        listener.name or f"{name}-{number}"
        for number, (listener, name) in enumerate(zip(listeners, kinds, strict=True), 1)
    )
