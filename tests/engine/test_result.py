"""The result of a run in figures: sums over listeners and causes, and what it says of its ledger and its verdict."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from bench_app.engine.result import (
    FORMAT,
    MAX_REASONS_SHOWN,
    HandlerResult,
    RunResult,
    first_reasons,
    format_balance,
    summary,
    to_json,
)
from bench_app.engine.running_conditions import this_machine
from bench_app.measure.histogram import Histogram
from bench_app.measure.loss_causes import LOSS_CAUSES
from tests.archive.runs import a_handler, a_result
from tests.engine.units import latencies


@pytest.mark.parametrize(("socket_type", "received"), [("PUB", 90), ("PUSH", 90), ("REQ", 70)])
def test_received_are_messages_that_reached_their_end(socket_type: str, received: int) -> None:
    assert a_handler(socket_type, left=40, right=50).received == received


def test_dropped_is_the_sum_of_all_causes() -> None:
    handler = a_handler("PUB", left=40, right=50)
    assert handler.before_join == 2
    losses = {cause.key: handler.loss(cause) for cause in LOSS_CAUSES}
    assert losses == {
        "queue_overflow": 1,
        "send_timeout": 2,
        "aborted": 4,
        "request_timeout": 8,
        "lost": 16,
        "before_join": 2,
    }
    assert handler.dropped == sum(losses.values())


def test_a_result_is_written_and_read() -> None:
    result = a_result(pub=a_handler("PUB", left=40), req=a_handler("REQ", one=3))
    data = to_json(result)
    assert data.endswith(b"}\n")
    assert msgspec.json.decode(data)["format"] == FORMAT == "zmq-bench-result/1"
    assert msgspec.json.decode(data, type=RunResult) == result


def test_keys_that_do_not_concern_a_run_are_left_out() -> None:
    result = a_result(pub=a_handler("PUB", left=40), req=a_handler("REQ", one=3))
    raw = msgspec.json.decode(to_json(result))
    assert "gui" not in raw
    assert "round_trip_us" not in raw["handlers"]["pub"] and "round_trip_us" in raw["handlers"]["req"]
    assert "arrivals_known" not in raw["handlers"]["pub"]
    late = msgspec.structs.replace(result.handlers["pub"], seconds=0.0)
    assert msgspec.json.decode(to_json(a_result(pub=late)))["handlers"]["pub"]["seconds"] == 0.0


def test_a_result_written_before_there_were_notes_is_read() -> None:
    raw = msgspec.json.decode(to_json(a_result()))
    del raw["notes"]
    old = msgspec.convert(raw, RunResult)
    assert old.notes == []
    assert isinstance(old.handlers["pub"], HandlerResult)


@pytest.mark.parametrize(
    ("balanced", "known", "text"),
    [
        (True, True, "the ledger balances"),
        (True, False, "the ledger balances; nobody counted what arrived from b"),
        (False, True, "THE LEDGER DOES NOT BALANCE"),
        (False, False, "THE LEDGER DOES NOT BALANCE"),
    ],
)
def test_the_balance_claims_no_more_than_was_counted(balanced: bool, known: bool, text: str) -> None:
    handlers = {"a": a_handler(one=1), "b": msgspec.structs.replace(a_handler(), arrivals_known=known)}
    assert format_balance(msgspec.structs.replace(a_result(**handlers), balanced=balanced)) == text


@pytest.mark.parametrize("count", [0, 1, MAX_REASONS_SHOWN, MAX_REASONS_SHOWN + 1])
def test_few_reasons_are_all_shown(count: int) -> None:
    reasons = [f"reason {number}" for number in range(count)]
    assert first_reasons(msgspec.structs.replace(a_result(), reasons=reasons)) == reasons


def test_of_many_reasons_the_first_are_shown_and_the_rest_is_counted() -> None:
    reasons = [f"reason {number}" for number in range(MAX_REASONS_SHOWN + 2)]
    shown = first_reasons(msgspec.structs.replace(a_result(), reasons=reasons))
    assert shown == [*reasons[:MAX_REASONS_SHOWN], "and 2 more such reasons; the JSON result has them all"]


def test_latencies_are_given_in_microseconds() -> None:
    histogram = Histogram()
    histogram.merge(latencies(*np.full(100, 5_000, np.int64).tolist()))
    figures = summary(histogram)
    assert (figures.count, figures.mean, figures.max) == (100, 5.0, 5.0)
    assert figures.p50 == figures.p99_99 == pytest.approx(5.0, rel=0.01)


def test_without_latencies_all_figures_are_0() -> None:
    assert set(msgspec.structs.astuple(summary(Histogram()))) == {0}


def test_this_machine_has_processors_and_versions() -> None:
    machine = this_machine()
    assert machine.cpus >= 1
    assert all((machine.python, machine.pyzmq, machine.libzmq))
