"""The numbers of the strip: what each handler, or a single listener, adds to them."""

from __future__ import annotations

import math

from bench_ui.panels.flow import Flow, flow_of, flow_of_result
from bench_ui.scope import Scope

from bench_app.engine.result import RunResult
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.loss_causes import LOSS_CAUSES_BY_STAGE
from tests.bench_ui.panels.results import a_handler, a_result, pub, push, req
from tests.bench_ui.panels.views import live_handler

ALL = Scope(everything=True)


def summed(result: RunResult, scope: Scope) -> Flow:
    """The flow of a result in which no handler left the run."""
    return flow_of_result(result, {name: UnitKey(name) for name in result.handlers}, scope)


def test_the_total_is_that_of_the_result_whatever_the_cause() -> None:
    result = a_result(pub=pub(), push=push(), req=req())
    assert summed(result, ALL).lost == sum(handler.dropped for handler in result.handlers.values()) == 97
    for name, handler in result.handlers.items():
        assert summed(result, Scope((name,))).lost == handler.dropped


def test_received_counts_at_each_subscriber_and_replies_for_requests() -> None:
    result = a_result(pub=pub(), push=push(), req=req())
    received = {name: summed(result, Scope((name,))).received for name in result.handlers}
    assert received == {"pub": 120, "push": 70, "req": 80}
    assert summed(result, ALL).received == 270


def test_a_single_subscriber_shows_its_own_losses_on_the_way() -> None:
    result = a_result(pub=pub())
    flow = summed(result, Scope(("pub",), "b"))
    assert (flow.received, flow.losses["lost"], flow.losses["before_join"]) == (70, 0, 20)
    assert (flow.losses["queue_overflow"], flow.losses["send_timeout"], flow.losses["aborted"]) == (1, 2, 4)


def test_a_single_listener_that_shares_shows_the_losses_of_all() -> None:
    flow = summed(a_result(push=push()), Scope(("push",), "b"))
    assert (flow.received, flow.losses["lost"]) == (40, 20)


def test_losses_are_in_the_order_of_the_way_and_replies_only_where_there_are_requests() -> None:
    in_order = [cause.key for cause in LOSS_CAUSES_BY_STAGE]
    assert list(summed(a_result(pub=pub(), req=req()), ALL).losses) == in_order
    assert list(summed(a_result(pub=pub()), ALL).losses) == in_order[:-1]
    assert in_order[-1] == "request_timeout"


def test_only_requests_are_replied_and_known_to_arrive_without_a_listener() -> None:
    alone = summed(a_result(req=a_handler("REQ", {}, replied=80)), ALL)
    assert (alone.only_requests, alone.unknown_end) == (True, False)
    unknown = summed(a_result(push=a_handler("PUSH", {})), ALL)
    assert unknown.unknown_end and unknown.is_arrival_unknown and math.isnan(unknown.rates_by_name["received"])
    assert not summed(a_result(pub=pub(), req=req()), ALL).only_requests


def test_a_run_that_goes_on_has_queues_messages_on_the_way_and_rates() -> None:
    flow = flow_of([live_handler("PUB", in_flight=2, a=80, b=70)], ALL, {"h": 1000})
    assert (flow.offered, flow.queued, flow.queue_size, flow.accepted, flow.in_flight) == (100, 3, 1000, 90, 2)
    assert (flow.received, flow.over) == (150, False)
    assert flow.rates == (100.0, 90.0, 150.0)
    assert flow.rates_by_name == {"offered": 100.0, "accepted": 90.0, "received": 150.0}
    assert flow.losses["queue_overflow"] == 7 and flow.scope_label == "h"


def test_what_is_known_to_have_arrived_was_offered_and_accepted() -> None:
    flow = flow_of([live_handler("PUB", a=95)], ALL, {})
    assert (flow.offered, flow.accepted, flow.received) == (105, 95, 95)


def test_a_single_listener_shows_its_own_rate() -> None:
    flow = flow_of([live_handler("PUSH", a=40, b=30)], Scope(("h",), "b"), {})
    assert (flow.received, flow.rates[2], flow.scope_label) == (30, 30.0, "h/b")


def test_a_mean_rate_needs_a_duration() -> None:
    result = a_result(push=push())
    assert summed(result, ALL).loss_rates(2.0)["lost"] == 10
    assert summed(result, ALL).loss_rates(0.0) == {}
