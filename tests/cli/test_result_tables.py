"""Tables in a terminal of 80 columns: figures whole, names shortened, nothing claimed that nobody counted."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bench_app.cli.fitting_table import FittingTable
from bench_app.cli.live_table import LiveTable, print_verdict
from bench_app.cli.result_tables import print_tables
from bench_app.engine.result import (
    HandlerResult,
    LatencySummary,
    ListenerResult,
    RunResult,
    balance_words,
    this_machine,
)
from bench_app.engine.view import HandlerView, LatencyView, ListenerView
from bench_app.measure.ledger import HandlerCounts, HandlerLedger, ListenerCounts, ListenerLedger
from bench_app.model import Delivery

LONG = "a-name-that-somebody-made-longer-than-any-terminal-has-room-for"
SLOW = LatencySummary(9_999_999, 123456.7, 123456.7, 999949.9, 123456.7, 987654.3, 999949.9, 999949.9)
MANY = 98_765_432
LOSSES = ("queue_overflow", "send_timeout", "aborted", "request_timeout", "lost")


def listener(lost: int = 0, before_join: int = 0, duplicates: int = 0) -> ListenerResult:
    return ListenerResult(
        received=MANY,
        lost=lost,
        before_join=before_join,
        duplicates=duplicates,
        reordered=duplicates,
        foreign=0,
        malformed=0,
        rate=1.0,
        service_us=SLOW,
        response_us=SLOW,
    )


def handler(listeners: dict[str, ListenerResult], arrivals_known: bool = True, **losses: int) -> HandlerResult:
    return HandlerResult(
        socket_type="PUB",
        endpoint="tcp://127.0.0.1:5555",
        offered=MANY,
        accepted=MANY,
        bytes=MANY,
        replied=0,
        retries=0,
        seconds=2.0,
        rate=1.0,
        balanced=True,
        arrivals_known=arrivals_known,
        lateness_us=SLOW,
        listeners=listeners,
        **{name: losses.get(name, 0) for name in LOSSES},
    )


def result(*handlers: HandlerResult, notes: tuple[str, ...] = ()) -> RunResult:
    return RunResult(
        preset="p",
        started_at="",
        duration_s=1.0,
        verdict="pass",
        reasons=[],
        notes=list(notes),
        balanced=True,
        handlers={f"{LONG}-{number}": one for number, one in enumerate(handlers)},
        checks=[],
        machine=this_machine(),
    )


def shown(run: RunResult, width: int = 80) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width)
    print_tables(console, run)
    print_verdict(console, run)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize("losses", [(), ("lost",), LOSSES])
def test_no_figure_is_cut(width: int, losses: tuple[str, ...]) -> None:
    one = listener(lost=MANY, before_join=MANY, duplicates=MANY) if losses else listener()
    text = shown(result(handler({LONG: one}, **dict.fromkeys(losses, MANY))), width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    assert [word for word in text.split() if "…" in word and any(char.isdigit() for char in word)] == []
    assert text.count("999.9 ms") >= 3, "the greatest latency of lateness, service and response, with its unit"
    for heading in ("overflow", "timeout", "aborted", "no reply", "lost", "before join"):
        assert not losses or heading in text or losses == ("lost",)
    if losses == LOSSES:
        assert text.count("98,765,432") >= 13, "offered, accepted, received twice, five causes, the listener's, remarks"


def test_a_table_has_no_more_columns_than_fit() -> None:
    text = shown(result(handler({LONG: listener()})), 80)
    assert "max" in text and "p99" in text and "p99.99" not in text
    assert "p99.99" in shown(result(handler({LONG: listener()})), 200)


def test_names_give_way_last_of_all_to_nothing() -> None:
    sheet = FittingTable("name", "figure")
    sheet.add("short", "1")
    assert sheet.fits(20)
    assert not sheet.fits(8)


def test_nothing_is_claimed_where_nobody_counted() -> None:
    text = shown(result(handler({}, arrivals_known=False)))
    assert "nothing was lost" not in text
    assert "nothing was dropped at a handler; nobody counted behind" in " ".join(text.split())
    assert " yes" not in text
    assert "as far as it was counted" in text


def test_the_books_of_a_counted_run_balance() -> None:
    run = result(handler({"one": listener()}))
    assert balance_words(run) == "the ledger balances"
    assert "nothing was lost" in shown(run)


def test_where_some_are_counted_the_others_have_no_lost() -> None:
    run = result(handler({}, arrivals_known=False), handler({"one": listener(lost=5)}, lost=5))
    rows = [line.split() for line in shown(run, 200).splitlines() if line.lstrip().startswith(LONG)]
    assert rows[0][:7] == [f"{LONG}-0", "PUB", "98,765,432", "-", "98,765,432", "-", "-"]
    assert rows[1][:7] == [f"{LONG}-1", "PUB", "98,765,432", "5", "98,765,432", "98,765,432", "yes"]


def test_notes_stand_before_the_verdict() -> None:
    text = shown(result(handler({"one": listener()}), notes=("h: nobody was ever connected to it",)))
    assert text.index("nobody was ever connected") < text.index("pass  p")


def view(name: str, rate: float, lost: int) -> HandlerView:
    counts = HandlerCounts(offered=MANY, accepted=MANY)
    books = ListenerLedger(counts=ListenerCounts(), expected=MANY, lost=lost)
    ledger = HandlerLedger(
        delivery=Delivery.EACH,
        counts=counts,
        lost=lost,
        in_flight=MANY,
        listeners={name: books},
        balanced=True,
        problems=[],
    )
    latency = LatencyView(123_456_000, 99_999_000_000)
    one = ListenerView(name, "SUB", "connected", "retrying 123 of 1000", "", rate, MANY, lost, lost, latency)
    words = ("connected", "connected", "")
    return HandlerView(name, "PUB", "tcp://127.0.0.1:1", *words, rate, rate, ledger, MANY, latency, (one,))


@pytest.mark.parametrize("width", [80, 120])
def test_a_live_table_cuts_no_figure_and_has_its_drops_somewhere(width: int) -> None:
    out = io.StringIO()
    Console(file=out, width=width).print(LiveTable([view(LONG, 123456.0, MANY), view("short", 1.0, 0)]))
    text = out.getvalue()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    assert [word for word in text.split() if "…" in word and any(char.isdigit() for char in word)] == []
    for figure in ("123,456", "100.00 s", "retrying 123 of 1000", "lost 98,765,432"):
        assert figure in " ".join(text.split())
    assert "short" in text
