from __future__ import annotations

import io
from pathlib import Path

import pytest

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.lab_options import TrialOptions
from bench_app.cli.series_options import check_metrics, load_for_series, open_series
from bench_app.data_plane.choice import AS_INSTALLED
from bench_app.errors import InputError
from bench_app.lab.laboratory import StoppedError
from tests.cli.command import write
from tests.sweeps.fake_runs import document


def options(*assignments: str, resume: Path | None = None) -> TrialOptions:
    return TrialOptions(assignments, AS_INSTALLED, resume, keeps_runs=False, quiet=False)


def test_the_duration_is_a_value_of_the_preset(tmp_path: Path) -> None:
    preset = write(tmp_path, document().raw)
    assert load_for_series(preset, options("bench.io_threads=2"), 3.5).preset.bench.duration_s == 3.5
    assert load_for_series(preset, options("bench.duration_s=7"), None).preset.bench.duration_s == 7


def test_metrics_are_checked_against_the_units_of_the_preset() -> None:
    check_metrics(document(), ["rate", "pub: rate", "pub/sub-1: latency.service.p50_ms"])
    with pytest.raises(InputError, match="is no metric"):
        check_metrics(document(), ["pub/sub-9: rate"])


@pytest.mark.parametrize("resume", [True, False])
def test_an_interrupted_series_ends_with_130_and_says_how_to_go_on(
    tmp_path: Path, resume: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kept.jsonl" if resume else None
    console = CommandConsole(file=io.StringIO())
    with pytest.raises(SystemExit) as ended, open_series(document(), console, options(resume=file), "test", {}):
        raise StoppedError(interrupted=True)
    assert ended.value.code == 130
    assert ("goes on from" if resume else "nothing was kept") in capsys.readouterr().err
