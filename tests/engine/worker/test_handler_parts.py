"""The parts of a handler, made from its order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.data_plane.plane import find_plane
from bench_app.engine.worker import handler_parts
from bench_app.engine.worker.handler_parts import HandlerParts
from bench_app.errors import EngineError
from bench_app.handlers.compiled_core import CompiledCore
from bench_app.handlers.core import HandlerCore
from bench_app.handlers.headed_body import FramedBody, PathBody
from bench_app.handlers.pub import PublisherCore
from bench_app.handlers.req import RequestCore
from bench_app.measure.counters import HandlerSlot, MappedCounters
from bench_app.measure.ledger import TopicSpan
from bench_app.measure.samples import NoSamples
from bench_app.model import ConstantLoad, HandlerBench, Load, RecordedLoad, ReplaySource, SocketType
from bench_app.transport.socket_trace import SocketTrace
from tests.compiled import compiled
from tests.engine.worker.handler_bench import handler_order


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as context:
        yield context


@pytest.mark.parametrize(
    ("socket_type", "core", "topic"),
    [("PUB", PublisherCore, "t"), ("PUSH", HandlerCore, None), ("REQ", RequestCore, None)],
)
def test_each_kind_has_its_core_and_only_a_publisher_a_topic(
    tmp_path: Path,
    context: zmq.Context[zmq.Socket[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    socket_type: SocketType,
    core: type[HandlerCore],
    topic: str | None,
) -> None:
    monkeypatch.setattr(handler_parts, "active", lambda: find_plane("python"))
    parts = HandlerParts(handler_order(tmp_path, socket_type), context, SocketTrace(None))
    assert type(parts.core) is core
    assert parts.port.topic == topic
    assert parts.core.config is parts.order.spec.config
    assert parts.accepted == 0


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
def test_on_the_compiled_plane_each_kind_has_a_compiled_core(
    tmp_path: Path, context: zmq.Context[zmq.Socket[bytes]], socket_type: SocketType
) -> None:
    compiled("sending")
    parts = HandlerParts(handler_order(tmp_path, socket_type), context, SocketTrace(None))
    assert isinstance(parts.core, CompiledCore)
    assert parts.port.topic == ("t" if socket_type == "PUB" else None)
    assert parts.core.config is parts.order.spec.config
    assert parts.lateness is parts.core.sender.lateness


@pytest.mark.parametrize("load", [RecordedLoad(), ConstantLoad(rate=1)])
@pytest.mark.parametrize("plane", ["python", "compiled"])
def test_a_recording_and_topics_of_events_have_their_ports_on_both_planes(
    tmp_path: Path,
    context: zmq.Context[zmq.Socket[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    plane: PlaneName,
    load: Load,
) -> None:
    if plane == "compiled":
        compiled("sending")
    monkeypatch.setattr(handler_parts, "active", lambda: find_plane(plane))
    recording = ReplaySource(path="a.jsonl", format="recording", time_field="received_ns", load=load)
    parts = HandlerParts(handler_order(tmp_path, "PUB", source=recording), context, SocketTrace(None))
    assert isinstance(parts.core, CompiledCore) == (plane == "compiled")
    assert isinstance(parts.port.render(b"{}"), FramedBody)
    assert isinstance(parts.fidelity, NoSamples) == isinstance(load, ConstantLoad)
    by_topic = ReplaySource(path="a.jsonl", topic_field="a", load=load)
    parts = HandlerParts(handler_order(tmp_path, "PUB", source=by_topic), context, SocketTrace(None))
    assert isinstance(parts.core, CompiledCore) == (plane == "compiled")
    assert isinstance(parts.port.render(b"{}"), PathBody)
    assert isinstance(parts.fidelity, NoSamples)
    parts = HandlerParts(handler_order(tmp_path, "PUSH", source=by_topic), context, SocketTrace(None))
    assert not isinstance(parts.port.render(b"{}"), PathBody)


def test_a_joined_topic_counts_one_byte_more(tmp_path: Path, context: zmq.Context[zmq.Socket[bytes]]) -> None:
    for framing, overhead in (("frames", 1), ("joined", 2)):
        bench = HandlerBench(framing=framing)  # type: ignore[arg-type]
        parts = HandlerParts(handler_order(tmp_path, "PUB", bench=bench), context, SocketTrace(None))
        assert parts.port.overhead == overhead


def test_its_counters_and_its_spans_go_on_from_those_of_the_order(
    tmp_path: Path, context: zmq.Context[zmq.Socket[bytes]]
) -> None:
    spans = (TopicSpan(topic="a", first=1), TopicSpan(topic="b", first=9))
    order = handler_order(tmp_path, "PUB", spans=spans)
    with MappedCounters(Path(order.counters_file), HandlerSlot) as counters:
        counters.slots[HandlerSlot.ACCEPTED] = 12
    parts = HandlerParts(order, context, SocketTrace(None))
    assert parts.spans == list(spans)
    assert parts.accepted == 12
    assert HandlerParts(handler_order(tmp_path), context, SocketTrace(None)).spans == [TopicSpan(topic="t", first=1)]


def test_a_missing_counters_file_is_an_error(tmp_path: Path, context: zmq.Context[zmq.Socket[bytes]]) -> None:
    with pytest.raises(EngineError):
        HandlerParts(handler_order(tmp_path, counters_file=str(tmp_path / "missing")), context, SocketTrace(None))
