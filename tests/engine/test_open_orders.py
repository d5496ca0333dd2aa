"""The orders by which units open: at the endpoint of their plan, or where they were before their worker ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench_app.engine.open_orders import OpenOrders
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.ledger import TopicSpan
from bench_app.model import BenchSpec, TimelineStep
from bench_app.transport.stamp import Identity
from bench_app.transport.wire import join_token
from tests.engine.units import a_roster
from tests.runs import preset

BENCH = BenchSpec(duration_s=10.0, warmup_s=2.0)
ORDERS = OpenOrders(7, BENCH)


Units = tuple[HandlerState, list[ListenerState]]
TWO_LISTENERS = ({"name": "a"}, {"name": "b"})


def units(
    folder: Path,
    mode: str,
    uri: str = "zmq://tcp://127.0.0.1:*",
    listeners: Sequence[dict[str, str]] = TWO_LISTENERS,
) -> Units:
    raw = preset({"socket_type": "PUSH"}, uri=uri, handler={"mode": mode}, listeners=list(listeners))
    roster = a_roster(folder, raw)
    handler = roster.handlers["h"]
    return handler, roster.listeners_of(handler)


def test_a_handler_that_binds_gets_its_own_endpoint(tmp_path: Path) -> None:
    handler, listeners = units(tmp_path, "bind")
    order = ORDERS.open_handler(handler, listeners)
    assert (order.unit, order.bind, order.endpoints) == ("handler-1", True, ("tcp://127.0.0.1:*",))


def test_a_handler_that_binds_again_gets_the_port_that_its_peers_know(tmp_path: Path) -> None:
    handler, listeners = units(tmp_path, "bind")
    handler.endpoint = "tcp://127.0.0.1:6000"
    assert ORDERS.open_handler(handler, listeners).endpoints == ("tcp://127.0.0.1:6000",)


def test_a_handler_that_connects_gets_the_endpoints_of_the_listeners_that_are_open(tmp_path: Path) -> None:
    handler, listeners = units(tmp_path, "connect")
    for listener, port in zip(listeners, (6001, 6002), strict=True):
        listener.endpoint = f"tcp://127.0.0.1:{port}"
    assert ORDERS.open_handler(handler, listeners).endpoints == ("tcp://127.0.0.1:6001", "tcp://127.0.0.1:6002")
    listeners[0].endpoint = ""
    assert ORDERS.open_handler(handler, listeners).endpoints == ("tcp://127.0.0.1:6002",)


def test_a_handler_without_an_open_listener_gets_the_endpoint_of_its_plan(tmp_path: Path) -> None:
    handler, _ = units(tmp_path, "connect", uri="zmq://tcp://127.0.0.1:6003", listeners=[])
    assert ORDERS.open_handler(handler, []).endpoints == ("tcp://127.0.0.1:6003",)


def test_a_listener_elsewhere_is_no_endpoint_of_its_handler(tmp_path: Path) -> None:
    elsewhere = {"name": "b", "endpoint": "bind:tcp://127.0.0.1:6005"}
    handler, listeners = units(
        tmp_path, "connect", uri="zmq://tcp://127.0.0.1:6004", listeners=[{"name": "a"}, elsewhere]
    )
    for listener in listeners:
        listener.endpoint = str(listener.plan.endpoint)
    assert ORDERS.open_handler(handler, listeners).endpoints == ("tcp://127.0.0.1:6004",)


def test_an_order_for_a_handler_has_what_its_run_and_its_state_say(tmp_path: Path) -> None:
    handler, listeners = units(tmp_path, "bind")
    handler.spans, handler.restarts, handler.load_changed = (TopicSpan("t", 5),), 2, True
    order = ORDERS.open_handler(handler, listeners)
    assert (order.run, order.handler, order.peers_expected) == (7, 1, 2)
    assert (order.spans, order.incarnation, order.load_changed) == ((TopicSpan("t", 5),), 2, True)
    assert order.join_tokens == tuple(join_token(Identity(7, 1), index) for index in range(2))
    assert order.counters_file == str(handler.counters_file)


def test_a_handler_that_joined_late_gets_the_time_that_is_left(tmp_path: Path) -> None:
    handler, listeners = units(tmp_path, "bind")
    order = ORDERS.open_handler(handler, listeners)
    assert (order.duration_ns, order.warmup_ns) == (10 * NS_PER_S, 2 * NS_PER_S)
    handler.joined_s = 3.0
    order = ORDERS.open_handler(handler, listeners)
    assert (order.duration_ns, order.warmup_ns) == (7 * NS_PER_S, 0)
    handler.joined_s = 11.0
    assert ORDERS.open_handler(handler, listeners).duration_ns == 0


@pytest.mark.parametrize(
    ("socket_type", "names", "shares"), [("PUSH", "ab", True), ("PUSH", "a", False), ("PUB", "ab", False)]
)
def test_a_listener_knows_whether_it_shares_the_messages(
    socket_type: str, names: str, shares: bool, tmp_path: Path
) -> None:
    listeners = [{"name": name} for name in names]
    roster = a_roster(tmp_path, preset({"socket_type": socket_type}, listeners=listeners))
    orders = [ORDERS.open_listener(one, 0) for one in roster.listeners.values()]
    assert [order.shares_messages for order in orders] == [shares] * len(names)


def test_a_listener_that_connects_goes_where_its_handler_is(tmp_path: Path) -> None:
    handler, (listener, other) = units(tmp_path, "bind")
    handler.endpoint = "tcp://127.0.0.1:6006"
    order = ORDERS.open_listener(listener, not_before_ns=9)
    assert (order.unit, order.bind, order.endpoint) == ("handler-1/listener-1", False, "tcp://127.0.0.1:6006")
    assert (order.not_before_ns, order.warmup_ns, order.incarnation) == (9, 2 * NS_PER_S, 0)
    assert order.join_token != ORDERS.open_listener(other, 9).join_token
    assert order.seed != ORDERS.open_listener(other, 9).seed


def test_a_listener_that_connects_again_follows_a_handler_that_has_moved(tmp_path: Path) -> None:
    handler, (listener, _) = units(tmp_path, "bind")
    listener.endpoint, handler.endpoint = "tcp://127.0.0.1:6006", "tcp://127.0.0.1:6007"
    assert ORDERS.open_listener(listener, 0).endpoint == "tcp://127.0.0.1:6007"


def test_a_listener_that_binds_again_gets_the_port_that_its_handler_knows(tmp_path: Path) -> None:
    _, (listener, _) = units(tmp_path, "connect")
    assert ORDERS.open_listener(listener, 0).endpoint == "tcp://127.0.0.1:*"
    listener.endpoint, listener.restarts = "tcp://127.0.0.1:6008", 1
    order = ORDERS.open_listener(listener, 0)
    assert (order.bind, order.endpoint, order.incarnation) == (True, "tcp://127.0.0.1:6008", 1)


def test_a_handler_that_opens_after_the_duration_was_changed_gets_the_new_one(tmp_path: Path) -> None:
    handler, listeners = units(tmp_path, "bind")
    orders = OpenOrders(7, BENCH)
    orders.change_duration(25.0)
    assert orders.open_handler(handler, listeners).duration_ns == 25 * NS_PER_S
    handler.joined_s = 4.0
    assert orders.open_handler(handler, listeners).duration_ns == 21 * NS_PER_S


def test_units_that_a_timeline_acts_on_poll_often(tmp_path: Path) -> None:
    handler, listeners = units(tmp_path, "bind")
    assert not ORDERS.open_handler(handler, listeners).polls_often
    orders = OpenOrders(7, BenchSpec(duration_s=10.0, timeline=(TimelineStep(at_s=1, caption="x"),)))
    assert orders.open_handler(handler, listeners).polls_often and orders.open_listener(listeners[0], 0).polls_often
