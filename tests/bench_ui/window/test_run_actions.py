"""Runs and the archive: each is kept whole, with what is its own, whatever the user does beside it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from bench_ui.widgets import number_format
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from bench_app.engine import run_once
from bench_app.engine.session import Phase
from bench_app.errors import ArchiveError, BenchError
from tests.bench_ui.driving import InWindow, open_preset, until_ended, until_running
from tests.runs import preset, until

RUN_S = 0.4


def a_preset(rate: int) -> dict[str, object]:
    return preset({"socket_type": "PUSH"}, rate=rate, duration_s=RUN_S)


@pytest.mark.parametrize("signal", ["phase_changed", "run_ended"])
def test_a_run_started_the_moment_another_one_ends_takes_nothing_of_it(in_window: InWindow, signal: str) -> None:
    async def scenario(window: MainWindow) -> None:
        bench = window.bench
        rates = [2000, 1000, 500]

        def start_the_next(*_: object) -> None:
            if rates and not bench.running:
                open_preset(window, a_preset(rates.pop(0)))
                window.bench.start()

        getattr(bench, signal).connect(start_the_next)
        start_the_next()
        await until(lambda: not rates and not bench.running and bench.result is not None, 60)
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


def test_a_run_started_while_a_kept_one_is_read_stays_on_screen(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, a_preset(1000))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        reading = window.bench.start_task(window.run_actions.show(window.panels.runs.summaries[0].id), "show")
        await asyncio.sleep(0)
        window.bench.start()
        session = window.bench.session
        await reading
        assert window.bench.session is session and window.refresher.kept is None
        assert "under way" in window.panels.banner.text()
        await until_ended(window)
        await window.run_store.flush()
        assert [(run.complete, run.offered) for run in window.panels.runs.summaries] == [(True, 400)] * 2

    in_window(scenario)


def test_what_is_read_from_a_file_does_not_take_the_place_of_a_run_or_of_edits(
    in_window: InWindow, tmp_path: Path
) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps(a_preset(100)))

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=20))
        window.bench.open(file)
        window.bench.start()
        await until(lambda: "under way" in window.panels.banner.text())
        assert window.bench.document is not None and window.bench.document.name == "test"
        await until_running(window)
        window.bench.stop()
        await until_ended(window)

        window.bench.edit([(("bench", "duration_s"), 3)], "duration")
        window.bench.open(file)
        await until(lambda: bool(window.findChildren(QMessageBox)))
        assert window.bench.document.preset.bench.duration_s == 3
        box = window.findChildren(QMessageBox)[0]
        box.button(QMessageBox.StandardButton.Discard).click()
        assert window.bench.document.name == "other"

    in_window(scenario)


def test_a_broken_file_is_told_before_anybody_is_asked_about_unsaved_changes(
    in_window: InWindow, tmp_path: Path
) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, a_preset(100))
        window.bench.edit([(("bench", "duration_s"), 3)], "duration")
        window.bench.open(tmp_path / "missing.json")
        await until(lambda: "missing.json" in window.panels.banner.text())
        assert not window.findChildren(QMessageBox)

    in_window(scenario)


def test_a_run_that_could_not_be_begun_in_the_archive_is_kept_when_it_ends(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        in_its_place = tmp_path / "runs.sqlite"
        in_its_place.mkdir()
        open_preset(window, a_preset(500))
        window.bench.start()
        await until(lambda: "runs.sqlite" in window.panels.banner.text())
        in_its_place.rmdir()
        await until_ended(window)
        await window.run_store.flush()
        assert [(run.complete, run.offered, run.preset) for run in window.panels.runs.summaries] == [
            (True, 200, "test")
        ]

    in_window(scenario)


def test_del_and_ctrl_z_in_the_list_of_runs_are_about_runs(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, a_preset(500))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        window.bench.edit([(("bench", "duration_s"), 3)], "duration")
        window.panel_layout.tabs.setCurrentWidget(window.panels.runs)
        window.activateWindow()
        view = window.panels.runs.view
        view.setFocus()
        view.selectRow(0)
        QTest.keyClick(view, Qt.Key.Key_Delete)
        await until(lambda: window.panels.runs.summaries == [])
        QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: len(window.panels.runs.summaries) == 1)
        assert window.bench.document is not None and window.bench.document.preset.bench.duration_s == 3
        QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert window.bench.document.preset.bench.duration_s == RUN_S

    in_window(scenario)


def test_the_run_under_way_cannot_be_deleted(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20))
        window.bench.start()
        await until(lambda: window.bench.phase is Phase.RUNNING)
        summaries = window.run_store.archive.summaries()
        with pytest.raises(ArchiveError, match="has not ended yet"):
            await window.run_store.delete([summaries[0].id])
        window.bench.stop()
        await until_ended(window)
        await window.run_store.flush()
        (run,) = window.panels.runs.summaries
        assert run.complete and run.verdict == "interrupted"
        assert window.panels.ledger.verdict.startswith("INTERRUPTED – the ledger balances")
        window.refresher.show_status()
        assert window.panels.status_line.status.endswith("interrupted")

    in_window(scenario)


def test_a_kept_run_is_shown_with_its_own_words_and_goes_with_its_document(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUB", "topic": "t"}, rate=500, duration_s=RUN_S))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        first = window.panels.runs.summaries[0].id
        window.bench.edit([(("bench", "duration_s"), 20)], "duration")
        window.bench.start()
        await until_running(window)
        window.bench.stop()
        await until_ended(window)
        await window.run_store.flush()
        status = window.panels.status_line
        assert status.status.endswith("interrupted")

        # Asked about the edit, and left: nothing of the kept run is shown.
        before = window.panels.flow.accessibleDescription()
        await window.run_actions.show(first)
        box = window.findChildren(QMessageBox)[0]
        box.button(QMessageBox.StandardButton.Cancel).click()
        assert window.refresher.kept is None and window.panels.flow.accessibleDescription() == before
        assert window.bench.document is not None and window.bench.document.preset.bench.duration_s == 20

        window.bench.undo_stack.setClean()
        await window.run_actions.show(first)
        length_s = (await window.run_store.load(first)).record.result.duration_s
        assert status.status.endswith("pass") and window.panels.run_bar.state.time == number_format.clock(length_s)
        assert "offered 200" in window.panels.flow.accessibleDescription()
        assert window.bench.document.preset.bench.duration_s == RUN_S
        assert [row[0].strip() for row in window.panels.ledger.rows] == ["PUB h", "SUB sub-1"]
        assert not window.panels.board.live.isVisible()

        window.document_files.new()
        assert "offered 0" in window.panels.flow.accessibleDescription() and not window.panels.ledger.rows

    in_window(scenario)


def test_a_run_without_a_result_is_no_longer_under_way(
    in_window: InWindow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise BenchError("there is no result")

    async def scenario(window: MainWindow) -> None:
        monkeypatch.setattr(run_once, "build_result", fails)
        open_preset(window, a_preset(500))
        window.bench.start()
        await until(lambda: "no result" in window.panels.banner.text())
        await window.run_store.flush()
        await until(lambda: [run.verdict for run in window.panels.runs.summaries] == ["interrupted"])
        await window.run_actions.delete([window.panels.runs.summaries[0].id])
        assert window.panels.runs.summaries == []

    in_window(scenario)


def test_what_was_hidden_when_a_run_ended_is_that_runs_when_it_is_seen(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        board = window.panels.board

        def distribution() -> str:
            return board.distribution.legend.entries["service"].value

        open_preset(window, preset({"socket_type": "PUSH"}, rate=200, duration_s=RUN_S, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_ended(window)
        quick = distribution()
        assert quick
        board.show_fourth("queue")
        window.bench.edit([(("bench", "listeners", "h", 0, "delay_ms"), 6)], "delay")
        window.bench.start()
        await until_ended(window)
        assert distribution() == quick, "what is not seen is not drawn"
        board.show_fourth("distribution")
        result = window.bench.result
        assert result is not None
        slow = number_format.duration_ns(1e3 * result.handlers["h"].listeners["l"].service_us.p99)
        await until(lambda: distribution() == slow)
        assert window.panels.run_bar.state.p99 == f"p99 {slow}"
        board.latency.choose("lateness")
        lateness = number_format.duration_ns(1e3 * result.handlers["h"].lateness_us.p99)
        assert window.panels.run_bar.state.p99 == f"p99 {lateness}"

    in_window(scenario)
