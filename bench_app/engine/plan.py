"""Preset -> **plan**: which units a run has, where they bind or connect, and which of them share a worker. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from bench_app.model import HandlerBench, HandlerSpec, ListenerSpec, ListenerType, Pattern, Preset, ReplaySource, Source
from bench_app.preset.defaults import (
    bench_endpoint,
    handler_bench,
    has_own_endpoint,
    listener_names,
    listeners_of,
    sources_of,
)
from bench_app.transport.endpoint import Endpoint, parse_listener_endpoint, parse_receipts_endpoint, parse_uri

WORKERS_A_SIDE = 8
"""Up to this many handlers, and up to this many listeners, have a process each."""
SHARED_WORKERS_A_SIDE = 2
"""More handlers share this many processes, and so do more listeners: each event of a sink wakes all of them. Four
processes on two processors delivered a fifth less than two. A machine with more processors has use for one process
each."""


@dataclass(frozen=True)
class ListenerPlan:
    """One listener.

    Attributes:
        handler: the name of its handler in the preset.
        index: its position among the handler's listeners, from 0.
        name: its name.
        unit: its name in messages.
        listener_type: the type of its socket.
        spec: its spec.
        endpoint: where it binds, or connects to; None if it connects to the endpoint where its handler is bound.
        bind: whether it binds.
        has_own_endpoint: its spec names an endpoint. Otherwise it is the other side of its handler's endpoint.
    """

    handler: str
    index: int
    name: str
    unit: str
    listener_type: ListenerType
    spec: ListenerSpec
    endpoint: Endpoint | None
    bind: bool
    has_own_endpoint: bool

    @property
    def is_open_to_network(self) -> bool:
        """Whether other machines can connect to it."""
        return self.bind and self.endpoint is not None and self.endpoint.is_open_to_network

    @property
    def counts_receipts(self) -> bool:
        """Whether it counts the receipts of a user's own consumer, and receives no messages."""
        return self.spec.receipts is not None


@dataclass(frozen=True)
class HandlerPlan:
    """One handler with its source and its listeners.

    Attributes:
        name: its name in the preset.
        number: its number in the run, which stamps carry.
        unit: its name in messages.
        spec: its spec.
        bench: what the bench adds to its spec.
        source: the source of its events.
        endpoint: where it binds, or connects to.
        bind: whether it binds.
        replaced: the address in the preset that ``endpoint`` replaces; "" if both are the same.
        listeners: its listeners, in the order of the preset.
    """

    name: str
    number: int
    unit: str
    spec: HandlerSpec
    bench: HandlerBench
    source: Source
    endpoint: Endpoint
    bind: bool
    replaced: str
    listeners: tuple[ListenerPlan, ...]

    @property
    def is_open_to_network(self) -> bool:
        """Whether other machines can connect to it."""
        return self.bind and self.endpoint.is_open_to_network

    @property
    def pattern(self) -> Pattern:
        """How the handler's messages are delivered."""
        return self.spec.config.pattern

    @property
    def is_inproc(self) -> bool:
        """True for inproc: handler and listeners share a context, and so a process."""
        return self.endpoint.transport == "inproc"

    @property
    def expected_peers(self) -> int:
        """How many connections the start gate waits for; for a PUB, how many subscriptions.

        It does not wait for a user's own consumer, with receipts or without.
        """
        awaited = [listener for listener in self.listeners if not listener.counts_receipts]
        direct = sum(not listener.has_own_endpoint for listener in awaited)
        return direct if direct or not awaited else 1


@dataclass(frozen=True)
class Plan:
    """All handlers of a run with their listeners. ``workers`` are the units of each worker process."""

    handlers: tuple[HandlerPlan, ...]
    workers: tuple[tuple[str, ...], ...]


def make_plan(preset: Preset, processors: int = 1) -> Plan:
    """Plan a run of all enabled handlers on a machine with this many processors."""
    enabled = [name for name, spec in preset.output.handlers.items() if spec.enabled]
    handlers = plan_handlers(preset, {name: number for number, name in enumerate(enabled, 1)})
    return Plan(handlers, place(handlers, processors))


def plan_handlers(
    preset: Preset,
    numbers: Mapping[str, int],
    others: Iterable[HandlerPlan] = (),
    resolve: Callable[[Source], Source] = lambda source: source,
) -> tuple[HandlerPlan, ...]:
    """Plan the handlers that ``numbers`` has a number for.

    ``others`` are handlers that run already. ``resolve`` gives the format of a source whose file decides it.
    """
    sources = {sink: resolve(source) for sink, source in sources_of(preset).items()}
    specs = {name: preset.output.handlers[name] for name in numbers}
    handlers = tuple(
        _plan_handler(preset, numbers[name], name, spec, sources[spec.sink]) for name, spec in specs.items()
    )
    return _separate_endpoints(handlers, others)


def _separate_endpoints(handlers: tuple[HandlerPlan, ...], others: Iterable[HandlerPlan]) -> tuple[HandlerPlan, ...]:
    """Give each handler whose listeners bind an address of its own.

    In production, handlers may share a consumer, or have the same port on different hosts. On the bench each handler
    has its own listeners, all on one host, and only one socket can listen at an address.
    """
    taken = {str(h.endpoint) for h in handlers if h.bind}
    taken |= {str(h.endpoint) for h in others if h.bind or _has_binding_listener(h)}
    separated = []
    # A handler with an address of this machine keeps it. An address that replaces another host is moved first.
    for handler in sorted(handlers, key=lambda h: bool(h.replaced)):
        if _has_binding_listener(handler):
            if str(handler.endpoint) in taken:
                handler = _move(handler, _nth_endpoint(handler.endpoint, handler.number + 1))
            taken.add(str(handler.endpoint))
        separated.append(handler)
    return tuple(sorted(separated, key=lambda h: h.number))


