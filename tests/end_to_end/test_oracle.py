"""The ledger compared with an oracle that counts every message with plain pyzmq, and loses some on purpose."""

from __future__ import annotations

import re
import socket as sockets
from typing import Any

import pytest

from bench_app.data_plane.choice import PLANE_VARIABLE
from bench_app.engine.session import Session
from tests.relay import Relay
from tests.runs import Run, assert_balanced, preset, run, until


def free_port() -> int:
    """A free port. PUB handlers bind, so the relay must know the port beforehand."""
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_through(relay: Relay, socket_type: str, **more: Any) -> Run:
    config = {"socket_type": socket_type, "topic": "t" if socket_type == "PUB" else "", **more.pop("config", {})}
    listeners = [{"name": "l", "endpoint": f"connect:{relay.listener_endpoint}", **more.pop("listener", {})}]
    mode = "bind" if socket_type == "PUB" else "connect"
    handler = {"paired": False, "mode": mode}
    finished = run(preset(config, uri=f"zmq://{relay.endpoint}", handler=handler, listeners=listeners, **more))
    assert_balanced(finished.result)
    return finished


@pytest.fixture
def python_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers run their loops in Python; without it on the fastest plane that they can use."""
    monkeypatch.setenv(PLANE_VARIABLE, "python")


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
@pytest.mark.parametrize("every", [0, 2, 7], ids=["nothing lost", "every second", "every seventh"])
def test_one_way_messages_lost_on_the_way(socket_type: str, every: int) -> None:
    check_one_way(socket_type, every)


@pytest.mark.usefixtures("python_plane")
def test_one_way_messages_lost_on_the_way_to_loops_in_python() -> None:
    finished = check_one_way("PUSH", every=7)
    assert finished.result.machine.data_plane == "python"


def check_one_way(socket_type: str, every: int) -> Run:
    upstream = f"tcp://127.0.0.1:{free_port()}" if socket_type == "PUB" else "tcp://127.0.0.1:*"
    with Relay(socket_type, upstream, drops=lambda number: bool(every) and number % every == 0) as relay:
        finished = run_through(relay, socket_type)
    handler = finished.handler()
    assert handler.accepted == relay.came.total() == 1000
    assert handler.listeners["l"].received == relay.passed.total()
    assert handler.lost == relay.came.total() - relay.passed.total()
    return finished


def test_lost_messages_at_the_end_are_counted_without_a_gap() -> None:
    with Relay("PUSH", drops=lambda number: number > 400) as relay:
        handler = run_through(relay, "PUSH").handler()
    assert handler.accepted == relay.came.total() == 1000
    assert (handler.listeners["l"].received, handler.lost) == (400, 600)


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
def test_a_relay_that_stands_still_at_the_end_loses_nothing_within_the_linger(socket_type: str) -> None:
    upstream = f"tcp://127.0.0.1:{free_port()}" if socket_type == "PUB" else "tcp://127.0.0.1:*"
    with Relay(socket_type, upstream, rests_s=lambda number: 2.5 if number == 700 else 0.0) as relay:
        finished = run_through(relay, socket_type, config={"linger": 60_000})
    handler = finished.handler()
    assert handler.accepted == handler.listeners["l"].received == 1000
    assert handler.lost == 0
    assert not [note for note in finished.result.notes if "outstanding" in note]


def test_a_note_says_that_counting_stopped_while_messages_were_outstanding() -> None:
    with Relay("PUSH", drops=lambda number: number > 400) as relay:
        finished = run_through(relay, "PUSH", config={"linger": 400})
    assert finished.handler().lost == 600
    (note,) = [note for note in finished.result.notes if "outstanding" in note]
    assert re.fullmatch(r"h: silent for \d+\.\d s with 600 outstanding when counting stopped; they count as lost", note)


def test_lost_is_exactly_the_events_that_the_oracle_did_not_receive() -> None:
    with Relay("PUB", f"tcp://127.0.0.1:{free_port()}") as relay:
        source = {
            "kind": "synthetic",
            "size": 50_000,
            "pool": 8,
            "load": {"shape": "burst", "rate": 1e6, "events": 2000, "every_s": 1},
        }
        handler = run_through(relay, "PUB", source=source, config={"high_water_mark": 5, "queue_size": 5000}).handler()
    assert handler.offered == 2000
    assert handler.accepted > relay.came.total()
    assert handler.listeners["l"].received == relay.came.total() == len(relay.came)
    assert handler.lost == handler.accepted - relay.came.total() > 0


@pytest.mark.parametrize("plane", ["fastest", "python"])
def test_lost_requests_and_lost_replies_are_retried_and_counted(plane: str, request: pytest.FixtureRequest) -> None:
    if plane == "python":
        request.getfixturevalue("python_plane")
    with Relay("REQ", drops_reply=lambda count: count % 4 == 0) as relay:
        config = {"request_timeout": 300, "retries": 2, "linger": 20_000}
        handler = run_through(relay, "REQ", config=config, rate=40).handler()
    assert handler.accepted == len(relay.came) == 20
    assert handler.retries == relay.came.total() - len(relay.came) > 0
    assert handler.replied == relay.replies_passed
    listener = handler.listeners["l"]
    assert (listener.received, listener.duplicates) == (len(relay.came), handler.retries)
    assert listener.service_us.count == listener.response_us.count == len(relay.came)


def test_requests_that_never_arrive_time_out() -> None:
    with Relay("REQ", drops=lambda number: number % 5 == 0) as relay:
        config = {"request_timeout": 300, "retries": 1, "linger": 20_000}
        handler = run_through(relay, "REQ", config=config, rate=40).handler()
    lost = [number for number in relay.came if number % 5 == 0]
    assert handler.request_timeout == len(lost) == 4
    assert all(relay.came[number] == 2 for number in lost)
    assert handler.replied == relay.replies_passed == 16


def through_sharing(relay: Relay, **more: Any) -> dict[str, Any]:
    """A preset in which two listeners share the messages of a relay."""
    listeners = [{"name": name, "endpoint": f"connect:{relay.listener_endpoint}"} for name in ("a", "b")]
    handler = {"paired": False, "mode": "connect", "start_gate": False}
    return preset({"socket_type": "PUSH"}, uri=f"zmq://{relay.endpoint}", handler=handler, listeners=listeners, **more)


@pytest.mark.parametrize(("drops", "repeats"), [(10, 10), (0, 3), (4, 0)])
def test_push_losses_and_messages_that_both_listeners_received_do_not_hide_each_other(drops: int, repeats: int) -> None:
    """The relay has the messages go to the listeners in turn, so a message that it sends twice goes to both."""
    with Relay(
        "PUSH",
        drops=lambda number: bool(drops) and number % drops == 0,
        repeats=lambda number: bool(repeats) and number % repeats == 1,
    ) as relay:
        finished = run(through_sharing(relay))
    assert_balanced(finished.result)
    handler = finished.handler()
    assert handler.accepted == relay.came.total() == 1000
    assert handler.lost == 1000 - len(relay.passed)
    assert sum(one.received for one in handler.listeners.values()) == len(relay.passed)
    repeated = relay.passed.total() - len(relay.passed)
    assert sum(one.duplicates for one in handler.listeners.values()) == repeated
    assert bool(repeated) == bool(repeats)
    # Both listeners received most of the repeated messages, and each of them measured what it received.
    own = [one.counts.received for one in finished.session.listeners.values()]
    assert (sum(own) > len(relay.passed)) == bool(repeats)
    for title, listener in finished.session.listeners.items():
        result = handler.listeners[listener.plan.name]
        at_both = listener.counts.received - result.received
        assert result.service_us.count == result.response_us.count == result.received + at_both
        said = f"h/{listener.plan.name}: another listener received {at_both:,} of its messages as well: they count as"
        assert any(note.startswith(said) for note in finished.result.notes) == bool(at_both), title


def test_when_a_killed_listener_took_its_numbers_along_a_note_says_so() -> None:
    async def kill(session: Session) -> None:
        a, b = session.listeners.values()
        await until(lambda: a.counts.received > 50 and b.counts.received > 50)
        session.kill_unit(a)

    with Relay("PUSH", drops=lambda number: number % 10 == 0, repeats=lambda number: number % 10 == 1) as relay:
        finished = run(through_sharing(relay, duration_s=2), kill)
    assert_balanced(finished.result)
    assert finished.handler().accepted == relay.came.total() == 4000
    assert any("h: the sequence numbers of a were lost" in note for note in finished.result.notes)
