from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from junitparser import JUnitXml

from bench_app.cli.run_outputs import NO_OUTPUTS, RunOutputs
from bench_app.errors import InputError
from bench_app.reports.run_report import RunReport
from tests.cli.command import bench_inside, write
from tests.cli.results import handler, listener, result
from tests.reports.html_page import Page
from tests.runs import preset

FORMATS = ("html", "junit", "csv", "markdown", "perfetto")


def test_a_run_writes_every_format(tmp_path: Path) -> None:
    files = {name: tmp_path / f"out.{name}" for name in FORMATS}
    options = [text for name, file in files.items() for text in (f"--{name}", str(file))]
    out = tmp_path / "result.json"
    finished = bench_inside("run", write(tmp_path, preset(checks=["drops >= 0"])), "--json", str(out), *options)
    assert finished.returncode in (0, 3), finished.stderr
    counted = json.loads(out.read_text())["handlers"]["h"]
    page = Page(files["html"].read_text())
    assert page.problems == [] and f"{counted['offered']:,}" in page.text
    assert any("offered" in curve["name"] for plot in page.plots for curve in plot["curves"])
    assert next(iter(next(iter(JUnitXml.fromfile(str(files["junit"])))))).name == "drops >= 0"
    rows = list(csv.DictReader(files["csv"].read_text().splitlines()))
    assert rows[0]["offered"] == str(counted["offered"])
    assert f"{counted['offered']:,}" in files["markdown"].read_text()
    trace = json.loads(files["perfetto"].read_text())["traceEvents"]
    assert {"queue", "socket", "wire", "listener"} <= {event["name"] for event in trace}


def test_files_that_cannot_be_written_are_refused_before_the_run(tmp_path: Path) -> None:
    file = tmp_path / "a"
    for outputs in (
        RunOutputs(html=file, csv=file),
        RunOutputs(junit=tmp_path / "no" / "a"),
        RunOutputs(csv=Path("-")),
    ):
        with pytest.raises(InputError):
            outputs.refuse_unwritable()
    RunOutputs(html=file).refuse_unwritable()
    assert RunOutputs(html=file).needs_series and not NO_OUTPUTS.needs_series


def test_repeated_runs_write_all_runs_into_each_file(tmp_path: Path) -> None:
    files = {name: tmp_path / f"out.{name}" for name in ("html", "junit", "csv", "markdown")}
    outputs = RunOutputs(**files)
    results = [result(handler({"one": listener()})) for _ in range(3)]
    outputs.write_repeated([RunReport(one) for one in results], results)
    page = Page(files["html"].read_text())
    assert page.problems == [] and "3 runs" in page.text and "Run 3 of 3" in page.text
    suites = list(JUnitXml.fromfile(str(files["junit"])))
    assert [suite.name for suite in suites] == ["p run 1", "p run 2", "p run 3"]
    assert {row["run"] for row in csv.DictReader(files["csv"].read_text().splitlines())} == {"1", "2", "3"}
    assert files["markdown"].read_text().count("### ") == 3
