"""One suite over every socket pair and transport. A new pair subclasses PairSuite and adds its special tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench_app.data_plane.choice import PLANE_VARIABLE
from bench_app.data_plane.plane import active
from bench_app.engine.result import HandlerResult
from bench_app.model import PATTERNS, Pattern, SocketType
from tests.runs import TRANSPORTS, Run, assert_balanced, preset, run

IN_PYTHON = "tcp, in Python"
"""The loops in Python, over one transport. The other runs use the compiled loops where they are compiled."""


class PairSuite:
    """Tests for every pair."""

    socket_type: SocketType
    copies: int
    """How many of two listeners receive each message."""

    @property
    def pattern(self) -> Pattern:
        return PATTERNS[self.socket_type]

    @pytest.fixture(params=[*TRANSPORTS, IN_PYTHON])
    def uri(self, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        if request.param == IN_PYTHON:
            monkeypatch.setenv(PLANE_VARIABLE, "python")
        if request.param in ("tcp", IN_PYTHON):
            return "zmq://tcp://127.0.0.1:*"
        return f"zmq://ipc://{tmp_path}/s.ipc" if request.param == "ipc" else "zmq://inproc://pair"

    def config(self, **more: Any) -> dict[str, Any]:
        topic = "t.events" if self.pattern.sends_topic else ""
        # The linger gives a slow machine the time to send everything.
        return {"socket_type": self.socket_type, "topic": topic, "linger": 10_000, **more}

    def run(self, uri: str, **more: Any) -> Run:
        config = more.pop("config", {})
        finished = run(preset(self.config(**config), uri=uri, **more))
        assert_balanced(finished.result)
        return finished

    def run_ways(self, uri: str, ways: dict[str, Any], listeners: dict[str, Any]) -> Run:
        """One run with a handler for each way, each with an address and 500 events of its own."""
        raw = preset(self.config(), uri=uri, rate=500, duration_s=1.0)
        at = {name: uri if uri.endswith(":*") else f"{uri}-{name}" for name in ways}
        raw["output"]["handlers"] = {name: {"uri": at[name], "config": self.config()} for name in ways}
        raw["bench"] |= {"handlers": ways, "listeners": listeners}
        finished = run(raw)
        assert_balanced(finished.result)
        return finished

    def mode(self) -> dict[str, Any]:
        # With a wildcard port, mode auto would make every handler bind; set the side that its pattern uses.
        return {"mode": "bind" if self.pattern.handler_binds else "connect"}

    def test_everything_offered_arrives(self, uri: str) -> None:
        self.check_that_everything_arrives(uri)

    def check_that_everything_arrives(self, uri: str) -> HandlerResult:
        # On a busy machine a reply may take seconds. It is late then, and not lost.
        handler = self.run(uri, handler=self.mode(), config={"request_timeout": 60_000}).handler()
        assert handler.offered == handler.accepted == 1000
        (listener,) = handler.listeners.values()
        assert listener.received == 1000
        assert (handler.lost, listener.lost, listener.before_join, listener.duplicates) == (0, 0, 0, 0)
        assert listener.service_us.count == listener.response_us.count == handler.lateness_us.count == 1000
        assert 0 < listener.service_us.p50 <= listener.response_us.p50
        return handler

    @pytest.mark.usefixtures("few_workers")
    def test_the_other_side_may_bind_two_may_listen_and_the_stamp_may_be_elsewhere(self, uri: str) -> None:
        """One run for all, with a handler for each."""
        other_side = {"mode": "connect" if self.pattern.handler_binds else "bind"}
        ways = {
            "other_side": other_side,
            "two_listeners": self.mode(),
            "frame": {**self.mode(), "stamp": "frame"},
            "off": {**self.mode(), "stamp": "off"},
        }
        finished = self.run_ways(uri, ways, {"two_listeners": [{"name": "a"}, {"name": "b"}]})
        for name in ("other_side", "frame", "off"):
            handler = finished.handler(name)
            (listener,) = handler.listeners.values()
            assert listener.received == handler.accepted == 500
            assert listener.foreign == listener.malformed == 0
            assert listener.service_us.count == (0 if name == "off" else 500)
        received = {name: one.received for name, one in finished.handler("two_listeners").listeners.items()}
        assert sum(received.values()) == 500 * self.copies
        assert min(received.values()) >= 200

    def test_warm_up_is_in_the_ledger_only(self, uri: str) -> None:
        handler = self.run(uri, handler=self.mode(), warmup_s=0.2).handler()
        (listener,) = handler.listeners.values()
        assert listener.received == 1000
        assert listener.service_us.count == 600

    def test_a_stalled_listener_receives_all_events_in_the_end(self, uri: str) -> None:
        stalled = [{"name": "s", "stall": [0.1, 3600], "high_water_mark": 0}]
        config = {"high_water_mark": 0, "request_timeout": 60_000, "send_timeout": 60_000, "queue_size": 5000}
        handler = self.run(uri, handler=self.mode(), listeners=stalled, config=config).handler()
        assert handler.offered == 1000
        assert handler.listeners["s"].lost == handler.lost == 0


class TestPubSub(PairSuite):
    socket_type = "PUB"
    copies = 2

    def test_joined_framing(self, uri: str) -> None:
        handler = self.run(uri, handler={"framing": "joined"}).handler()
        (listener,) = handler.listeners.values()
        assert listener.received == listener.service_us.count == 1000

    @pytest.mark.usefixtures("few_workers")
    def test_topics_match_by_byte_prefix(self, uri: str) -> None:
        listeners = [
            {"name": "prefix", "topics": ["t.ev"]},
            {"name": "all", "topics": [""]},
            {"name": "longer", "topics": ["t.events.more"]},
            {"name": "two", "topics": ["x", "t"]},
        ]
        handler = self.run(uri, listeners=listeners).handler()
        received = {name: listener.received for name, listener in handler.listeners.items()}
        assert received == {"prefix": 1000, "all": 1000, "longer": 0, "two": 1000}
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

    def test_everything_offered_arrives(self, uri: str) -> None:
        handler = self.check_that_everything_arrives(uri)
        assert handler.replied == 1000
        assert handler.request_timeout == handler.retries == 0
        assert handler.round_trip_us is not None
        assert handler.round_trip_us.count == 1000
        assert handler.round_trip_us.p50 >= next(iter(handler.listeners.values())).service_us.p50

    def test_requests_whose_reply_is_dropped_are_sent_again(self, uri: str) -> None:
        dropping = [{"name": "d", "drop_replies": 0.3}]
        # So many retries that a listener without a processor for some seconds loses no request.
        config = {"request_timeout": 20, "retries": 500, "linger": 10_000}
        handler = self.run(uri, handler=self.mode(), listeners=dropping, config=config, rate=100).handler()
        assert handler.replied == handler.accepted == 50
        listener = handler.listeners["d"]
        assert handler.retries == listener.duplicates > 0
        assert listener.service_us.count == listener.response_us.count == listener.received == 50

    def test_requests_without_any_reply_time_out(self, uri: str) -> None:
        silent = [{"name": "s", "drop_replies": 1.0}]
        config = {"request_timeout": 30, "retries": 1, "linger": 0}
        handler = self.run(uri, handler=self.mode(), listeners=silent, config=config, rate=40).handler()
        assert handler.replied == 0
        assert handler.request_timeout == handler.accepted > 0
        assert handler.retries <= handler.request_timeout

    def test_error_replies_are_replies(self, uri: str) -> None:
        handler = self.run(uri, handler=self.mode(), listeners=[{"name": "e", "error_replies": 1.0}]).handler()
        assert handler.replied == 1000


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
