from __future__ import annotations

from pathlib import Path

from bench_app.engine.result import to_json
from tests.cli.command import bench_inside
from tests.comparison.results import result
from tests.reports.html_page import Page


def test_results_become_one_file(tmp_path: Path) -> None:
    a, b, out = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "out.html"
    a.write_bytes(to_json(result()))
    b.write_bytes(to_json(result("invalid", ("busy",))))
    finished = bench_inside("report", str(a), str(b), "-o", str(out))
    assert finished.returncode == 0, finished.stderr
    page = Page(out.read_text())
    assert page.tags["h1"] == 3
    assert "busy" in page.text


def test_wrong_input_ends_with_2(tmp_path: Path) -> None:
    assert bench_inside("report", str(tmp_path / "none.json"), "-o", str(tmp_path / "o.html")).returncode == 2
    assert bench_inside("report", "-o", str(tmp_path / "o.html")).returncode == 2
