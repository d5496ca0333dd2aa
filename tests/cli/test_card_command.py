"""``zmq-bench card``: what it prints, and its exit codes."""

from __future__ import annotations

import io
from pathlib import Path

from bench_app.cli.card_command import print_card
from bench_app.cli.command_console import CommandConsole
from bench_app.lab.card import Card
from bench_app.lab.find import FoundRate
from tests.cli.command import bench_inside, write
from tests.lab.made_results import CARD
from tests.runs import preset


def shown(card: Card) -> list[str]:
    out = io.StringIO()
    print_card(CommandConsole(file=out, width=100), card)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_each_figure_is_a_line_and_a_missing_one_has_its_reason() -> None:
    assert shown(CARD) == [
        "rate without loss 5,000/s, then lost",
        "loss at 150 % 33 % (7,500/s)",
        "loss at 100 % no valid run (5,000/s)",
        "latency at 50 % service p99 1.5 ms",
        "latency at 90 % no valid run",
        "longest burst - (a high-water mark of 0 is no limit)",
        "recovery after overload 0.25 s",
        "after a peer's restart 1.5 s",
        "harm of a slow subscriber p99 of the others 0.2 -> 0.3 ms, 0 lost",
        "fairness among workers - (there is only one worker)",
    ]


def test_without_a_rate_there_is_only_the_reason() -> None:
    card = Card(preset="p", handler="h", found=FoundRate(loss=0.0, reason="busy"), rate=None)
    assert shown(card) == ["rate without loss no result: busy"]


def test_bad_input_is_a_message(tmp_path: Path) -> None:
    finished = bench_inside("card", write(tmp_path, preset()), "--handler", "x")
    assert finished.returncode == 2
    assert "no enabled handler “x”" in finished.stderr
