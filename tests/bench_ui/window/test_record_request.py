"""The next run is recorded in the file that the user chooses, and no other run."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.window import dialogs
from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import InWindow, open_preset, short_run, until_ended


def test_the_next_run_is_recorded_and_no_other(
    in_window: InWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [tmp_path / "no" / "a.jsonl", tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    monkeypatch.setattr(dialogs, "ask_recording", lambda window, name, chosen: chosen(answers.pop(0)))

    async def scenario(window: MainWindow) -> None:
        request, run = window.record_request, window.bench.run
        button = window.panels.run_bar.record
        button.click()
        assert not request.is_on, "the file cannot be written"
        assert not button.isChecked()
        button.click()
        assert request.is_on
        assert button.isChecked()
        request.toggle()
        assert not request.is_on
        assert not button.isChecked()
        request.toggle()
        assert button.isChecked()
        open_preset(window, short_run(200))
        window.bench.start()
        assert not request.is_on
        assert not button.isChecked()
        await until_ended(window)
        assert run.result is not None
        received = sum(one.received for handler in run.result.handlers.values() for one in handler.listeners.values())
        assert len((tmp_path / "b.jsonl").read_bytes().splitlines()) == received > 0
        assert not (tmp_path / "a.jsonl").exists()

    in_window(scenario)
