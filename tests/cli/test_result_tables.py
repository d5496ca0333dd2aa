"""Tables in a terminal of 80 columns: whole figures, shortened names, and no claim about uncounted arrivals."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bench_app.cli.live_table import print_verdict
from bench_app.cli.result_tables import format_duration, print_tables
from bench_app.engine.result import Outcome, RunResult, format_balance
from tests.cli.results import LONG, LOSSES, MANY, handler, listener, result


def shown(run: RunResult, width: int = 80) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width)
    print_tables(console, run)
    print_verdict(console, run, Outcome.PASS)
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
        assert text.count("98,765,432") >= 13, "offered, accepted, received, causes, listener, remarks"


def test_a_table_has_no_more_columns_than_fit() -> None:
    text = shown(result(handler({LONG: listener()})), 80)
    assert "max" in text and "p99" in text and "p99.99" not in text
    assert "p99.99" in shown(result(handler({LONG: listener()})), 200)


def test_no_loss_is_denied_if_arrivals_were_not_counted() -> None:
    text = shown(result(handler({}, arrivals_known=False)))
    assert "nothing was lost" not in text
    assert "nothing was dropped at a handler; arrivals were not counted for" in " ".join(text.split())
    assert " yes" not in text
    assert "nobody counted what arrived from" in text


def test_the_ledger_of_a_counted_run_balances() -> None:
    run = result(handler({"one": listener()}))
    assert format_balance(run) == "the ledger balances"
    assert "nothing was lost" in shown(run)


def test_a_handler_with_uncounted_arrivals_has_no_lost_beside_one_with_counted_arrivals() -> None:
    run = result(handler({}, arrivals_known=False), handler({"one": listener(lost=5)}, lost=5))
    rows = [line.split() for line in shown(run, 200).splitlines() if line.lstrip().startswith(LONG)]
    assert rows[0][:7] == [f"{LONG}-0", "PUB", "98,765,432", "-", "98,765,432", "-", "-"]
    assert rows[1][:7] == [f"{LONG}-1", "PUB", "98,765,432", "5", "98,765,432", "98,765,432", "yes"]


def test_notes_precede_the_verdict() -> None:
    text = shown(result(handler({"one": listener()}), notes=("h: no peer was ever connected",)))
    assert text.index("no peer was ever connected") < text.index("pass  p")


@pytest.mark.parametrize(
    ("us", "text"), [(0.4, "0 us"), (999, "999 us"), (1000, "1.0 ms"), (41_250, "41.2 ms"), (2_500_000, "2.50 s")]
)
def test_durations_have_the_unit_that_fits(us: float, text: str) -> None:
    assert format_duration(us) == text
