"""A handler's reports: how often they come, and that nothing is reported twice."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from bench_app.engine.control.messages import HandlerReport, Opened, SourceEnded
from bench_app.engine.worker.unit import REPORT_NS
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.model import ConstantLoad
from tests.engine.worker.handler_bench import HandlerEnd, handler_order


def reports(end: HandlerEnd) -> list[HandlerReport]:
    return [message for message in end.said if isinstance(message, HandlerReport)]


def test_a_report_comes_ten_times_a_second_with_counts_that_only_grow(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, load=ConstantLoad(rate=1000))) as end:
        end.partner(end.wait_for(Opened).endpoint)
        start_ns = end.start_run()
        end.wait_for(SourceEnded)
        end.finish()
    in_run = [report for report in reports(end) if start_ns < report.at_ns < start_ns + NS_PER_S]
    assert 5 <= len(in_run) <= 10
    assert all(later.at_ns - earlier.at_ns >= REPORT_NS for earlier, later in pairwise(in_run))
    counts = [report.counts.accepted for report in reports(end)]
    assert counts == sorted(counts)
    assert counts[-1] == 1000


def test_each_latency_is_in_one_report(tmp_path: Path) -> None:
    with HandlerEnd(handler_order(tmp_path, "REQ", warmup_ns=500 * NS_PER_MS)) as end:
        partner = end.partner(end.wait_for(Opened).endpoint)
        end.start_run()
        for _ in range(100):
            partner.recv()
            partner.send(b"{}")
        end.wait_for(SourceEnded)
        end.finish()
    # Due in the second half of the run: the first half is the warm-up.
    assert sum(report.lateness.count for report in reports(end)) == 50
    assert sum(report.offer_lateness.count for report in reports(end)) == 50
    assert sum(report.round_trip.count for report in reports(end)) == 50


def test_a_socket_that_takes_nothing_is_reported_as_blocked(tmp_path: Path) -> None:
    order = handler_order(tmp_path, config={"send_timeout": -1, "linger": 0})
    with HandlerEnd(order) as end:
        end.start_run()
        report = end.wait_for(HandlerReport, lambda report: report.is_blocked)
        assert report.counts.queued > 0
        assert not report.ever_connected
        assert report.connection.state == "bound"
        end.finish()
