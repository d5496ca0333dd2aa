from __future__ import annotations

from bench_app.reports.repeat_report import MOST_RUNS, repeat_sections
from bench_app.reports.run_report import RunReport
from tests.cli.results import handler, listener, result


def test_all_runs_are_summed_up_and_the_first_ones_are_shown() -> None:
    results = [result(handler({"one": listener()})) for _ in range(MOST_RUNS + 2)]
    page = "".join(repeat_sections([RunReport(one) for one in results], results))
    assert f"{MOST_RUNS + 2} runs" in page and "the last 2 runs are not shown one by one" in page
    assert "drops" in page and "greatest" in page
    assert page.count("<h1>") == MOST_RUNS + 1
    assert repeat_sections([], []) == []
