"""What the commands of the lab share."""

from __future__ import annotations

import io
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.lab_options import TrialOptions, TrialProgress, load_document, trial_options
from bench_app.data_plane.choice import PlaneChoice
from bench_app.errors import InputError
from bench_app.lab.journal import Journal
from tests.cli.command import write
from tests.runs import preset


def shown(quiet: bool, terminal: bool) -> str:
    out = io.StringIO()
    console = CommandConsole(file=out, width=80, force_terminal=terminal, color_system=None)
    with TrialProgress(console, quiet) as progress:
        progress.left("about 5 s left")
        progress.note("1,000/s: nothing lost\x1b")
    return out.getvalue()


def test_each_note_is_a_line() -> None:
    assert shown(quiet=False, terminal=False) == "1,000/s: nothing lost\\x1b\n"
    assert "1,000/s: nothing lost\\x1b" in shown(quiet=False, terminal=True)


def test_quiet_work_shows_nothing() -> None:
    assert shown(quiet=True, terminal=False) == ""
    assert shown(quiet=True, terminal=True) == ""


def test_values_are_set_before_the_trials(tmp_path: Path) -> None:
    document = load_document(write(tmp_path, preset()), ("output.handlers.h.config.queue_size=7",))
    assert document.preset.output.handlers["h"].config.queue_size == 7
    with pytest.raises(InputError):
        load_document(write(tmp_path, preset()), ("nonsense",))


@click.command()
@trial_options
def asked(trials: TrialOptions) -> None:
    click.echo(repr(trials))


def test_the_options_of_all_trials_are_one_value(tmp_path: Path) -> None:
    given = ["--set", "a=1", "--plane", "python", "--resume", str(tmp_path / "j"), "--keep-runs", "--quiet"]
    shown_options = CliRunner().invoke(asked, given).output
    assert shown_options == repr(TrialOptions(("a=1",), PlaneChoice("python", None), tmp_path / "j", True, True)) + "\n"


def test_runs_are_kept_beside_a_journal_only() -> None:
    refused = CliRunner().invoke(asked, ["--keep-runs"])
    assert refused.exit_code == 2
    assert "--keep-runs needs --resume" in refused.output


def test_a_journal_belongs_to_a_plane(tmp_path: Path) -> None:
    def opened(plane: PlaneChoice) -> Journal:
        return TrialOptions((), plane, tmp_path / "j", False, True).journal("find", {})

    opened(PlaneChoice("python", None)).close()
    with pytest.raises(InputError, match="other settings"):
        opened(PlaneChoice("compiled", None))
