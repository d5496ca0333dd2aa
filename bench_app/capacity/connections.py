"""The connections of a preset whose capacity can be measured: preset -> **connections** -> measurement. Pure.

Each connection has the figures that are known before any socket is opened: its high-water marks, its rate, and, if it
has no limit, the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bench_app.capacity.figures import ConnectionCapacity, rate_of
from bench_app.capacity.places import Place, reopening_step
from bench_app.engine.plan import HandlerPlan, make_plan
from bench_app.errors import InputError
from bench_app.model import ListenerSpec, OutputSpec, Preset
from bench_app.model.keys import keys_of
from bench_app.model.patterns import PATTERNS
from bench_app.preset.documents import Document

LIBZMQ_MARK = 1000
"""libzmq's default high-water mark. A socket has it if no other mark was set in time."""


@dataclass(frozen=True)
class Connection:
    """One connection of a handler, or several to listeners with the same socket settings.

    Attributes:
        handler: the plan of the handler in a run, as if the handler were alone and enabled.
        listener: the socket settings of the listeners.
        known: the figures so far. The verdict is *by_design* or *unlimited* if there is nothing to measure.
    """

    handler: HandlerPlan
    listener: ListenerSpec
    known: ConnectionCapacity

    @property
    def is_measurable(self) -> bool:
        """Whether filling the connection can find its capacity."""
        return self.known.verdict != "by_design" and not self.known.reason


def connections_of(document: Document, handler: str | None) -> list[Connection]:
    """The connections of one handler, or of each enabled handler; raises InputError if no handler has the name."""
    plans = [_plan(document.preset, name) for name in _handler_names(document, handler)]
    return [_connection(plan, names, spec) for plan in plans for names, spec in _by_socket_settings(plan)]


def _handler_names(document: Document, wanted: str | None) -> list[str]:
    handlers = document.preset.output.handlers
    if wanted is None:
        enabled = [name for name, spec in handlers.items() if spec.enabled]
        if not enabled:
            raise InputError(f"{document.name} has no enabled handler; --handler NAME measures a disabled one")
        return enabled
    if wanted not in handlers:
        raise InputError(f"{document.name} has no handler “{wanted}”: it has {', '.join(handlers)}")
    return [wanted]


def _plan(preset: Preset, name: str) -> HandlerPlan:
    spec = msgspec.structs.replace(preset.output.handlers[name], enabled=True)
    return make_plan(msgspec.structs.replace(preset, output=OutputSpec(handlers={name: spec}))).handlers[0]


def _by_socket_settings(plan: HandlerPlan) -> list[tuple[list[str], ListenerSpec]]:
    """The listeners grouped by equal socket settings: the names of each group, and its settings.

    A handler without listeners sends to the user's own consumer. That consumer is assumed to have libzmq's defaults.
    """
    names: dict[ListenerSpec, list[str]] = {}
    for listener in plan.listeners:
        names.setdefault(_socket_settings(listener.spec), []).append(listener.name)
    topics = (plan.spec.config.topic,)
    return [(same, spec) for spec, same in names.items()] or [([], ListenerSpec(topics=topics))]


def _socket_settings(spec: ListenerSpec) -> ListenerSpec:
    """The spec with the default for every key that sets neither a socket option nor a subscription."""
    others = {key.name: key.default for key in keys_of(ListenerSpec) if key.info.zmq is None and key.name != "topics"}
    return msgspec.structs.replace(spec, **others)


def _connection(plan: HandlerPlan, names: list[str], listener: ListenerSpec) -> Connection:
    config = plan.spec.config
    pattern = PATTERNS[config.socket_type]
    send_mark = LIBZMQ_MARK if _is_mark_too_late(plan) else config.high_water_mark
    known = ConnectionCapacity(
        handler=plan.name,
        listeners=names,
        socket_type=config.socket_type,
        transport=plan.endpoint.transport,
        verdict="unlimited",
        messages=None,
        received=0,
        message_bytes=0.0,
        queue_size=config.queue_size,
        send_timeout=config.send_timeout,
        send_high_water_mark=send_mark,
        receive_high_water_mark=listener.high_water_mark,
        places=[],
        rate=_rate(plan),
        fills_in_s=None,
        step=0 if plan.is_inproc else reopening_step(send_mark),
        drops=pattern.drops_when_full and not plan.bench.no_drop,
        notes=_notes(plan, names),
    )
    if pattern.gets_replies:
        only = Place(place="between", holds="the request that waits for its reply", messages=1, basis="inferred")
        known = msgspec.structs.replace(known, verdict="by_design", messages=1, places=[only], step=0)
    elif why := _why_unlimited(plan, listener, send_mark):
        known = msgspec.structs.replace(known, reason=why, step=0)
    return Connection(plan, listener, known)


def _rate(plan: HandlerPlan) -> float | None:
    rate = rate_of(plan.source.load)
    if rate is None or PATTERNS[plan.spec.config.socket_type].each_gets_all:
        return rate
    # Listeners that share the events get them in turn, so each gets an equal part of the rate.
    return rate / max(1, len(plan.listeners))


def _why_unlimited(plan: HandlerPlan, listener: ListenerSpec, send_mark: int) -> str:
    config = plan.spec.config
    if plan.bench.conflate or listener.conflate:
        return "conflate keeps one message and replaces it by the next"
    if send_mark == 0:
        return "the handler's high_water_mark is 0, which is no limit: messages wait until memory is full"
    if listener.high_water_mark == 0:
        return "the listener's high_water_mark is 0, which is no limit: messages wait in it until memory is full"
    if PATTERNS[config.socket_type].sends_topic:
        topic = config.topic.encode()
        if not any(topic.startswith(wanted.encode()) for wanted in listener.topics or ("",)):
            return f"this listener does not subscribe to the handler's topic “{config.topic}”"
    return ""


def _is_mark_too_late(plan: HandlerPlan) -> bool:
    """Whether the handler's mark is set too late to have an effect.

    The pipes of a bound socket get the mark that the socket had at the bind. The pipe of a connecting socket takes a
    new mark at any time.
    """
    return plan.bench.high_water_mark_set == "after" and plan.bind


def _notes(plan: HandlerPlan, names: list[str]) -> list[str]:
    notes = []
    bench = plan.bench
    if not names:
        notes.append(f"the consumer is not the bench's: assumed to have a high-water mark of {LIBZMQ_MARK:,}")
    if any(listener.has_own_endpoint for listener in plan.listeners if listener.name in names):
        notes.append("measured as if the listener were connected to the handler directly")
    if _is_mark_too_late(plan):
        notes.append(f"high_water_mark_set is after: the mark is set too late, and libzmq's {LIBZMQ_MARK:,} holds")
    if bench.heartbeat_interval:
        notes.append("measured without heartbeats, which would disconnect a stalled consumer")
    if PATTERNS[plan.spec.config.socket_type].drops_when_full and not bench.no_drop:
        notes.append(
            "measured with XPUB_NODROP, under which the socket refuses the message that it would otherwise drop"
        )
    return notes
