"""Each run is written to the archive completely, and with nothing of another run."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.widgets.verdict import verdict_text
from bench_ui.window.main_window import MainWindow

from bench_app.engine import run_once
from bench_app.engine.result import Outcome
from bench_app.engine.session import Phase
from bench_app.errors import ArchiveError, BenchError
from tests.bench_ui.driving import (
    RUN_S,
    InWindow,
    open_preset,
    short_run,
    until_ended,
)
from tests.runs import doubts, ending_of, preset, until


@pytest.mark.parametrize("signal", ["phase_changed", "ended"])
def test_a_run_started_the_moment_another_one_ends_takes_nothing_of_it(in_window: InWindow, signal: str) -> None:
    async def scenario(window: MainWindow) -> None:
        bench = window.bench
        rates = [2000, 1000, 500]

        def start_the_next(*_: object) -> None:
            if rates and not bench.run.running:
                open_preset(window, short_run(rates.pop(0)))
                window.bench.start()

        getattr(bench.run, signal).connect(start_the_next)
        start_the_next()
        await until(lambda: not rates and not bench.run.running and bench.run.result is not None, 60)
        await window.run_store.flush()
        runs = sorted(window.panels.runs.summaries, key=lambda run: run.id)
        assert [(run.complete, run.offered) for run in runs] == [(True, 800), (True, 400), (True, 200)]
        for run in runs:
            record = (await window.run_store.load(run.id)).record
            assert record.result.handlers["h"].offered == run.offered
            load = record.settings.preset["bench"]["sources"]["events"]["load"]
            assert load["rate"] * RUN_S == run.offered
            assert sum("connected" in event.message for event in record.events if event.source == "h") == 1

    in_window(scenario)


def test_a_run_that_could_not_be_begun_in_the_archive_is_kept_when_it_ends(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        in_its_place = tmp_path / "runs.sqlite"
        in_its_place.mkdir()
        open_preset(window, short_run(500))
        window.bench.start()
        await until(lambda: "runs.sqlite" in window.panels.banner.text())
        in_its_place.rmdir()
        await until_ended(window)
        await window.run_store.flush()
        assert [(run.complete, run.offered, run.preset) for run in window.panels.runs.summaries] == [
            (True, 200, "test")
        ]

    in_window(scenario)


def test_the_run_under_way_cannot_be_deleted(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20))
        window.bench.start()
        await until(lambda: window.bench.run.phase is Phase.RUNNING)
        summaries = window.run_store.archive.summaries()
        with pytest.raises(ArchiveError, match="has not ended yet"):
            await window.run_store.delete([summaries[0].id])
        window.bench.run.stop()
        await until_ended(window)
        await window.run_store.flush()
        (run,) = window.panels.runs.summaries
        result = window.bench.run.result
        assert result is not None
        ending = ending_of(result, Outcome.INTERRUPTED)
        assert run.complete and run.verdict == ending
        assert window.panels.ledger.verdict == verdict_text(result, ending)
        assert window.panels.ledger.verdict.startswith(("INTERRUPTED – the ledger balances", "INVALID – "))
        window.refresher.show_status()
        assert window.panels.status_line.status.endswith(ending)

    in_window(scenario)


def test_a_run_without_a_result_is_no_longer_under_way(
    in_window: InWindow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise BenchError("there is no result")

    async def scenario(window: MainWindow) -> None:
        monkeypatch.setattr(run_once, "build_result", fails)
        open_preset(window, short_run(500))
        window.bench.start()
        await until(lambda: "no result" in window.panels.banner.text())
        await window.run_store.flush()
        await until(lambda: [run.verdict for run in window.panels.runs.summaries] == ["interrupted"])
        await window.run_actions.delete([window.panels.runs.summaries[0].id])
        assert window.panels.runs.summaries == []

    in_window(scenario)


def test_an_unusable_archive_does_not_stop_the_bench(in_window: InWindow, tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_text("this is no database, and long enough to be seen as damaged " * 40)

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=0.5))
        window.bench.start()
        await until_ended(window)
        assert window.bench.run.result is not None
        assert doubts(window.bench.run.result) == []
        assert "runs.sqlite" in window.panels.banner.text()

    in_window(scenario)
