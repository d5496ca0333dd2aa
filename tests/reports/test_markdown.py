from __future__ import annotations

import html

import msgspec
from markdown_it import MarkdownIt

from bench_app.engine.result import CheckOutcome
from bench_app.reports.markdown import run_markdown
from tests.comparison.results import handler, listener, result


def cells(text: str) -> list[list[str]]:
    """The rows of all tables, with entities replaced as by a browser."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[html.unescape(cell.strip()) for cell in row] for row in rows]


def test_tables_have_checks_ledger_and_latencies() -> None:
    run = msgspec.structs.replace(
        result("fail", ("too slow",), pub=handler(sub=listener(lost=5))),
        checks=[CheckOutcome("drops == 0", 5, False), CheckOutcome("rate > 1", 100.0, True)],
    )
    text = run_markdown(run)
    rows = cells(text)
    assert text.startswith("### ❌ p: fail") and "- too slow" in text
    assert ["drops == 0", "5", "**no**"] in rows and ["rate > 1", "100", "yes"] in rows
    assert ["handler", "offered", "lost", "accepted", "received"] in rows
    assert ["pub", "1,000", "5", "1,000", "995"] in rows
    assert ["pub/sub service", "0.100", "0.300", "0.400", "0.600"] in rows


def test_text_from_outside_is_no_markdown() -> None:
    name = "a|b*c*<img src=x>@user[x](y)`"
    text = run_markdown(result("fail", (name,), **{name: handler()}))
    assert not {"<", "@", "`", "*", "["} & set(text.replace("**no**", ""))
    assert all(len(row) == len(cells(text)[0]) for row in cells(text)[:3])
    assert name in [row[0] for row in cells(text)]


def test_a_reader_of_markdown_finds_the_tables() -> None:
    text = run_markdown(result(h=handler(sub=listener(1000.0))))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    rows = sum(token.type == "tr_open" for token in tokens)
    assert sum(token.type == "table_open" for token in tokens) >= 1 and rows >= 2
    assert "h" in [token.content for token in tokens if token.type == "inline"]
