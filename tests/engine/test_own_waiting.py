from __future__ import annotations

from pathlib import Path

import pytest

from bench_app.engine.own_waiting import MeasuredLatency, latencies_of
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_MS
from tests.engine.units import a_roster, latencies
from tests.runs import preset

MS = NS_PER_MS


class Handled:
    """A handler ``h`` with the listener ``l``, each in a worker of its own."""

    def __init__(self, folder: Path, socket_type: str = "PUSH", rate: float | None = 1000) -> None:
        load = {"shape": "max"} if rate is None else {"shape": "constant", "rate": rate}
        source = {"kind": "synthetic", "event": "minimal", "size": 64, "load": load}
        roster = a_roster(folder, preset({"socket_type": socket_type}, source=source, listeners=[{"name": "l"}]))
        self.handler: HandlerState = roster.handlers["h"]
        (self.listener,) = roster.listeners_of(self.handler)
        self.workers = {
            name: WorkerState(name, (unit.unit,))
            for name, unit in (("worker-1", self.handler), ("worker-2", self.listener))
        }
        self.handler.worker, self.listener.worker = self.workers
        for worker in self.workers.values():
            worker.stall.merge(latencies(*[0] * 100))

    def named(self, name: str) -> MeasuredLatency:
        units: list[ListenerState] = [self.listener]
        return next(one for one in latencies_of(self.handler, units, self.workers) if one.name == name)


@pytest.fixture
def handled(tmp_path: Path) -> Handled:
    return Handled(tmp_path)


def stall(worker: WorkerState, ms: int) -> None:
    worker.stall.merge(latencies(*[ms * MS] * 10))


def test_a_stall_of_the_listener_lengthens_what_the_listener_measures(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[40 * MS] * 100))
    handled.listener.response.merge(latencies(*[41 * MS] * 100))
    handled.handler.lateness.merge(latencies(*[40 * MS] * 100))
    stall(handled.workers["worker-2"], 30)
    for name in ("service", "response"):
        assert handled.named(name).own_ns(99.0) == pytest.approx(30 * MS, rel=0.01)
        assert "worker-2" in handled.named(name).main_cause(99.0)
    assert handled.named("lateness").own_ns(99.0) == 0


def test_a_stall_of_the_handler_lengthens_all(handled: Handled) -> None:
    for histogram in (handled.listener.service, handled.listener.response, handled.handler.lateness):
        histogram.merge(latencies(*[40 * MS] * 100))
    stall(handled.workers["worker-1"], 30)
    for name in ("service", "response", "lateness"):
        assert handled.named(name).own_ns(99.0) == pytest.approx(30 * MS, rel=0.01)


def test_a_late_offer_lengthens_the_response_and_not_the_service(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[40 * MS] * 100))
    handled.listener.response.merge(latencies(*[40 * MS] * 100))
    handled.handler.offer_lateness.merge(latencies(*[20 * MS] * 100))
    assert handled.named("service").own_ns(99.0) == 0
    assert handled.named("response").own_ns(99.0) == pytest.approx(20 * MS, rel=0.01)


def test_it_is_never_more_than_the_latency(handled: Handled) -> None:
    handled.listener.service.merge(latencies(*[5 * MS] * 100))
    handled.listener.backlog.merge(latencies(*[900 * MS] * 100))
    assert handled.named("service").own_ns(99.0) == handled.listener.service.percentile(99.0)


def test_a_source_at_full_speed_always_finds_the_listener_behind(tmp_path: Path) -> None:
    handled = Handled(tmp_path, rate=None)
    handled.listener.service.merge(latencies(*[90 * MS] * 100))
    handled.listener.backlog.merge(latencies(*[90 * MS] * 100))
    assert handled.named("service").own_ns(99.0) == 0


def test_a_replaced_worker_offers_late_what_was_due_meanwhile(handled: Handled) -> None:
    handled.handler.lateness.merge(latencies(*[900 * MS] * 100))
    handled.handler.offer_lateness.merge(latencies(*[900 * MS] * 100))
    handled.handler.restarts = handled.handler.kills = 1
    assert handled.named("lateness").own_ns(99.0) == 0


def test_round_trips_include_the_waiting_on_both_sides(tmp_path: Path) -> None:
    handled = Handled(tmp_path, "REQ")
    handled.handler.round_trip.merge(latencies(*[70 * MS] * 100))
    stall(handled.workers["worker-2"], 30)
    assert handled.named("round_trip").own_ns(99.0) == pytest.approx(30 * MS, rel=0.01)


def test_the_cause_names_the_units_that_share_the_process(handled: Handled) -> None:
    handled.workers["worker-2"] = WorkerState("worker-2", (handled.listener.unit, "other", "another"))
    stall(handled.workers["worker-2"], 30)
    assert "; it shares its process with 2 others, so fewer of them" in handled.named("service").main_cause(99.0)


def test_stalls_of_a_former_worker_count_for_the_time_that_the_unit_lived_in_it(handled: Handled) -> None:
    handled.workers["worker-3"] = WorkerState("worker-3", (handled.listener.unit,))
    handled.workers["worker-3"].stall.merge(latencies(*[0] * 900))
    handled.listener.service.merge(latencies(*[40 * MS] * 1000))
    stall(handled.workers["worker-2"], 30)
    # 10 of 1,010 moments.
    assert handled.named("service").own_ns(98.0) == 0
    assert handled.named("service").own_ns(99.5) == pytest.approx(30 * MS, rel=0.01)
