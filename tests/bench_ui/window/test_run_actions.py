"""Kept runs are opened, compared, renamed, exported, deleted and brought back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from bench_ui.panels.side_by_side_dialog import SideBySideDialog
from bench_ui.runs.export_kind import ExportKind
from bench_ui.widgets import number_format
from bench_ui.window.main_window import MainWindow
from PySide6.QtWidgets import QMessageBox

from bench_app.engine.result import Outcome
from bench_app.errors import ArchiveError
from tests.bench_ui.driving import (
    RUN_S,
    InWindow,
    open_preset,
    short_run,
    until_ended,
    until_running,
)
from tests.runs import ending_of, preset, until


def test_a_run_started_while_a_kept_one_is_read_stays_on_screen(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, short_run(1000))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        reading = window.bench.start_task(window.run_actions.show(window.panels.runs.summaries[0].id), "show")
        await asyncio.sleep(0)
        window.bench.start()
        session = window.bench.run.session
        await reading
        assert window.bench.run.session is session and window.refresher.kept is None
        assert "under way" in window.panels.banner.text()
        await until_ended(window)
        await window.run_store.flush()
        assert [(run.complete, run.offered) for run in window.panels.runs.summaries] == [(True, 400)] * 2

    in_window(scenario)


def test_a_kept_run_is_shown_with_its_own_state_until_another_document_is_opened(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUB", "topic": "t"}, rate=500, duration_s=RUN_S))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        first = window.panels.runs.summaries[0].id
        window.bench.editor.edit([(("bench", "duration_s"), 20)], "duration")
        window.bench.start()
        await until_running(window)
        window.bench.run.stop()
        await until_ended(window)
        await window.run_store.flush()
        status, stopped = window.panels.status_line, window.bench.run.result
        assert stopped is not None
        assert status.status.endswith(ending_of(stopped, Outcome.INTERRUPTED))

        # The user cancels at the question about the edit: nothing of the kept run is shown.
        before = window.panels.flow.accessibleDescription()
        await window.run_actions.show(first)
        box = window.findChildren(QMessageBox)[0]
        box.button(QMessageBox.StandardButton.Cancel).click()
        assert window.refresher.kept is None and window.panels.flow.accessibleDescription() == before
        assert window.bench.editor.document is not None and window.bench.editor.document.preset.bench.duration_s == 20

        window.bench.editor.undo_stack.setClean()
        await window.run_actions.show(first)
        kept = (await window.run_store.load(first)).record.result
        assert status.status.endswith(ending_of(kept, Outcome.PASS))
        assert window.panels.run_bar.state.time == number_format.clock(kept.duration_s)
        assert "offered 200" in window.panels.flow.accessibleDescription()
        assert window.bench.editor.document.preset.bench.duration_s == RUN_S
        assert [row[0].strip() for row in window.panels.ledger.rows] == ["PUB h", "SUB sub-1"]
        assert not window.panels.board.live.isVisible()

        window.document_files.new()
        assert "offered 0" in window.panels.flow.accessibleDescription() and not window.panels.ledger.rows

    in_window(scenario)


def test_kept_runs_open_again_compare_rename_export_delete_and_come_back(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=1.0, rate=500))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        run = window.panels.runs.summaries[0]
        result = window.bench.run.result
        assert result is not None
        assert (run.offered, run.received, run.dropped) == (500, 500, 0)
        assert run.verdict == ending_of(result, Outcome.PASS)
        await window.run_store.rename(run.id, "first")
        await window.run_actions.choose_baseline(run.id)
        assert window.panels.runs.summaries[0].is_baseline and window.panels.runs.summaries[0].name == "first"
        assert window.panels.status_line.baseline.startswith("★ first, 20")
        await window.run_actions.rename(run.id, "the first")
        assert window.panels.status_line.baseline.startswith("★ the first, 20")
        window.bench.start()
        await until_running(window)
        await until(lambda: window.panels.board.throughput.baseline["received"].getData()[0] is not None)
        await until_ended(window)
        await window.run_store.flush()
        await window.run_actions.show(run.id)
        assert {row[0]: row[1] for row in window.panels.ledger.rows}["PUSH h"] == "500"
        await until(lambda: window.panels.board.settled)
        assert len(window.panels.board.throughput.data["received"][0]) > 2
        for kind in ExportKind:
            await window.run_actions.export(run.id, kind, tmp_path / kind.value)
        assert json.loads((tmp_path / "json").read_text())["handlers"]["h"]["offered"] == 500
        assert "h,pull-1," in (tmp_path / "csv").read_text()
        assert (tmp_path / "history").read_text().startswith("track,at_s,")
        assert (tmp_path / "report").read_text().startswith("<!DOCTYPE html>")
        await window.run_store.set_tags(run.id, ["night"])
        await window.run_actions.compare([one.id for one in reversed(window.panels.runs.summaries)])
        dialog = next(one for one in window.children() if isinstance(one, SideBySideDialog))
        assert len(dialog.curves) == 3
        dialog.close()
        # The file has the run as it was exported, before it got a tag.
        window.bench.open(tmp_path / "run")
        await until(lambda: len(window.panels.runs.summaries) == 3)
        taken = window.panels.runs.summaries[0]
        assert (taken.name, taken.offered, taken.tags) == ("the first", 500, ())
        await until(lambda: window.refresher.kept is not None and window.refresher.kept.id == taken.id)
        await window.run_store.delete([taken.id])
        await window.run_store.delete([one.id for one in window.panels.runs.summaries])
        assert window.panels.runs.summaries == []
        with pytest.raises(ArchiveError):
            await window.run_store.load(run.id)
        await window.run_store.undelete()
        assert len(window.panels.runs.summaries) == 2

    in_window(scenario)


def test_a_deleted_baseline_is_no_longer_shown_and_comes_back(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=0.5))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        run = window.panels.runs.summaries[0].id
        await window.run_actions.choose_baseline(run)
        await window.run_actions.delete([run])
        assert window.refresher.baseline is None
        assert "baseline" not in window.panels.flow.accessibleDescription()
        await window.run_actions.undelete()
        assert window.refresher.baseline is not None and window.refresher.baseline.id == run

    in_window(scenario)
