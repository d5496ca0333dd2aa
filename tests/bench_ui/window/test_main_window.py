"""The window as its users use it: real workers, real clicks, what they then see; and every manner of ending."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zmq
from bench_ui.forms import NumberBox
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import DARK, LIGHT
from bench_ui.window.main_window import MainWindow
from bench_ui.window.settings import Scheme
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QListWidget, QWidget

from bench_app.engine.session import Phase
from bench_app.engine.view import view_of
from bench_app.errors import ArchiveError
from bench_app.model import HandlerBench, ListenerSpec
from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    three_patterns,
    until_ended,
    until_running,
    workers_of_this_process,
)
from tests.runs import assert_balanced, preset, until

TOOLTIP = Qt.ItemDataRole.ToolTipRole


@pytest.mark.alone
def test_one_click_from_the_gallery_to_moving_plots_and_a_kept_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        assert window.panel_layout.gallery_shown
        card = next(
            card
            for card in window.panels.gallery.findChildren(QAbstractButton)
            if card.accessibleName().startswith("Basic publisher")
        )
        click(card)
        assert not window.panel_layout.gallery_shown
        await until_running(window)
        await until(lambda: len(window.panels.board.latency.data.get("p99", ([], []))[0]) > 5)
        _, p99 = window.panels.board.latency.data["p99"]
        assert np.isfinite(p99).any() and p99[np.isfinite(p99)][0] > 1000
        window.bench.stop()
        await until_ended(window)
        await window.run_store.flush()
        assert [run.preset for run in window.panels.runs.summaries] == ["basic-publisher"]

    in_window(scenario)


def test_three_patterns_end_with_the_same_numbers_everywhere(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=1.5))
        click(window.panels.run_bar.start)
        await until_ended(window)
        result = window.bench.result
        assert result is not None
        assert_balanced(result)
        assert result.verdict == "pass", result.reasons
        assert {name: h.offered for name, h in result.handlers.items()} == {"h": 600, "push": 600, "req": 600}
        # Nobody is connected any more.
        rows = window.panels.handlers.rows
        assert {(row.state, row.sentence) for row in rows} == {("idle", "ended")}
        assert result.gui is not None and result.gui.frames_per_s > 0
        rows = {row[0]: row for row in window.panels.ledger.rows}
        assert rows["PUB h"][1] == rows["PUSH push"][1] == rows["REQ req"][7] == "600"
        assert all(row[-1] in ("balances", "") for row in window.panels.ledger.rows)
        assert "PASS" in window.panels.ledger.verdict
        tracks = window.bench.session.tracks  # type: ignore[union-attr]
        assert tracks is not None and tracks["push"].column("received")[-1] == 600
        assert "offered 1,800" in window.panels.flow.accessibleDescription()

    in_window(scenario)


def test_knobs_turned_in_the_forms_reach_the_run_and_are_marked_on_every_plot(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=6.0, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        session = window.bench.session
        assert session is not None
        window.panels.handlers.select("h")
        form = next(iter(window.panels.inspector.handler_pages.values())).config
        box = form.widget("high_water_mark")
        assert isinstance(box, NumberBox)
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, "20")
        QTest.keyClick(box, Qt.Key.Key_Return)
        await until(lambda: any("the socket was recreated" in s for s in window.panels.events.sentences))
        assert session.handlers["h"].plan.spec.config.high_water_mark == 20
        window.panels.inspector.source_page.load.edited.emit({"shape": "constant", "rate": 900})
        await until(lambda: session.handlers["h"].window.rates()[0] > 700)
        for plot in window.panels.board.time_plots:
            words = [text for _, text, _ in plot.timeline.markers.marks]
            assert "h: high_water_mark 1,000 -> 20" in words
            assert "h: load constant 300/s -> constant 900/s" in words
        window.bench.stop()
        await until_ended(window)
        assert window.bench.result is not None and window.bench.result.balanced

    in_window(scenario)


def test_twenty_live_changes_and_the_ledger_balances(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(
            window, preset({"socket_type": "PUB", "topic": "t"}, rate=500, duration_s=30, listeners=[{"name": "l"}])
        )
        window.bench.start()
        await until_running(window)
        for turn in range(20):
            hwm = 100 + turn
            path = ("output", "handlers", "h", "config", "high_water_mark")
            assert window.bench.edit([(path, hwm)], "hwm") == []
            session = window.bench.session
            assert session is not None
            await until(
                lambda turn=turn: sum("the socket was recreated" in s for s in window.panels.events.sentences) > turn
            )
        window.bench.stop()
        await until_ended(window)
        assert window.bench.result is not None
        assert_balanced(window.bench.result)
        assert window.bench.undo_stack.count() == 20

    in_window(scenario)


# What is added gets a well-known port, which others may use at the same time.
@pytest.mark.alone
def test_handlers_come_and_go_and_restart_in_a_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=500, duration_s=30))
        window.bench.start()
        await until_running(window)
        session = window.bench.session
        assert session is not None and session.tracks is not None
        window.document_editing.add_handler("REQ")
        await until(lambda: "zmq-req" in session.handlers and session.handlers["zmq-req"].counts.replied > 20)
        window.panels.handlers.select("h")
        config = next(iter(window.panels.inspector.handler_pages.values())).config
        config.edited.emit("socket_type", "PUB")
        await until(lambda: session.handlers["h"].plan.spec.config.socket_type == "PUB")
        await until(lambda: session.handlers["h"].counts.accepted > 20)
        (before,) = set(session.handlers) - {"h", "zmq-req"}
        assert before.startswith("h (until ")
        # What it did before stays in what is shown of it.
        await until(lambda: f"{before}/pull-1" in session.tracks.by_name and len(session.tracks["h"]) > 5)
        both = session.handlers[before].counts.offered
        window.refresher.refresh()
        assert window.panels.flow.flow.offered >= both + 20
        window.panels.handlers.select("zmq-req")
        window.panels.handlers.remove_selected()
        await until(lambda: list(session.present) == ["h"])
        window.panels.handlers.tree.clearSelection()
        assert window.panels.handlers.scope.everything
        window.bench.stop()
        await until_ended(window)
        result = window.bench.result
        assert result is not None and len(result.handlers) == 3
        window.refresher.refresh()
        assert all(view.offered_rate == 0.0 for view in view_of(session)), "nothing flows any more"
        flow = window.panels.flow.flow
        assert flow.over and flow.rates[0] == pytest.approx(flow.offered / session.elapsed_s, rel=0.01)
        window.panels.handlers.select("h")
        assert window.panels.flow.flow.rates[0] < flow.offered / session.elapsed_s
        window.panels.handlers.tree.clearSelection()
        assert_balanced(result)
        window.refresher.refresh()
        assert window.panels.flow.flow.offered == sum(handler.offered for handler in result.handlers.values())
        assert f"PUSH {before}" in {row[0] for row in window.panels.ledger.rows}
        marks = [text for _, text, _ in window.panels.board.time_plots[0].timeline.markers.marks]
        assert "zmq-req joins the run" in marks and "zmq-req leaves the run" in marks

    in_window(scenario)


def test_wrong_input_is_marked_at_the_field_and_never_applied(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        page = next(iter(window.panels.inspector.handler_pages.values()))
        before = window.bench.document
        uri = page.spec.widget("uri")
        assert isinstance(uri, QLineEdit)
        uri.setFocus()
        uri.selectAll()
        QTest.keyClicks(uri, "http://nowhere")
        QTest.keyClick(uri, Qt.Key.Key_Return)
        assert window.bench.document is before
        assert uri.property("fault")
        faults = [label.text() for label in page.spec.findChildren(QWidget, "fault") if label.text()]  # type: ignore[attr-defined]
        assert any("zmq://" in text for text in faults)

    in_window(scenario)


def test_pause_send_by_hand_and_read_the_message(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUB", "topic": "cam"}, rate=200, duration_s=20))
        window.panel_layout.tabs.setCurrentWidget(window.panels.messages)
        window.bench.start()
        await until_running(window)
        QTest.keyClick(window, Qt.Key.Key_Space)
        session = window.bench.session
        assert session is not None
        await until(lambda: session.paused)
        await until(lambda: session.handlers["h"].window.rates() == (0.0, 0.0))
        assert window.panels.run_bar.pause.text().endswith("Go on")
        window.panels.messages.set_text("[1]")
        click(window.panels.messages.send)
        assert "JSON object" in window.panels.messages.reason
        window.panels.messages.set_text('{"who": "me"}')
        click(window.panels.messages.send)
        assert window.panels.messages.reason == ""
        await until(lambda: window.panels.messages.sent.startswith("Offered to h at "))
        model = window.panels.messages.view.model()
        await until(lambda: model.rowCount() > 0 and '"who"' in str(model.index(model.rowCount() - 1, 4).data()))
        row = model.rowCount() - 1
        assert model.index(row, 2).data() == "cam"
        window.panels.messages.view.selectRow(row)
        window.panels.messages.copy_selected()
        topic, body = QApplication.clipboard().text().splitlines()
        assert topic == "cam" and json.loads(body)["who"] == "me"
        window.bench.stop()
        await until_ended(window)
        # One clock for plots, events and head, in which a pause is time, too.
        assert session.paused_s > 0
        window.refresher.tick(board_shown=True)
        assert window.panels.run_bar.state.time == number_format.clock(session.elapsed_s + session.paused_s)
        assert window.bench.result is not None and window.bench.result.balanced

    in_window(scenario)


def test_a_killed_listener_is_an_event_and_not_the_end(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        window.panels.handlers.select("h", "l")
        window.unit_actions.carry_out(UnitRequest(UnitAction.KILL, "h", "l"))
        await until(lambda: any("SIGKILL" in sentence for sentence in window.panels.events.sentences))
        session = window.bench.session
        assert session is not None
        await until(lambda: next(iter(session.listeners.values())).restarts == 1)
        assert "another worker takes its place" in window.panels.events.sentences
        window.bench.stop()
        await until_ended(window)
        assert window.bench.result is not None
        assert_balanced(window.bench.result)

    in_window(scenario)


def test_listener_pause_by_button(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        window.panels.handlers.select("h", "l")
        page = next(iter(window.panels.inspector.listener_pages.values()))
        click(page.pause)
        session = window.bench.session
        assert session is not None
        listener = next(iter(session.listeners.values()))
        await until(lambda: listener.window.rates() == (0.0,))
        click(page.pause)
        await until(lambda: listener.window.rates()[0] > 0)
        window.bench.stop()
        await until_ended(window)

    in_window(scenario)


def test_a_broken_preset_lists_all_faults_and_leaves_what_is_open(in_window: InWindow, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"output": {"handlers": {"h": {"uri": "tcp://x", "config": {"linger": "long"}}}}}))

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        before = window.bench.document
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(broken))])
        drop = QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        window.dropEvent(drop)
        await until(lambda: bool(window.findChildren(QListWidget)))
        shown = window.findChildren(QListWidget)[0]
        assert [shown.item(row).text().partition(":")[0] for row in range(shown.count())] == [
            "output.handlers.h.uri",
            "output.handlers.h.config.linger",
        ]
        assert window.bench.document is before

    in_window(scenario)


@pytest.mark.parametrize("name", ["missing.json", "folder"])
def test_what_cannot_be_opened_or_saved_is_told(in_window: InWindow, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.bench.open(tmp_path / name)
        await until(lambda: window.panels.banner.isVisibleTo(window) and name in window.panels.banner.text())
        window.bench.start_task(window.bench.save(tmp_path / "no" / "where.json"), "save")
        await until(lambda: "where.json" in window.panels.banner.text())

    in_window(scenario)


def test_a_handler_that_cannot_start_is_told_at_once_while_the_others_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        with zmq.Context() as context, context.socket(zmq.PULL) as stranger:
            port = stranger.bind_to_random_port("tcp://127.0.0.1")
            raw = preset({"socket_type": "PUB", "topic": "t"}, uri=f"zmq://tcp://*:{port}", rate=300, duration_s=20)
            raw["output"]["handlers"]["push"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "PUSH"}}
            open_preset(window, raw)
            window.bench.start()
            await until(lambda: window.bench.phase is Phase.RUNNING)
            assert window.panels.banner.isVisible() and window.panels.banner.text().startswith("h: cannot bind")
            assert window.panels.banner.text().endswith("(and 1 more, see Events)")
            model = window.panels.events.view.model()
            colors = {
                str(model.index(row, 2).data()): model.index(row, 2).data(Qt.ItemDataRole.ForegroundRole)
                for row in range(model.rowCount())
            }
            assert colors["not started, since its handler is not"] == window.color_scheme.theme.color("lost")
            assert any(color is None for color in colors.values())
            click(window.panels.banner.findChildren(QAbstractButton)[0])
            assert not window.panels.banner.isVisible()
            window.bench.stop()
            await until_ended(window)
            # It was stopped by hand, yet that is not the only reason to doubt it.
            assert window.panels.ledger.verdict.startswith("INVALID")

    in_window(scenario)


def test_save_keeps_foreign_keys_and_takes_the_star_away(in_window: InWindow, tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUSH"}) | {"other": {"kept": True}}

    async def scenario(window: MainWindow) -> None:
        open_preset(window, raw)
        window.bench.edit([(("bench", "duration_s"), 3)], "duration")
        assert "*" in window.windowTitle()
        await window.bench.save(tmp_path / "mine.json")
        assert "*" not in window.windowTitle() and "mine" in window.windowTitle()
        saved = json.loads((tmp_path / "mine.json").read_text())
        assert saved["other"] == {"kept": True} and saved["bench"]["duration_s"] == 3

    in_window(scenario)


def test_a_preset_deleted_while_open_can_be_saved_again(in_window: InWindow, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(preset({"socket_type": "PUSH"}, duration_s=0.3)))

    async def scenario(window: MainWindow) -> None:
        window.bench.open(file)
        await until(lambda: window.bench.document is not None)
        file.unlink()
        window.bench.start()
        await until_ended(window)
        window.document_files.save()
        await until(file.exists)

    in_window(scenario)


def test_handlers_are_drawn_up_renamed_duplicated_removed_and_brought_back(in_window: InWindow) -> None:
    def names(window: MainWindow) -> list[str]:
        document = window.bench.document
        return [] if document is None else list(document.preset.output.handlers)

    async def scenario(window: MainWindow) -> None:
        window.document_files.new()
        window.document_editing.add_handler("PUSH")
        window.document_editing.add_handler("REQ")
        assert names(window) == ["zmq-publisher", "zmq-push", "zmq-req"]
        window.document_editing.add_listener("zmq-push")
        window.document_editing.rename("zmq-push", "", "worker")
        window.document_editing.duplicate("worker")
        assert names(window) == ["zmq-publisher", "worker", "zmq-req", "worker-2"]
        document = window.bench.document
        assert document is not None and len(document.preset.bench.listeners["worker-2"]) == 2
        window.document_editing.rename("worker", "", "zmq-req")
        assert names(window) == ["zmq-publisher", "worker", "zmq-req", "worker-2"], "none may swallow another"
        window.document_editing.rename("worker", "listener", "second")
        window.document_editing.enable(["zmq-req"], False)
        window.panels.handlers.tree.selectAll()
        QTest.keyClick(window.panels.handlers.tree, Qt.Key.Key_Delete)
        assert len(names(window)) == 4, "a preset without a handler is refused, and nothing is removed"
        window.panels.handlers.tree.clearSelection()
        window.panels.handlers.select("worker-2")
        window.panels.handlers.remove_selected()
        assert names(window) == ["zmq-publisher", "worker", "zmq-req"]
        window.bench.undo_stack.undo()
        assert "worker-2" in names(window)

    in_window(scenario)


def test_kept_runs_open_again_compare_rename_export_delete_and_come_back(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=1.0, rate=500))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        run = window.panels.runs.summaries[0]
        assert (run.offered, run.received, run.dropped, run.verdict) == (500, 500, 0, "pass")
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
        for kind in ("json", "csv", "history"):
            await window.run_actions.export(run.id, kind, tmp_path / kind)
        assert json.loads((tmp_path / "json").read_text())["handlers"]["h"]["offered"] == 500
        assert "h,pull-1," in (tmp_path / "csv").read_text()
        assert (tmp_path / "history").read_text().startswith("track,at_s,")
        await window.run_store.delete([one.id for one in window.panels.runs.summaries])
        assert window.panels.runs.summaries == []
        with pytest.raises(ArchiveError):
            await window.run_store.load(run.id)
        await window.run_store.undelete()
        assert len(window.panels.runs.summaries) == 2

    in_window(scenario)


def test_an_unusable_archive_does_not_stop_the_bench(in_window: InWindow, tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_text("this is no database, and long enough to be seen as damaged " * 40)

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=0.5))
        window.bench.start()
        await until_ended(window)
        assert window.bench.result is not None and window.bench.result.verdict == "pass"
        assert "runs.sqlite" in window.panels.banner.text()

    in_window(scenario)


def test_closing_during_a_run_ends_it_within_three_seconds_and_keeps_it(in_window: InWindow, tmp_path: Path) -> None:
    files: list[Any] = []

    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=60))
        window.bench.start()
        await until_running(window)
        assert workers_of_this_process()
        files.append(window.run_store.archive)
        began = time.monotonic()
        window.close()
        await window.closed.wait()
        # The promise is three seconds; a machine that is busy with other tests gets some more.
        assert time.monotonic() - began < 10

    in_window(scenario)
    assert not workers_of_this_process()
    (run,) = files[0].summaries()
    assert run.interrupted and run.complete and run.offered > 0


def test_a_hanging_worker_does_not_hold_the_window(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=60))
        window.bench.start()
        await until_running(window)
        for child in workers_of_this_process():
            child.suspend()
        lag = window.bench.loop_lag
        lag.reset()
        window.close()
        await window.closed.wait()
        assert lag.figures().loop_lag_p99_ms < 1000

    in_window(scenario)
    assert not workers_of_this_process()


def test_looking_back_while_the_run_goes_on_and_back_to_live(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20))
        window.bench.start()
        await until_running(window)
        view = window.panels.board.latency.view
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Left)
        assert not window.panels.board.time.following and window.panels.board.live.isVisibleTo(window)
        where = (window.panels.board.time.start_s, window.panels.board.time.end_s)
        frames = window.refresher.ticks
        await until(lambda: window.refresher.ticks > frames + 10)
        assert (window.panels.board.time.start_s, window.panels.board.time.end_s) == where
        spans = {tuple(plot.view.viewRange()[0]) for plot in window.panels.board.time_plots if plot.isVisible()}
        assert spans == {where}
        click(window.panels.board.live)
        assert window.panels.board.time.following
        # Not by QTest, which handles all waiting events at once: tasks that wake within another one never do.
        place = QPointF(view.width() // 2, view.height() // 2)
        buttons = (Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view.viewport(), QMouseEvent(QEvent.Type.MouseMove, place, place, *buttons))
        window.panels.board.time.cursor_moved.emit(0.5)
        assert (
            window.panels.board.latency.timeline.crosshair.isVisible()
            and window.panels.board.drops.timeline.crosshair.isVisible()
        )
        window.bench.stop()
        await until_ended(window)

    in_window(scenario)


def test_plots_are_written_as_png_svg_and_csv(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=1.0))
        window.bench.start()
        await until_ended(window)
        plot = window.panels.board.throughput
        plot.write_png(tmp_path / "a.png")
        plot.write_svg(tmp_path / "a.svg")
        plot.write_csv(tmp_path / "a.csv")
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (tmp_path / "a.svg").read_text()
        assert (tmp_path / "a.csv").read_text().startswith("at_s,offered,accepted,received\n0.")
        for write in (plot.write_png, plot.write_svg, plot.write_csv):
            with pytest.raises(OSError):
                write(tmp_path / "no" / "a")
            # A disk that is full.
            with pytest.raises(OSError):
                write(Path("/dev/full"))

    in_window(scenario)


def test_schemes_presentation_and_the_remembered_layout(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.color_scheme.set_theme(LIGHT)
        window.color_scheme.toggle()
        assert window.color_scheme.theme is DARK and window.settings.scheme is Scheme.DARK
        window.presentation.toggle()
        assert window.presentation.active and not any(dock.isVisible() for dock in window.panel_layout.docks)
        window.presentation.toggle()
        assert not window.presentation.active and all(dock.isVisible() for dock in window.panel_layout.docks)

    in_window(scenario)

    async def again(window: MainWindow) -> None:
        assert window.color_scheme.theme is DARK

    in_window(again)


def test_buttons_stay_as_they_are_through_presentation_and_scheme(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        def enabled() -> tuple[bool, bool, bool]:
            bar = window.panels.run_bar
            return (bar.start.isEnabled(), bar.pause.isEnabled(), bar.stop.isEnabled())

        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        assert enabled() == (True, False, False)
        for _ in range(2):
            window.color_scheme.toggle()
            window.presentation.toggle()
            window.presentation.toggle()
            if window.bench.running:
                assert enabled() == (False, True, True)
            else:
                assert enabled() == (True, False, False)
                window.bench.start()
                await until_running(window)
        window.bench.stop()
        await until_ended(window)

    in_window(scenario)


def test_what_stands_at_the_end_is_what_the_result_says(in_window: InWindow) -> None:
    """A subscriber loses behind the last message it got, too: that is known only when the run is settled."""

    async def scenario(window: MainWindow) -> None:
        config = {"socket_type": "PUB", "high_water_mark": 1}
        stalled = [{"name": "slow", "high_water_mark": 1, "delay_ms": 5}]
        source = {"kind": "synthetic", "event": "detection", "size": 20000, "load": {"shape": "constant", "rate": 2000}}
        open_preset(window, preset(config, source=source, listeners=stalled, duration_s=1.0))
        window.bench.start()
        await until_ended(window)
        result = window.bench.result
        assert result is not None
        assert_balanced(result)
        lost = result.handlers["h"].lost
        assert lost > 0
        assert f"on the way 0, received {2000 - lost:,}" in window.panels.flow.accessibleDescription()
        assert f"lost {lost:,}" in window.panels.flow.accessibleDescription()
        assert window.panels.run_bar.state.lost == f"{lost:,} drops"
        assert f"{lost:,}" in next(row for row in window.panels.ledger.rows if row[0] == "PUB h")

    in_window(scenario)


def test_the_focus_goes_from_start_to_pause_and_back_and_passing_through_changes_nothing(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        window.activateWindow()
        bar = window.panels.run_bar
        bar.start.setFocus()
        click(bar.start)
        await until_running(window)
        assert window.focusWidget() is bar.pause
        bar.duration.setFocus()
        bar.pause.setFocus()
        assert not window.bench.modified
        window.bench.stop()
        await until_ended(window)
        assert window.focusWidget() is bar.start

    in_window(scenario)


def test_another_document_does_not_stand_above_the_figures_of_the_last_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=0.5))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        assert window.panels.ledger.rows and "offered 1,000" in window.panels.flow.accessibleDescription()
        open_preset(window, preset({"socket_type": "PUB"}, duration_s=0.5))
        assert window.bench.result is None and not window.panels.ledger.rows
        assert "offered 0" in window.panels.flow.accessibleDescription()
        await until(lambda: window.panels.board.settled)
        assert not any(len(x) for x, _ in window.panels.board.throughput.data.values())
        assert len(window.panels.runs.summaries) == 1

    in_window(scenario)


def test_an_edit_while_a_save_is_under_way_is_kept(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=5))
        saving = window.bench.start_task(window.bench.save(tmp_path / "a.json"), "save")
        # One turn: the disk is at it now.
        await asyncio.sleep(0)
        window.bench.edit([(("bench", "duration_s"), 77)], "change the duration")
        await saving
        assert json.loads((tmp_path / "a.json").read_bytes())["bench"]["duration_s"] == 5
        assert window.bench.document is not None
        assert window.bench.document.preset.bench.duration_s == 77
        assert window.bench.modified

    in_window(scenario)


def test_esc_in_a_filter_takes_the_filter_back_and_stops_no_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        window.bench.start()
        await until_running(window)
        line = window.panels.events.filter_line
        line.setFocus()
        line.setText("nothing of this kind")
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert line.text() == "" and window.bench.phase is Phase.RUNNING
        assert window.bench.session is not None and not window.bench.session.interrupted
        window.bench.stop()
        await until_ended(window)

    in_window(scenario)


def test_every_control_has_a_name_and_takes_the_keyboard(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns())
        window.panels.handlers.select("h")
        kinds = (QAbstractButton, QLineEdit)
        found = [child for kind in kinds for child in window.findChildren(kind)]
        # What Qt puts inside a line edit (its cross to clear it) is reached by its own keys.
        controls = [child for child in found if not isinstance(child.parentWidget(), QLineEdit)]
        own_parts = ("qt_", "Scroll")
        nameless = [
            f"{type(one).__name__} {one.objectName()} in {type(one.parentWidget()).__name__}"
            for one in controls
            if not one.objectName().startswith(own_parts)
            and not (one.accessibleName() or (isinstance(one, QAbstractButton) and one.text()))
        ]
        assert nameless == []
        mute = [
            one.accessibleName()
            for one in controls
            if not one.objectName().startswith(own_parts) and one.focusPolicy() == Qt.FocusPolicy.NoFocus
        ]
        assert mute == []

    in_window(scenario)


def test_two_hundred_handlers_open_without_a_crash(in_window: InWindow) -> None:
    raw = preset({"socket_type": "PUSH"})
    one = raw["output"]["handlers"]["h"]
    raw["output"]["handlers"] = {f"h{number}": one for number in range(200)}
    raw["bench"].pop("handlers")

    async def scenario(window: MainWindow) -> None:
        open_preset(window, raw)
        assert len(window.panels.handlers.scope.handlers) == 200
        window.panels.handlers.select("h199")
        assert window.panels.handlers.scope.handlers == ("h199",)

    in_window(scenario)


def test_every_number_on_screen_says_what_it_counts(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=1.5))
        window.bench.start()
        await until_running(window)
        for tab in range(window.panel_layout.tabs.count()):
            window.panel_layout.tabs.setCurrentIndex(tab)
            for tab_right in range(window.panels.inspector.count()):
                window.panels.inspector.setCurrentIndex(tab_right)
                shown = [w for w in window.findChildren(QWidget) if w.isVisible() and any(map(str.isdigit, words(w)))]
                assert len(shown) > 5
                silent = [f"{type(w).__name__} {words(w)!r}" for w in shown if not explained(w)]
                assert not silent
        window.bench.stop()
        await until_ended(window)
        for view in (window.panels.ledger.view, window.panels.runs.view):
            model = view.model()
            tips = [model.headerData(c, Qt.Orientation.Horizontal, TOOLTIP) for c in range(model.columnCount())]
            assert all(tips[1:]), tips

    in_window(scenario)


def words(widget: QWidget) -> str:
    """What a widget shows, where that is a text of its own, and not the name of something."""
    if widget.objectName() == "title":
        return ""
    text = getattr(widget, "text", "")
    return str(text() if callable(text) else text)


def explained(widget: QWidget | None) -> bool:
    """A tooltip of its own, or of what it is a part of."""
    while widget is not None and not isinstance(widget, MainWindow):
        if widget.toolTip():
            return True
        widget = widget.parentWidget()
    return False


def test_a_pause_asked_for_in_the_tree_is_shown_in_the_inspector(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=8.0, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        window.panels.handlers.select("h")
        (page,) = window.panels.inspector.listener_pages.values()
        window.panels.handlers.action_wanted.emit(UnitRequest(UnitAction.PAUSE, "h", "l"))
        await until(page.pause.isChecked)
        window.panels.handlers.action_wanted.emit(UnitRequest(UnitAction.RESUME, "h", "l"))
        await until(lambda: not page.pause.isChecked())
        window.bench.stop()
        await until_ended(window)

    in_window(scenario)


def test_every_key_of_the_bench_has_a_field_somewhere(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns())
        of_handlers, of_listeners = set(), set()
        for name in ("h", "push", "req"):
            window.panels.handlers.select(name)
        for page in window.panels.inspector.handler_pages.values():
            of_handlers |= {*page.bench.fields, *page.connection.fields}
        for listener_page in window.panels.inspector.listener_pages.values():
            of_listeners |= {*listener_page.form.fields, *listener_page.connection.fields}
        assert of_handlers == set(HandlerBench.__struct_fields__)
        # The tree renames it.
        assert of_listeners == set(ListenerSpec.__struct_fields__) - {"name"}

    in_window(scenario)


def test_a_connection_key_is_turned_in_a_run_and_what_does_not_go_together_is_marked(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=30.0, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        window.panels.handlers.select("h")
        (page,) = window.panels.inspector.handler_pages.values()
        page.connection.edited.emit("heartbeat_timeout", 500)
        assert "heartbeat_interval" in page.connection.fault_of("heartbeat_timeout")
        page.connection.edited.emit("heartbeat_interval", 200)
        session = window.bench.session
        assert session is not None
        await until(lambda: session.handlers["h"].plan.bench.heartbeat_interval == 200)
        counts = session.handlers["h"].counts.accepted
        await until(lambda: session.handlers["h"].counts.accepted > counts + 100)
        window.bench.stop()
        await until_ended(window)
        assert window.bench.result is not None
        assert_balanced(window.bench.result)

    in_window(scenario)


def test_a_handler_that_gave_up_connects_again_from_the_tree(in_window: InWindow, free_port: int) -> None:
    async def scenario(window: MainWindow) -> None:
        config = {"socket_type": "PUSH", "max_reconnect_attempts": 1, "reconnect_interval": 20, "linger": 0}
        uri = f"zmq://tcp://127.0.0.1:{free_port}"
        open_preset(window, preset(config, uri=uri, rate=300, duration_s=60.0, handler={"paired": False}))
        window.bench.start()
        await until(lambda: window.bench.session is not None and "h" in window.bench.session.handlers)
        session = window.bench.session
        assert session is not None
        window.panels.handlers.select("h")
        assert "Connect again" not in [action.text() for action in window.panels.handlers.menu().actions()]
        again = await found(lambda: [a for a in window.panels.handlers.menu().actions() if a.text() == "Connect again"])
        with zmq.Context() as context, context.socket(zmq.PULL) as consumer:
            consumer.linger = 0
            consumer.bind(f"tcp://127.0.0.1:{free_port}")
            again.trigger()
            await until(lambda: bool(consumer.poll(0)))
            await until(lambda: session.handlers["h"].label == "connected")
        window.bench.stop()
        await until_ended(window)

    in_window(scenario)


async def found(look: Callable[[], list[Any]]) -> Any:
    """The one thing looked for, once it is there."""
    there: list[Any] = []

    def is_there() -> bool:
        there[:] = look()
        return bool(there)

    await until(is_there)
    return there[0]


def test_another_scheme_keeps_changed_settings_bold_and_the_progress_where_it_is(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH", "linger": 7}, duration_s=0.3))
        window.bench.start()
        await until_ended(window)
        await until(lambda: window.panels.run_bar.state.progress == 1.0)
        form = next(iter(window.panels.inspector.handler_pages.values())).config
        labels = {label.text(): label for label in form.findChildren(QLabel)}
        for _ in range(2):
            window.color_scheme.toggle()
            assert labels["Linger"].font().bold() and not labels["Send timeout"].font().bold()
            assert window.panels.run_bar.state.progress == 1.0

    in_window(scenario)


def test_why_a_run_cannot_be_trusted_stays_until_it_is_closed_or_the_next_begins(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        raw = preset({"socket_type": "PUSH"}, duration_s=0.3, checks=["h: received == 0", "h: offered == 0"])
        open_preset(window, raw)
        window.bench.start()
        await until_ended(window)
        assert window.panels.banner.text() == "FAIL – check failed: h: received == 0 (and 1 more, see Ledger)"
        assert window.panels.banner.isVisible() and window.panels.banner.stays
        window.bench.start()
        assert not window.panels.banner.isVisible()
        await until_ended(window)

    in_window(scenario)
