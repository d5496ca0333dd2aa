"""The figures of a run for a table: those of the last second while it runs, and final ones when it is over."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from bench_app.engine.session import Phase, Session
from bench_app.engine.unit_key import UnitKey
from bench_app.engine.view import NO_LATENCY, HandlerView, ListenerView, OverfullView, total_overfull, view_of
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES
from bench_app.preset import documents
from bench_app.transport.connection import IDLE, ConnectionState
from tests.runs import preset, until

pytestmark = pytest.mark.usefixtures("single_worker")

Views = tuple[HandlerView, HandlerView, Session]


@pytest.fixture(scope="module")
def views() -> Views:
    """The view of a REQ handler while it runs and when it is over."""

    async def go() -> Views:
        session = Session(documents.parse(preset({"socket_type": "REQ"}, rate=200, duration_s=60), "test"))
        live: list[HandlerView] = []

        async def look() -> None:
            await until(lambda: session.phase is Phase.RUNNING)
            handler = session.handlers["h"]
            (listener,) = session.listeners_of(handler)
            # A rate needs two reports.
            await until(lambda: min((*handler.window.rates(), *listener.window.rates(), 1.0)) > 0)
            await until(lambda: handler.counts.replied > 20 and len(listener.window.rates()) > 0)
            live.extend(view_of(session))
            session.stop()

        await asyncio.gather(session.run(), look())
        (done,) = view_of(session)
        return live[0], done, session

    return asyncio.run(go())


def test_a_unit_that_runs_has_rates_and_latencies(views: Views) -> None:
    live, _, _ = views
    (listener,) = live.listeners
    assert (live.key, live.name, live.socket_type) == (UnitKey("h"), "h", "REQ")
    assert (listener.name, listener.listener_type) == ("rep-1", "REP")
    assert min(live.offered_rate, live.accepted_rate, listener.received_rate) > 0
    for latency in (live.round_trip, listener.service):
        assert latency.p50_ns is not None and latency.p99_ns is not None
        assert 0 < latency.p50_ns <= latency.p99_ns
    assert live.status.state is ConnectionState.CONNECTED


def test_a_unit_that_is_done_has_no_rate_and_is_connected_to_nobody(views: Views) -> None:
    _, done, _ = views
    (listener,) = done.listeners
    assert (done.offered_rate, done.accepted_rate, listener.received_rate) == (0.0, 0.0, 0.0)
    assert (done.status.label, listener.status.label) == ("ended", "ended")
    assert done.in_flight == 0


def test_the_figures_are_those_of_the_ledger(views: Views) -> None:
    _, done, session = views
    (listener,) = done.listeners
    assert done.ledger.counts == session.handlers["h"].counts
    assert done.received == done.arrived == done.ledger.counts.replied > 20
    assert listener.received == session.listeners["handler-1/listener-1"].counts.received
    assert {cause.key: listener.loss(cause) for cause in LISTENER_LOSS_CAUSES} == {
        "lost": listener.lost,
        "before_join": listener.before_join,
    }


def test_latencies_can_be_left_out(views: Views) -> None:
    _, _, session = views
    (view,) = view_of(session, latencies=False)
    assert view.round_trip is NO_LATENCY
    assert all(listener.service is NO_LATENCY for listener in view.listeners)


def test_a_unit_that_failed_says_why(views: Views) -> None:
    session = views[2]
    handler = session.handlers["h"]
    handler.failed = "address in use"
    (view,) = view_of(session)
    handler.failed = ""
    assert (view.status.state, view.status.label) == (ConnectionState.FAILED, "failed")
    assert "address in use" in str(view.status)


def test_a_unit_that_crashed_for_good_says_so_and_one_that_was_ended_does_not(views: Views) -> None:
    session = views[2]
    handler = session.handlers["h"]
    handler.crashed = True
    assert view_of(session)[0].status.label == "ended"
    handler.ending = "was killed by SIGSEGV"
    status = view_of(session)[0].status
    handler.crashed, handler.ending = False, ""
    assert (status.state, status.label) == (ConnectionState.FAILED, "crashed")
    assert status.message == "its worker was killed by SIGSEGV, and none replaces it"


def test_a_session_that_has_not_begun_has_nothing_to_show() -> None:
    assert view_of(Session(documents.parse(preset({"socket_type": "PUSH"}), "test"))) == []


def test_what_does_not_fit_is_added_up_over_the_listeners() -> None:
    one = ListenerView("a", "SUB", IDLE, 0.0, 0, 10, 0, NO_LATENCY)
    full = dataclasses.replace(one, overfull=OverfullView(fits=4_260, lost=10_740))
    assert total_overfull([one]) is None
    both = total_overfull([full, one, full])
    assert both == OverfullView(8_520, 21_480)
    assert full.overfull is not None
    assert full.overfull.text == "on the way 15,000, at most 4,260 fit: at least 10,740 lost"
