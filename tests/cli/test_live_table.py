"""The tables and lines of a run that is under way."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bench_app.cli.live_table import LiveTable
from tests.cli.results import LONG, MANY, view


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
