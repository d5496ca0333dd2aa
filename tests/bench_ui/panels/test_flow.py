"""The numbers of the strip: what each handler, or a single listener, adds to them."""

from __future__ import annotations

from bench_ui.panels.flow import flow_of_result
from bench_ui.scope import Scope

from bench_app.measure.loss_causes import LOSS_CAUSES_BY_STAGE
from tests.bench_ui.panels.results import a_handler, a_result, pub, push, req

ALL = Scope(everything=True)


def test_the_total_is_that_of_the_result_whatever_the_cause() -> None:
    result = a_result(pub=pub(), push=push(), req=req())
    assert flow_of_result(result, ALL).lost == sum(handler.dropped for handler in result.handlers.values()) == 97
    for name, handler in result.handlers.items():
        assert flow_of_result(result, Scope((name,))).lost == handler.dropped


def test_received_counts_at_each_subscriber_and_replies_for_requests() -> None:
    result = a_result(pub=pub(), push=push(), req=req())
    received = {name: flow_of_result(result, Scope((name,))).received for name in result.handlers}
    assert received == {"pub": 120, "push": 70, "req": 80}
    assert flow_of_result(result, ALL).received == 270


def test_of_a_single_subscriber_the_losses_on_the_way_are_its_own() -> None:
    result = a_result(pub=pub())
    flow = flow_of_result(result, Scope(("pub",), "b"))
    assert (flow.received, flow.losses["lost"], flow.losses["before_join"]) == (70, 0, 20)
    assert (flow.losses["queue_overflow"], flow.losses["send_timeout"], flow.losses["aborted"]) == (1, 2, 4)


def test_of_a_single_listener_that_shares_the_losses_are_everybodys() -> None:
    flow = flow_of_result(a_result(push=push()), Scope(("push",), "b"))
    assert (flow.received, flow.losses["lost"]) == (40, 20)


def test_losses_are_in_the_order_of_the_way_and_replies_only_where_there_are_requests() -> None:
    in_order = [cause.key for cause in LOSS_CAUSES_BY_STAGE]
    assert list(flow_of_result(a_result(pub=pub(), req=req()), ALL).losses) == in_order
    assert list(flow_of_result(a_result(pub=pub()), ALL).losses) == in_order[:-1]
    assert in_order[-1] == "request_timeout"


def test_only_requests_are_replied_and_known_to_arrive_without_a_listener() -> None:
    alone = flow_of_result(a_result(req=a_handler("REQ", {}, replied=80)), ALL)
    assert (alone.only_requests, alone.unknown_end) == (True, False)
    assert flow_of_result(a_result(push=a_handler("PUSH", {})), ALL).unknown_end
    assert not flow_of_result(a_result(pub=pub(), req=req()), ALL).only_requests
