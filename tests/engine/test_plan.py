"""The plan of a run: which unit binds where, which addresses replace other hosts, and which units share a process."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.plan import WORKERS_A_SIDE, HandlerPlan, ListenerPlan, Plan, make_plan
from bench_app.preset import documents

Raw = dict[str, Any]


def handler(uri: str, socket_type: str = "PUSH", **more: Any) -> Raw:
    return {"uri": f"zmq://{uri}", "config": {"socket_type": socket_type}, **more}


def plan_of(
    handlers: dict[str, Raw], listeners: dict[str, list[Raw]] | None = None, bench: dict[str, Raw] | None = None
) -> Plan:
    section = {"version": 1, "listeners": listeners or {}, "handlers": bench or {}}
    document = documents.parse({"output": {"handlers": handlers}, "bench": section}, "test")
    return make_plan(document.preset)


def plan_one(
    uri: str, socket_type: str = "PUSH", listeners: list[Raw] | None = None, bench: Raw | None = None
) -> HandlerPlan:
    given_listeners = {} if listeners is None else {"h": listeners}
    plan = plan_of({"h": handler(uri, socket_type)}, given_listeners, {"h": bench} if bench else {})
    (planned,) = plan.handlers
    return planned


def endpoints(planned: HandlerPlan) -> list[str | None]:
    return [None if listener.endpoint is None else str(listener.endpoint) for listener in planned.listeners]


def units_of(plan: Plan) -> list[str]:
    return [unit for worker in plan.workers for unit in worker]


def is_listener(unit: str) -> bool:
    return "/" in unit


@pytest.mark.parametrize(
    ("uri", "at", "replaced", "bind"),
    [
        ("tcp://work-queue:5556", "tcp://127.0.0.1:5556", "tcp://work-queue:5556", False),
        ("tcp://10.1.2.3:5556", "tcp://127.0.0.1:5556", "tcp://10.1.2.3:5556", False),
        ("tcp://[2001:db8::1]:5556", "tcp://127.0.0.1:5556", "tcp://[2001:db8::1]:5556", False),
        ("tcp://localhost:5556", "tcp://127.0.0.1:5556", "tcp://localhost:5556", False),
        ("tcp://127.0.0.1:5556", "tcp://127.0.0.1:5556", "", False),
        ("tcp://127.0.0.2:5556", "tcp://127.0.0.2:5556", "", False),
        ("tcp://*:5556", "tcp://127.0.0.1:5556", "tcp://*:5556", True),
        ("tcp://0.0.0.0:*", "tcp://127.0.0.1:*", "tcp://0.0.0.0:*", True),
        ("ipc:///tmp/a.ipc", "ipc:///tmp/a.ipc", "", False),
        ("inproc://a", "inproc://a", "", False),
    ],
)
def test_another_host_is_replaced_by_loopback(uri: str, at: str, replaced: str, bind: bool) -> None:
    planned = plan_one(uri)
    assert (str(planned.endpoint), planned.replaced, planned.bind) == (at, replaced, bind)
    assert endpoints(planned) == [None if bind else at]
    assert [listener.bind for listener in planned.listeners] == [not bind]


@pytest.mark.parametrize("uri", ["tcp://work-queue:5556", "tcp://*:5556"])
def test_an_endpoint_that_is_not_paired_is_left_alone(uri: str) -> None:
    planned = plan_one(uri, bench={"paired": False})
    assert (str(planned.endpoint), planned.replaced) == (uri, "")
    assert planned.listeners == ()
    assert planned.expected_peers == 0


def test_an_unpaired_handler_keeps_its_listeners_elsewhere() -> None:
    elsewhere = [{"endpoint": "connect:tcp://proxy:6000"}, {}]
    planned = plan_one("tcp://work-queue:5556", listeners=elsewhere, bench={"paired": False})
    assert (str(planned.endpoint), planned.replaced) == ("tcp://work-queue:5556", "")
    assert endpoints(planned) == ["tcp://proxy:6000"]
    assert planned.expected_peers == 1


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("tcp://work-queue:5556", ["tcp://127.0.0.1:5556", "tcp://127.0.0.1:*", "tcp://127.0.0.1:*"]),
        ("ipc:///tmp/a.ipc", ["ipc:///tmp/a.ipc", "ipc:///tmp/a.ipc-2", "ipc:///tmp/a.ipc-3"]),
        ("ipc://@abstract", ["ipc://@abstract", "ipc://@abstract-2", "ipc://@abstract-3"]),
        ("inproc://a", ["inproc://a", "inproc://a-2", "inproc://a-3"]),
    ],
)
def test_only_the_first_of_several_binding_listeners_has_the_handlers_address(uri: str, expected: list[str]) -> None:
    planned = plan_one(uri, listeners=[{}, {}, {}])
    assert endpoints(planned) == expected
    assert all(listener.bind for listener in planned.listeners)
    assert planned.expected_peers == 3


def test_listeners_of_a_binding_handler_all_connect_wherever_it_is() -> None:
    planned = plan_one("tcp://*:5556", "PUB", [{}, {}, {}])
    assert planned.bind
    assert [(listener.bind, listener.endpoint) for listener in planned.listeners] == [(False, None)] * 3


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
@pytest.mark.parametrize("uri", ["ipc:///tmp/a.ipc", "inproc://a"])
def test_pub_binds_where_push_and_req_connect(uri: str, socket_type: str) -> None:
    assert plan_one(uri, socket_type).bind is (socket_type == "PUB")


@pytest.mark.parametrize("mode", ["bind", "connect"])
@pytest.mark.parametrize("uri", ["tcp://work-queue:5556", "tcp://*:5556", "ipc:///tmp/a.ipc", "inproc://a"])
def test_the_mode_overrides_who_binds(uri: str, mode: str) -> None:
    planned = plan_one(uri, bench={"mode": mode})
    assert planned.bind is (mode == "bind")
    assert [listener.bind for listener in planned.listeners] == [mode == "connect"]


@pytest.mark.parametrize("bench", [{"paired": False}, {}])
def test_an_own_consumer_with_receipts_is_not_awaited_and_its_receipts_are_bound(bench: dict[str, Any]) -> None:
    planned = plan_one("tcp://*:5556", "PUB", [{"receipts": "tcp://127.0.0.1:5599"}], bench)
    (listener,) = planned.listeners
    assert (listener.name, str(listener.endpoint), listener.bind) == ("consumer-1", "tcp://127.0.0.1:5599", True)
    assert listener.counts_receipts
    assert listener.has_own_endpoint
    assert planned.expected_peers == 0


@pytest.mark.parametrize(
    ("text", "at", "binds"),
    [
        ("bind:tcp://127.0.0.1:6000", "tcp://127.0.0.1:6000", True),
        ("connect:tcp://proxy:6000", "tcp://proxy:6000", False),
        ("bind:zmq://ipc:///tmp/b.ipc", "ipc:///tmp/b.ipc", True),
        ("tcp://127.0.0.1:6000", "tcp://127.0.0.1:6000", None),
    ],
)
@pytest.mark.parametrize("uri", ["tcp://work-queue:5556", "tcp://*:5556"])
def test_a_listener_elsewhere_has_its_own_endpoint(uri: str, text: str, at: str, binds: bool | None) -> None:
    planned = plan_one(uri, listeners=[{"endpoint": text}])
    (listener,) = planned.listeners
    assert listener.has_own_endpoint
    assert str(listener.endpoint) == at
    assert listener.bind is (not planned.bind if binds is None else binds)
    assert planned.expected_peers == 1


def test_a_handler_whose_listeners_are_all_elsewhere_keeps_its_host() -> None:
    planned = plan_one("tcp://work-queue:5556", listeners=[{"endpoint": "connect:tcp://127.0.0.1:6000"}] * 2)
    assert (str(planned.endpoint), planned.replaced) == ("tcp://work-queue:5556", "")
    assert planned.expected_peers == 1


def test_a_listener_elsewhere_does_not_use_the_handlers_address() -> None:
    planned = plan_one("tcp://work-queue:5556", listeners=[{"endpoint": "connect:tcp://proxy:6000"}, {}, {}])
    assert planned.replaced == "tcp://work-queue:5556"
    assert endpoints(planned) == ["tcp://proxy:6000", "tcp://127.0.0.1:5556", "tcp://127.0.0.1:*"]
    assert planned.expected_peers == 2


@pytest.mark.parametrize(("socket_type", "kind"), [("PUB", "SUB"), ("PUSH", "PULL"), ("REQ", "REP")])
def test_listeners_have_the_kind_and_the_names_that_go_with_the_handler(socket_type: str, kind: str) -> None:
    planned = plan_one("tcp://*:5556", socket_type, [{}, {"name": "archive"}])
    assert [listener.listener_type for listener in planned.listeners] == [kind, kind]
    assert [listener.name for listener in planned.listeners] == [f"{kind.lower()}-1", "archive"]
    assert [listener.index for listener in planned.listeners] == [0, 1]
    assert {listener.handler for listener in planned.listeners} == {"h"}


def test_disabled_handlers_are_left_out() -> None:
    plan = plan_of(
        {
            "off": handler("tcp://*:5555", enabled=False, sink="nowhere"),
            "on": handler("tcp://*:5556"),
            "off-too": handler("inproc://a", enabled=False),
        }
    )
    assert [(h.name, h.number) for h in plan.handlers] == [("on", 1)]
    assert sorted(units_of(plan)) == ["handler-1", "handler-1/listener-1"]


def test_a_preset_with_all_handlers_disabled_has_an_empty_plan() -> None:
    plan = plan_of({"off": handler("tcp://*:5555", enabled=False)})
    assert plan == Plan((), ())


def test_handlers_of_one_sink_share_a_source() -> None:
    plan = plan_of({"a": handler("tcp://*:5555"), "b": handler("tcp://*:5556"), "c": handler("tcp://*:5557", sink="x")})
    first, second, third = (h.source for h in plan.handlers)
    assert first is second
    assert third is not first


class TestParting:
    """Hosts that differ in production may have the same port; on loopback they cannot."""

    def test_two_remote_hosts_with_one_port_get_different_addresses(self) -> None:
        plan = plan_of({"a": handler("tcp://alpha:5556"), "b": handler("tcp://beta:5556")})
        first, second = plan.handlers
        assert (str(first.endpoint), endpoints(first)) == ("tcp://127.0.0.1:5556", ["tcp://127.0.0.1:5556"])
        assert (str(second.endpoint), endpoints(second)) == ("tcp://127.0.0.1:*", ["tcp://127.0.0.1:*"])
        assert second.replaced == "tcp://beta:5556"

    @pytest.mark.parametrize("other", ["tcp://*:5556", "tcp://127.0.0.1:5556"])
    @pytest.mark.parametrize("other_first", [True, False])
    def test_a_local_address_takes_precedence_over_a_replaced_one(self, other: str, other_first: bool) -> None:
        handlers = {"here": handler(other), "there": handler("tcp://alpha:5556")}
        if not other_first:
            handlers = dict(reversed(handlers.items()))
        by_name = {h.name: h for h in plan_of(handlers).handlers}
        assert str(by_name["here"].endpoint) == "tcp://127.0.0.1:5556"
        assert str(by_name["there"].endpoint) == "tcp://127.0.0.1:*"

    def test_other_ports_stay(self) -> None:
        plan = plan_of({"a": handler("tcp://alpha:5556"), "b": handler("tcp://beta:5557")})
        assert [str(h.endpoint) for h in plan.handlers] == ["tcp://127.0.0.1:5556", "tcp://127.0.0.1:5557"]

    def test_a_host_that_is_not_replaced_keeps_its_address(self) -> None:
        unpaired = {"paired": False}
        plan = plan_of(
            {"a": handler("tcp://alpha:5556"), "b": handler("tcp://beta:5556")}, bench={"a": unpaired, "b": unpaired}
        )
        assert [str(h.endpoint) for h in plan.handlers] == ["tcp://alpha:5556", "tcp://beta:5556"]

    def test_a_listener_elsewhere_keeps_its_endpoint(self) -> None:
        at = "bind:tcp://127.0.0.1:5556"
        plan = plan_of(
            {"a": handler("tcp://alpha:5556"), "b": handler("tcp://beta:5556")}, {"b": [{"endpoint": at}, {}]}
        )
        assert endpoints(plan.handlers[1]) == ["tcp://127.0.0.1:5556", "tcp://127.0.0.1:*"]

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(5000, 5002), st.integers(1, 3)), max_size=8))
    def test_no_two_listeners_bind_the_same_port(self, wanted: list[tuple[str, int, int]]) -> None:
        names = [f"h{number}" for number in range(len(wanted))]
        plan = plan_of(
            {
                "bound": handler("tcp://*:5001"),
                **{name: handler(f"tcp://{host}:{port}") for name, (host, port, _) in zip(names, wanted, strict=True)},
            },
            {name: [{}] * listeners for name, (_, _, listeners) in zip(names, wanted, strict=True)},
        )
        bound = [str(h.endpoint) for h in plan.handlers if h.bind]
        bound += [str(p.endpoint) for h in plan.handlers for p in h.listeners if p.bind and p.endpoint]
        fixed = [endpoint for endpoint in bound if not endpoint.endswith(":*")]
        assert len(fixed) == len(set(fixed))


class TestWorkers:
    """Which units share a process."""

    def test_a_handler_and_its_listener_have_different_workers(self) -> None:
        plan = plan_of({"h": handler("tcp://*:5556")})
        assert plan.workers == (("handler-1",), ("handler-1/listener-1",))

    @pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
    def test_an_inproc_pair_shares_a_worker_with_no_other_unit(self, socket_type: str) -> None:
        plan = plan_of(
            {"a": handler("inproc://a", socket_type), "b": handler("inproc://b"), "c": handler("tcp://*:5556")},
            {"a": [{}, {}]},
        )
        assert [h.is_inproc for h in plan.handlers] == [True, True, False]
        assert plan.workers == (
            ("handler-1", "handler-1/listener-1", "handler-1/listener-2"),
            ("handler-2", "handler-2/listener-1"),
            ("handler-3",),
            ("handler-3/listener-1",),
        )

    @pytest.mark.parametrize(("handlers", "workers"), [(1, 1), (8, 8), (9, 2), (50, 2)])
    def test_few_units_have_a_worker_each_and_many_share_a_few(self, handlers: int, workers: int) -> None:
        plan = plan_of({f"h{number}": handler(f"tcp://*:{5000 + number}", "PUB") for number in range(handlers)})
        assert len(plan.workers) == 2 * workers
        assert len(units_of(plan)) == 2 * handlers
        sizes = {len(worker) for worker in plan.workers}
        assert max(sizes) - min(sizes) <= 1

    def test_a_listener_that_spins_shares_no_worker_with_one_that_sleeps(self) -> None:
        waits = ["spin", "block", "poll"] * 6
        plan = plan_of({"h": handler("tcp://*:5556", "PUB")}, {"h": [{"wait": wait} for wait in waits]})
        spinning = {f"handler-1/listener-{number}" for number, wait in enumerate(waits, 1) if wait == "spin"}
        assert Counter(units_of(plan)).total() == 1 + len(waits)
        with_spinning = [worker for worker in plan.workers if spinning & set(worker)]
        assert set().union(*with_spinning) == spinning
        assert len(with_spinning) == len(spinning), "each takes a whole processor"

    @given(st.lists(st.tuples(st.sampled_from(["tcp", "ipc", "inproc"]), st.integers(1, 12)), min_size=1, max_size=20))
    def test_every_unit_runs_once_and_never_beside_its_counterpart(self, wanted: list[tuple[str, int]]) -> None:
        addresses = {"tcp": "tcp://*:{}", "ipc": "ipc:///tmp/{}", "inproc": "inproc://{}"}
        plan = plan_of(
            {
                f"h{number}": handler(addresses[transport].format(6000 + number), "PUB")
                for number, (transport, _) in enumerate(wanted)
            },
            {f"h{number}": [{}] * listeners for number, (_, listeners) in enumerate(wanted)},
        )
        planned: list[HandlerPlan | ListenerPlan] = [*plan.handlers]
        planned += [listener for h in plan.handlers for listener in h.listeners]
        assert Counter(units_of(plan)) == Counter(unit.unit for unit in planned)
        local = {h.unit for h in plan.handlers if h.is_inproc}
        pairs = [worker for worker in plan.workers if worker[0] in local]
        shared = [worker for worker in plan.workers if worker[0] not in local]
        assert len(pairs) == len(local)
        for unit, *others in pairs:
            assert all(other.startswith(f"{unit}/") for other in others)
        assert all(len({is_listener(unit) for unit in worker}) == 1 for worker in shared)
        assert sum(is_listener(worker[0]) for worker in shared) <= WORKERS_A_SIDE
        assert sum(not is_listener(worker[0]) for worker in shared) <= WORKERS_A_SIDE


@pytest.mark.parametrize(("processors", "expected"), [(1, 2), (2, 2), (4, 4), (16, 16), (64, 24)])
def test_many_listeners_get_as_many_processes_as_the_machine_has_use_for(processors: int, expected: int) -> None:
    raw = {
        "output": {"handlers": {"h": handler("tcp://*:6000", "PUB")}},
        "bench": {"version": 1, "listeners": {"h": [{}] * 24}},
    }
    plan = make_plan(documents.parse(raw, "test").preset, processors)
    assert sum(is_listener(worker[0]) for worker in plan.workers) == expected


@pytest.mark.parametrize("document", list(documents.shipped_documents()), ids=lambda document: document.name)
def test_every_preset_that_ships_can_be_planned(document: documents.Document) -> None:
    plan = make_plan(document.preset)
    assert plan.handlers
    assert all(h.listeners or not h.bench.paired for h in plan.handlers)


def test_handlers_that_share_a_consumer_have_listeners_of_their_own() -> None:
    handlers = {
        name: {"uri": uri, "config": {"socket_type": "PUSH"}}
        for name, uri in [
            ("a", "zmq://tcp://127.0.0.1:5556"),
            ("b", "zmq://tcp://127.0.0.1:5556"),
            ("c", "zmq://ipc:///tmp/x.ipc"),
            ("d", "zmq://ipc:///tmp/x.ipc"),
        ]
    }
    planned = make_plan(documents.parse({"output": {"handlers": handlers}}, "test").preset).handlers
    places = [str(handler.listeners[0].endpoint) for handler in planned]
    assert places == ["tcp://127.0.0.1:5556", "tcp://127.0.0.1:*", "ipc:///tmp/x.ipc", "ipc:///tmp/x.ipc-5"]


@pytest.mark.parametrize("uri", ["zmq://tcp://*:5556", "zmq://tcp://work-queue:5556"])
def test_a_paired_handler_without_listeners_stays_on_loopback(uri: str) -> None:
    raw = {"output": {"handlers": {"h": {"uri": uri}}}, "bench": {"listeners": {"h": []}}}
    (planned,) = make_plan(documents.parse(raw, "test").preset).handlers
    assert str(planned.endpoint) == "tcp://127.0.0.1:5556"