def _has_binding_listener(handler: HandlerPlan) -> bool:
    return any(listener.bind and not listener.has_own_endpoint for listener in handler.listeners)


def _move(handler: HandlerPlan, endpoint: Endpoint) -> HandlerPlan:
    """The handler at another endpoint, with the listeners that were to bind at the old one."""
    listeners = tuple(
        replace(one, endpoint=endpoint) if one.endpoint == handler.endpoint and not one.has_own_endpoint else one
        for one in handler.listeners
    )
    replaced = handler.replaced or str(handler.endpoint)
    return replace(handler, endpoint=endpoint, replaced=replaced, listeners=listeners)


def _plan_handler(preset: Preset, number: int, name: str, spec: HandlerSpec, source: Source) -> HandlerPlan:
    bench = handler_bench(preset, name)
    listeners = listeners_of(preset, name)
    if isinstance(source, ReplaySource) and source.format == "recording":
        bench, listeners = _for_recording(bench, listeners, preset.bench.listeners.get(name, ()))
    wanted = parse_uri(spec.uri)
    endpoint, bind = bench_endpoint(preset, name)
    unit = f"handler-{number}"
    return HandlerPlan(
        name=name,
        number=number,
        unit=unit,
        spec=spec,
        bench=bench,
        source=source,
        endpoint=endpoint,
        bind=bind,
        replaced="" if endpoint == wanted else str(wanted),
        listeners=_plan_listeners(name, unit, spec, listeners, endpoint, bind),
    )


def _for_recording(
    bench: HandlerBench, listeners: tuple[ListenerSpec, ...], given: tuple[ListenerSpec, ...]
) -> tuple[HandlerBench, tuple[ListenerSpec, ...]]:
    """Recorded messages are sent as they were: with their own topics, and without a stamp in their body."""
    if bench.stamp == "field":
        bench = msgspec.structs.replace(bench, stamp="off")
    # ``given`` has the topics that the user named. It is empty, or as long as ``listeners``.
    named = [spec.topics for spec in given] or [None] * len(listeners)
    if len(named) != len(listeners):
        return bench, listeners
    return bench, tuple(
        listener if topics is not None else msgspec.structs.replace(listener, topics=("",))
        for listener, topics in zip(listeners, named, strict=True)
    )


def _plan_listeners(
    handler: str,
    unit: str,
    spec: HandlerSpec,
    listeners: tuple[ListenerSpec, ...],
    endpoint: Endpoint,
    handler_binds: bool,
) -> tuple[ListenerPlan, ...]:
    listener_type = spec.config.pattern.listener_type
    names = listener_names(listeners, spec.config.socket_type)
    plans = []
    at_endpoint = 0
    for index, listener in enumerate(listeners):
        own_endpoint: Endpoint | None = None
        bind = not handler_binds
        if listener.receipts is not None:
            own_endpoint, bind = parse_receipts_endpoint(listener.receipts), True
        elif listener.endpoint is not None:
            own_endpoint, given_bind = parse_listener_endpoint(listener.endpoint)
            bind = bind if given_bind is None else given_bind
        elif bind:
            at_endpoint += 1
            own_endpoint = _nth_endpoint(endpoint, at_endpoint)
        plans.append(
            ListenerPlan(
                handler=handler,
                index=index,
                name=listener.name or names[index],
                unit=f"{unit}/listener-{index + 1}",
                listener_type=listener_type,
                spec=listener,
                endpoint=own_endpoint,
                bind=bind,
                has_own_endpoint=has_own_endpoint(listener),
            )
        )
    return tuple(plans)


def _nth_endpoint(endpoint: Endpoint, number: int) -> Endpoint:
    """The address of the n-th listener that binds. Only the first one can have the handler's address."""
    if number == 1:
        return endpoint
    if endpoint.transport == "tcp":
        return msgspec.structs.replace(endpoint, port=None)
    return msgspec.structs.replace(endpoint, address=f"{endpoint.address}-{number}")


def place(handlers: Sequence[HandlerPlan], processors: int) -> tuple[tuple[str, ...], ...]:
    """The units of each worker. A handler and its listeners are in different workers, unless they use inproc.

    So a handler and its listeners cannot slow each other down, and a crash ends only one side. A listener that spins
    takes a whole processor, so it shares a worker at most with others that spin.
    """
    pairs = [(h.unit, *(listener.unit for listener in h.listeners)) for h in handlers if h.is_inproc]
    remote = [h for h in handlers if not h.is_inproc]
    handler_units = [h.unit for h in remote]
    listeners = [listener for h in remote for listener in h.listeners]
    spinning = [listener.unit for listener in listeners if listener.spec.wait == "spin"]
    sleeping = [listener.unit for listener in listeners if listener.spec.wait != "spin"]
    sides = (handler_units, sleeping, spinning)
    return (*pairs, *(group for units in sides for group in _distribute(units, processors)))


def _distribute(units: list[str], processors: int) -> list[tuple[str, ...]]:
    """Give each worker every n-th unit, where n is the number of workers."""
    groups: dict[int, list[str]] = defaultdict(list)
    workers = WORKERS_A_SIDE if len(units) <= WORKERS_A_SIDE else max(SHARED_WORKERS_A_SIDE, processors)
    for index, unit in enumerate(units):
        groups[index % workers].append(unit)
    return [tuple(group) for group in groups.values()]
