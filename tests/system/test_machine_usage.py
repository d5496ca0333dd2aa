from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench_app.system import machine_usage as module
from bench_app.system.machine_usage import MachineUsage, machine_usage

TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of files. Each test writes those that its system has."""
    for name in ("_PRESSURE", "_STAT", "_CGROUPS"):
        monkeypatch.setattr(module, name, tmp_path / name)
    monkeypatch.setattr(module, "_CGROUP_ROOT", tmp_path / "cgroup")
    return tmp_path


def group(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.stat").write_text(text)


def test_a_system_that_tells_nothing_has_no_figures(files: Path) -> None:
    assert machine_usage() == MachineUsage(None, None, None)


def test_the_total_of_some_is_the_pressure(files: Path) -> None:
    (files / "_PRESSURE").write_text(
        "some avg10=1.00 avg60=2.00 avg300=3.00 total=4567\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"
    )
    assert machine_usage().pressure_us == 4567


def test_steal_is_the_eighth_figure_of_all_processors(files: Path) -> None:
    (files / "_STAT").write_text(f"cpu  1 2 3 4 5 6 7 {3 * TICKS} 0 0\ncpu0 9 9 9 9 9 9 9 9 0 0\n")
    assert machine_usage().steal_ms == 3000


def test_a_short_line_has_no_steal(files: Path) -> None:
    (files / "_STAT").write_text("cpu  1 2 3 4\n")
    assert machine_usage().steal_ms is None


def test_a_quota_of_a_group_above_counts(files: Path) -> None:
    (files / "_CGROUPS").write_text("0::/outer/inner\n")
    group(files / "cgroup" / "outer" / "inner", "usage_usec 5\nthrottled_usec 10\n")
    group(files / "cgroup" / "outer", "usage_usec 5\nthrottled_usec 7000\n")
    assert machine_usage().throttled_us == 7000


def test_cgroup_1_counts_in_ns(files: Path) -> None:
    (files / "_CGROUPS").write_text("3:cpuset:/\n1:cpu,cpuacct:/job\n")
    group(files / "cgroup" / "cpu,cpuacct" / "job", "nr_throttled 2\nthrottled_time 5000000\n")
    assert machine_usage().throttled_us == 5000


def test_a_group_without_a_quota_has_no_figure(files: Path) -> None:
    (files / "_CGROUPS").write_text("0::/\n")
    group(files / "cgroup", "usage_usec 5\n")
    assert machine_usage().throttled_us is None


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="no /proc here")
def test_this_machine_never_gives_time_back() -> None:
    first, second = machine_usage(), machine_usage()
    assert first.steal_ms is not None and second.steal_ms is not None
    assert second.steal_ms >= first.steal_ms >= 0
