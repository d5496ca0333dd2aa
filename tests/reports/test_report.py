from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.cli.repeat_run import repeat_json
from bench_app.comparison.comparison import compare_pairs
from bench_app.comparison.comparison import to_json as ab_json
from bench_app.engine.result import to_json
from bench_app.errors import InputError
from bench_app.lab.find import FindResult, FoundRate
from bench_app.reports.report import report_of_files
from bench_app.sweeps.axes import Axis
from bench_app.sweeps.sweep import to_json as sweep_json
from tests.comparison.results import result
from tests.lab.made_results import CARD, RECOMMENDATION
from tests.reports.html_page import Page
from tests.reports.test_study_report import sweep

RESULTS = {
    "run": to_json(result()),
    "repeat": repeat_json([result(), result()], []),
    "ab": ab_json(compare_pairs([{"rate": 1.0}], [{"rate": 2.0}])),
    "sweep": sweep_json(sweep([Axis("a", [1])], [[1]])),
    "find": msgspec.json.encode(
        FindResult(preset="p", goals=[FoundRate(loss=0.0, rate=5000.0)], trials=[], ended="done", took_s=1.0)
    ),
    "card": msgspec.json.encode(CARD),
    "hwm": msgspec.json.encode(RECOMMENDATION),
    "capacity": b'{"format": "zmq-bench-capacity/1", "messages": 5}',
}


@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_of_every_command_makes_a_page(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"{kind}.json"
    file.write_bytes(RESULTS[kind])
    page = Page(report_of_files([file]))
    assert page.problems == []
    assert page.tags["h1"] == (3 if kind == "repeat" else 1)


def test_all_of_them_fit_on_one_page_and_two_files_of_runs_are_compared(tmp_path: Path) -> None:
    files = []
    for kind, data in RESULTS.items():
        files.append(tmp_path / f"{kind}.json")
        files[-1].write_bytes(data)
    assert Page(report_of_files(files)).problems == []
    assert "run.json and repeat.json" in Page(report_of_files(files[:2])).text


@pytest.mark.parametrize("plain", [5, {}, {"format": "other"}, {"format": "zmq-bench-result/1"}])
def test_what_is_no_result_is_refused(tmp_path: Path, plain: Any) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(plain))
    with pytest.raises(InputError, match="is no"):
        report_of_files([file])
