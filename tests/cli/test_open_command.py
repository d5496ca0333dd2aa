"""The bare form of the command: the window, or the terminal without a display."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench_app.archive.run_file import FORMAT
from bench_app.cli import open_command
from bench_app.cli.commands import cli
from bench_app.errors import InputError
from tests.cli.command import write
from tests.runs import preset


def test_without_a_display_the_preset_runs_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(open_command, "why_no_window", lambda: "There is no display")
    out = tmp_path / "r.json"
    file = write(tmp_path, preset({"socket_type": "PUSH"}, checks=["drops == 1"]))
    with pytest.raises(SystemExit) as ended:
        cli.main([file, "--json", str(out)], standalone_mode=False)
    verdict = json.loads(out.read_text())["verdict"]
    # The exit code of zmq-bench run: a check failed, or this machine was too busy to judge the run.
    assert (ended.value.code, verdict) in ((1, "fail"), (3, "invalid"))
    assert "There is no display: p runs in the terminal." in capsys.readouterr().err


def test_a_picture_without_a_window_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_command, "why_no_window", lambda: "There is no display")
    with pytest.raises(InputError, match="There is no display: --screenshot needs the window"):
        cli.main(["slow-joiner", "--screenshot", str(tmp_path / "loss.png")], standalone_mode=False)


def test_the_window_gets_the_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    class Window:
        def load(self) -> object:
            return lambda *arguments: opened.append(arguments) or 0

    monkeypatch.setattr(open_command, "why_no_window", lambda: "")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [Window()])
    picture = tmp_path / "loss.PNG"
    arguments = ["slow-joiner", "--start", "--screenshot", str(picture), "--after", "10"]
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments, standalone_mode=False)
    assert ended.value.code == 0
    assert opened == [("slow-joiner", True, picture, 10.0, None)]


def test_a_kept_run_opens_in_the_window_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[object, ...]] = []
    file = tmp_path / "colleague.zmqrun"
    file.write_bytes(FORMAT)
    monkeypatch.setattr(open_command, "load_window", lambda: lambda *given: opened.append(given) or 0)
    monkeypatch.setattr(open_command, "why_no_window", lambda: "There is no display")
    with pytest.raises(InputError, match="There is no display, which shows kept runs; `zmq-bench runs"):
        cli.main([str(file)], standalone_mode=False)
    monkeypatch.setattr(open_command, "why_no_window", lambda: "")
    with pytest.raises(InputError, match="without --start"):
        cli.main([str(file), "--start"], standalone_mode=False)
    with pytest.raises(SystemExit):
        cli.main([str(file)], standalone_mode=False)
    assert opened == [(str(file), False, None, None, None)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--screenshot", "loss.txt"], r"a picture can be written to a file that ends in \.png"),
        (["--screenshot", "/nowhere/at/all/loss.png"], "the folder of .* does not exist"),
        (["--json", "/nowhere/at/all/r.json"], "the folder of .* does not exist"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_the_window_opens(
    options: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_command, "why_no_window", lambda: pytest.fail("asked for a window"))
    with pytest.raises(InputError, match=message):
        cli.main(["slow-joiner", *options], standalone_mode=False)


def test_a_preset_that_cannot_be_read_opens_no_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(open_command, "why_no_window", lambda: pytest.fail("asked for a window"))
    file = tmp_path / "broken.json"
    file.write_text("{")
    with pytest.raises(InputError):
        cli.main([str(file)], standalone_mode=False)
