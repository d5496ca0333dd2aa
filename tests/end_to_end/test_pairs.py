"""One suite over every socket pair and transport. A new pair subclasses PairSuite and adds its special tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bench_app.data_plane.choice import PLANE_VARIABLE
from bench_app.data_plane.plane import active
from bench_app.model import PATTERNS, Pattern, SocketType
from tests.runs import TRANSPORTS, Run, assert_balanced, one_worker_a_side, preset, run

IN_PYTHON = "tcp, in Python"
"""The loops in Python, over one transport. The other runs use the compiled loops where they are compiled."""


EVENTS = 500
"""What each handler of a shared run offers."""


@dataclass(frozen=True)
class Way:
    """A handler of a shared run: its keys in the file of production and in the bench, and its listeners."""

    config: dict[str, Any] = field(default_factory=dict)
    handler: dict[str, Any] = field(default_factory=dict)
    listeners: list[dict[str, Any]] = field(default_factory=list)
    rate: float = 1000


@pytest.fixture(scope="class", params=[*TRANSPORTS, IN_PYTHON])
def uri(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An address of each transport; for :data:`IN_PYTHON` runs use the loops in Python."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == IN_PYTHON:
            patch.setenv(PLANE_VARIABLE, "python")
        if request.param in ("tcp", IN_PYTHON):
            yield "zmq://tcp://127.0.0.1:*"
        elif request.param == "ipc":
            yield f"zmq://ipc://{tmp_path_factory.mktemp('pair')}/s.ipc"
        else:
            yield "zmq://inproc://pair"


@pytest.fixture(scope="class")
def shared(request: pytest.FixtureRequest, uri: str) -> Run:
    """One run with a handler for each way of a suite. The tests look at a handler each."""
    suite = request.cls()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench_app.engine.starting.place", one_worker_a_side)
        return suite.run_ways(uri, suite.ways())


class PairSuite:
    """Tests for every pair."""

    socket_type: SocketType
    copies: int
    """How many of two listeners receive each message."""

    @property
    def pattern(self) -> Pattern:
        return PATTERNS[self.socket_type]

    def config(self, **more: Any) -> dict[str, Any]:
        topic = "t.events" if self.pattern.sends_topic else ""
        # The linger gives a slow machine the time to send everything.
        return {"socket_type": self.socket_type, "topic": topic, "linger": 10_000, **more}

    def run(self, uri: str, **more: Any) -> Run:
        config = more.pop("config", {})
        finished = run(preset(self.config(**config), uri=uri, **more))
        assert_balanced(finished.result)
        return finished

    def run_ways(self, uri: str, ways: dict[str, Way]) -> Run:
        """One run with a handler for each way, each with an address and a source of its own."""
        raw = preset(self.config(), uri=uri)
        at = {name: uri if uri.endswith(":*") else f"{uri}-{name}" for name in ways}
        raw["output"]["handlers"] = {
            name: {"uri": at[name], "sink": name, "config": self.config(**way.config)} for name, way in ways.items()
        }
        usual = raw["bench"]["sources"]["events"]
        raw["bench"] |= {
            "sources": {name: usual | {"load": {"shape": "constant", "rate": way.rate}} for name, way in ways.items()},
            "handlers": {name: way.handler for name, way in ways.items()},
            "listeners": {name: way.listeners for name, way in ways.items() if way.listeners},
        }
        finished = run(raw)
        assert_balanced(finished.result)
        return finished

    def mode(self) -> dict[str, Any]:
        # With a wildcard port, mode auto would make every handler bind; set the side that its pattern uses.
        return {"mode": "bind" if self.pattern.handler_binds else "connect"}

    def ways(self) -> dict[str, Way]:
        # On a busy machine a reply may take seconds. It is late then, and not lost.
        patient = {"request_timeout": 60_000}
        config = patient | {"high_water_mark": 0, "send_timeout": 60_000, "queue_size": 5000}
        return {
            "plain": Way(patient, self.mode()),
            "stalled": Way(config, self.mode(), [{"name": "s", "stall": [0.1, 3600], "high_water_mark": 0}]),
            "other_side": Way({}, {"mode": "connect" if self.pattern.handler_binds else "bind"}),
            "two_listeners": Way({}, self.mode(), [{"name": "a"}, {"name": "b"}]),
            "frame": Way({}, {**self.mode(), "stamp": "frame"}),
            "off": Way({}, {**self.mode(), "stamp": "off"}),
        }

    def test_everything_offered_arrives(self, shared: Run) -> None:
        handler = shared.handler("plain")
        assert handler.offered == handler.accepted == EVENTS
        (listener,) = handler.listeners.values()
        assert listener.received == EVENTS
        assert (handler.lost, listener.lost, listener.before_join, listener.duplicates) == (0, 0, 0, 0)
        assert listener.service_us.count == listener.response_us.count == handler.lateness_us.count == EVENTS
        assert 0 < listener.service_us.p50 <= listener.response_us.p50

    def test_the_other_side_may_bind_and_the_stamp_may_be_elsewhere(self, shared: Run) -> None:
        for name in ("other_side", "frame", "off"):
            handler = shared.handler(name)
            (listener,) = handler.listeners.values()
            assert listener.received == handler.accepted == EVENTS
            assert listener.foreign == listener.malformed == 0
            assert listener.service_us.count == (0 if name == "off" else EVENTS)

    def test_two_may_listen(self, shared: Run) -> None:
        received = {name: one.received for name, one in shared.handler("two_listeners").listeners.items()}
        assert sum(received.values()) == EVENTS * self.copies
        assert min(received.values()) >= 200

    def test_warm_up_is_in_the_ledger_only(self, uri: str) -> None:
        handler = self.run(uri, handler=self.mode(), warmup_s=0.2).handler()
        (listener,) = handler.listeners.values()
        assert listener.received == 1000
        assert listener.service_us.count == 600

    def test_a_stalled_listener_receives_all_events_in_the_end(self, shared: Run) -> None:
        handler = shared.handler("stalled")
        assert handler.offered == EVENTS
        assert handler.listeners["s"].lost == handler.lost == 0


class TestPubSub(PairSuite):
    socket_type = "PUB"
    copies = 2

    def ways(self) -> dict[str, Way]:
        by_topic = [
            {"name": "prefix", "topics": ["t.ev"]},
            {"name": "all", "topics": [""]},
            {"name": "longer", "topics": ["t.events.more"]},
            {"name": "two", "topics": ["x", "t"]},
        ]
        return super().ways() | {"joined": Way({}, {"framing": "joined"}), "topics": Way(listeners=by_topic)}

    def test_joined_framing(self, shared: Run) -> None:
        (listener,) = shared.handler("joined").listeners.values()
        assert listener.received == listener.service_us.count == EVENTS

    def test_topics_match_by_byte_prefix(self, shared: Run) -> None:
        handler = shared.handler("topics")
        received = {name: listener.received for name, listener in handler.listeners.items()}
        assert received == {"prefix": EVENTS, "all": EVENTS, "longer": 0, "two": EVENTS}
        assert handler.lost == 0

    def test_without_the_start_gate_the_first_messages_are_dropped(self, uri: str) -> None:
        # Without a mark, a subscriber that waits for a processor loses nothing of what it had joined for.
        config = {"high_water_mark": 0}
        listeners = [{"name": "sub", "high_water_mark": 0}]
        gate = {**self.mode(), "start_gate": False}
        handler = self.run(uri, handler=gate, rate=20_000, config=config, listeners=listeners).handler()
        (listener,) = handler.listeners.values()
        # An inproc subscriber may have subscribed before the first message.
        assert listener.before_join > 0 or "inproc" in uri
        assert listener.lost == 0

    def test_a_full_pipe_loses_events_without_an_error(self, uri: str) -> None:
        slow = [{"name": "slow", "high_water_mark": 10, "stall": [0, 3600]}, {"name": "fast"}]
        source = {"kind": "synthetic", "size": 20_000, "load": {"shape": "constant", "rate": 2000}}
        handler = self.run(uri, source=source, listeners=slow, config={"high_water_mark": 10}).handler()
        assert handler.accepted == 1000
        assert handler.listeners["slow"].lost > 0
        assert handler.lost == handler.listeners["slow"].lost + handler.listeners["fast"].lost


class TestPushPull(PairSuite):
    socket_type = "PUSH"
    copies = 1

    def test_a_full_socket_times_out_and_the_queue_overflows(self, uri: str) -> None:
        stalled = [{"name": "s", "high_water_mark": 1, "stall": [0, 3600]}]
        source = {"kind": "synthetic", "size": 200_000, "pool": 8, "load": {"shape": "constant", "rate": 1000}}
        config = {"high_water_mark": 1, "send_timeout": 10, "queue_size": 20}
        handler = self.run(uri, handler=self.mode(), source=source, listeners=stalled, config=config).handler()
        assert handler.send_timeout > 0
        assert handler.queue_overflow > 0
        assert handler.lost == 0


class TestReqRep(PairSuite):
    socket_type = "REQ"
    copies = 1

    def ways(self) -> dict[str, Way]:
        # So many retries that a listener without a processor for some seconds loses no request.
        again = {"request_timeout": 20, "retries": 500}
        once = {"request_timeout": 30, "retries": 1, "linger": 0}
        return super().ways() | {
            "dropping": Way(again, self.mode(), [{"name": "d", "drop_replies": 0.3}], rate=100),
            "silent": Way(once, self.mode(), [{"name": "s", "drop_replies": 1.0}], rate=40),
            "errors": Way({}, self.mode(), [{"name": "e", "error_replies": 1.0}]),
        }

    def test_every_request_gets_a_reply(self, shared: Run) -> None:
        handler = shared.handler("plain")
        assert handler.replied == EVENTS
        assert handler.request_timeout == handler.retries == 0
        assert handler.round_trip_us is not None
        assert handler.round_trip_us.count == EVENTS
        assert handler.round_trip_us.p50 >= next(iter(handler.listeners.values())).service_us.p50

    def test_requests_whose_reply_is_dropped_are_sent_again(self, shared: Run) -> None:
        handler = shared.handler("dropping")
        assert handler.replied == handler.accepted == 50
        listener = handler.listeners["d"]
        assert handler.retries == listener.duplicates > 0
        assert listener.service_us.count == listener.response_us.count == listener.received == 50

    def test_requests_without_any_reply_time_out(self, shared: Run) -> None:
        handler = shared.handler("silent")
        assert handler.replied == 0
        assert handler.request_timeout == handler.accepted > 0
        assert handler.retries <= handler.request_timeout

    def test_error_replies_are_replies(self, shared: Run) -> None:
        assert shared.handler("errors").replied == EVENTS


@pytest.mark.parametrize("name", ["compiled", "python"])
def test_a_run_uses_the_plane_that_was_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "compiled" and active().report.name != "compiled":
        pytest.skip(active().report.reason)
    monkeypatch.setenv(PLANE_VARIABLE, name)
    finished = run(preset({"socket_type": "PUSH"}, duration_s=0.3))
    assert finished.result.machine.data_plane == name


def test_the_control_channel_works_without_ipc() -> None:
    finished = run(preset({"socket_type": "PUSH"}), transport="tcp")
    assert_balanced(finished.result)
    assert finished.handler().listeners["pull-1"].received == 1000
