"""The tables and lines of a running session."""

from __future__ import annotations

import dataclasses
import io

import msgspec
import pytest
from rich.console import Console

from bench_app.advice.advice import Advice, Rule
from bench_app.cli.live_table import LiveTable, event_line, format_received, print_result
from bench_app.engine.events import RunEvent
from bench_app.engine.result import CheckOutcome, Outcome
from bench_app.engine.view import OverfullView
from tests.cli.results import LONG, MANY, handler, listener, result, view


@pytest.mark.parametrize("width", [80, 120])
def test_a_live_table_cuts_no_figure_and_shows_drops_in_a_column_or_as_lines(width: int) -> None:
    out = io.StringIO()
    Console(file=out, width=width).print(LiveTable([view(LONG, 123456.0, MANY), view("short", 1.0, 0)]))
    text = out.getvalue()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    assert [word for word in text.split() if "…" in word and any(char.isdigit() for char in word)] == []
    for figure in ("123,456", "100.00 s", "retrying 123 of 1000", "lost 98,765,432"):
        assert figure in " ".join(text.split())
    assert "short" in text


@pytest.mark.parametrize("width", [60, 120])
def test_below_the_table_a_line_says_what_does_not_fit_into_a_connection(width: int) -> None:
    full = view("h", 1.0, 10_740)
    (listener,) = full.listeners
    full = dataclasses.replace(full, listeners=(dataclasses.replace(listener, overfull=OverfullView(4_260, 10_740)),))
    out = io.StringIO()
    Console(file=out, width=width).print(LiveTable([full, view("other", 1.0, 0)]))
    assert " ".join(out.getvalue().split()).endswith("h/h: on the way 15,000, at most 4,260 fit: at least 10,740 lost")


def test_an_event_is_a_line_with_time_and_source() -> None:
    line = event_line(RunEvent(12.345, "h/sub-1", "a peer connected"))
    assert line.plain == "  12.35 s  h/sub-1  a peer connected"
    assert not any(str(span.style) == "red" for span in line.spans)
    failed = event_line(RunEvent(0.0, "h", "failed", is_error=True))
    assert any(str(span.style) == "red" for span in failed.spans)


def test_the_number_of_several_listeners_follows_their_sum() -> None:
    one, two = view("h", 1.0, 0), view("h", 1.0, 0)
    two = dataclasses.replace(two, listeners=two.listeners * 2)
    assert format_received(one) == ", received 98,765,432"
    assert format_received(two) == ", received 197,530,864 (by 2)"
    assert format_received(dataclasses.replace(one, listeners=())) == ""


def test_the_machine_has_a_line_below_the_tables_if_it_kept_something_from_the_run() -> None:
    def shown(pressure: float) -> str:
        run, out = result(handler({"one": listener()})), io.StringIO()
        run = msgspec.structs.replace(run, machine=msgspec.structs.replace(run.machine, cpu_pressure_pct=pressure))
        print_result(Console(file=out, width=100), run, Outcome.PASS)
        return out.getvalue()

    assert "\nmachine: cpu pressure 97 %\n" in shown(97.0)
    assert "machine:" not in shown(1.0)


def test_the_result_ends_with_checks_and_verdict() -> None:
    passed, failed = CheckOutcome("drops == 0", 0, True), CheckOutcome("rate > 5", 1.5, False)
    missing = CheckOutcome("latency.service.p99_ms < 1", None, False)
    run = msgspec.structs.replace(
        result(handler({"one": listener()})),
        checks=[passed, failed, missing],
        verdict="fail",
        reasons=["check failed: rate > 5 (is 1.5)"],
        notes=["h: no peer was ever connected"],
    )
    out = io.StringIO()
    print_result(Console(file=out, width=100), run, Outcome.FAIL)
    lines = [line.strip() for line in out.getvalue().splitlines()]
    assert lines[-6:] == [
        "passed  drops == 0   (is 0)",
        "FAILED  rate > 5   (is 1.500)",
        "FAILED  latency.service.p99_ms < 1   (is nothing measured)",
        "note  h: no peer was ever connected",
        "fail  p, 1.0 s, the ledger balances",
        "check failed: rate > 5 (is 1.5)",
    ]


def test_an_advice_is_the_last_line_with_the_options_to_try() -> None:
    advice = Advice(
        rule=Rule.SLOW_CONSUMER,
        unit="h/one",
        cause="lost",
        events_lost=1234,
        is_certain=True,
        why="one takes 1/s of 2/s",
        remedy="500 ms a message would do",
        sum={},
        proposal={"bench.listeners.h[0].delay_ms": 0.5},
    )
    out = io.StringIO()
    run = msgspec.structs.replace(result(handler({"one": listener()})), advice=advice)
    print_result(Console(file=out, width=60), run, Outcome.PASS)
    assert out.getvalue().splitlines()[-2:] == [
        "advice  h/one, 1,234 lost: one takes 1/s of 2/s. 500 ms a message would do.",
        "        --set bench.listeners.h[0].delay_ms=0.5",
    ]
