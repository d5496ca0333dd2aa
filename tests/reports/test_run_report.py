from __future__ import annotations

import msgspec

from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.result import CheckOutcome
from bench_app.engine.sampler import HANDLER_COLUMNS, LISTENER_COLUMNS
from bench_app.engine.unit_key import UnitKey
from bench_app.preset import documents
from bench_app.reports.report import run_page
from bench_app.reports.run_report import RunReport
from tests.comparison.results import handler, listener, result
from tests.reports.html_page import Page
from tests.reports.test_run_plots import series
from tests.runs import preset

EVIL = "<img src=x onerror=alert(1)>"


def report(units: int = 1, rows: int = 10) -> RunReport:
    handlers = {f"pub-{number}": handler(sub=listener(lost=number)) for number in range(units)}
    run = msgspec.structs.replace(
        result("fail", (f"check failed: {EVIL}",), **handlers),
        checks=[CheckOutcome("drops == 0", 3, False), CheckOutcome("rate > 1", None, False)],
        notes=[f"a note {EVIL}"],
        preset=EVIL,
    )
    keys = {UnitKey(name): series(HANDLER_COLUMNS, rows) for name in handlers}
    keys |= {UnitKey(name, "sub"): series(LISTENER_COLUMNS, rows) for name in handlers}
    raw = preset({"high_water_mark": 7}, title=EVIL)
    events = [RunEvent(1, "change", f"hwm {EVIL}", kind=EventKind.CHANGE), RunEvent(2, "h", "worker ended", True, True)]
    return RunReport(run, documents.parse(raw, "p").preset, EVIL, keys, events=events)


def test_a_page_has_every_part() -> None:
    page = Page(run_page(report(3)))
    assert page.problems == [] and page.addresses == []
    for part in (
        "Checks",
        "Settings that differ from the default",
        "Ledger",
        "Latency, us",
        "Over time",
        "Changes and faults",
        "Machine and resources",
        "Notes",
        "How it was measured",
        "worker ended",
        "high_water_mark",
        "fail",
    ):
        assert part in page.text, part
    assert len(page.plots) >= 4


def test_the_ledger_has_its_sum() -> None:
    lines = Page(run_page(report(3))).text.splitlines()
    at = lines.index("sum")
    assert lines[at + 1 : at + 5] == ["3,000", "3", "3,000", "2,997"]


def test_text_from_outside_is_shown_and_never_run() -> None:
    page = Page(run_page(report()))
    assert "img" not in page.tags
    assert page.text.count(EVIL) >= 4
    assert page.tags["script"] == 1


def test_an_hour_of_thirty_handlers_is_less_than_a_megabyte() -> None:
    html = run_page(report(30, rows=3000))
    assert len(html.encode()) < 1_000_000


def test_a_result_alone_makes_a_page() -> None:
    page = Page(run_page(RunReport(result())))
    assert page.problems == []
    assert "Settings that differ" not in page.text
