"""The panels show the open document."""

from __future__ import annotations

import json
from pathlib import Path

from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    until_ended,
)
from tests.runs import preset, until


def test_save_keeps_foreign_keys_and_takes_the_star_away(in_window: InWindow, tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUSH"}) | {"other": {"kept": True}}

    async def scenario(window: MainWindow) -> None:
        open_preset(window, raw)
        window.bench.editor.edit([(("bench", "duration_s"), 3)], "duration")
        assert "*" in window.windowTitle()
        await window.bench.save(tmp_path / "mine.json")
        assert "*" not in window.windowTitle() and "mine" in window.windowTitle()
        saved = json.loads((tmp_path / "mine.json").read_text())
        assert saved["other"] == {"kept": True} and saved["bench"]["duration_s"] == 3

    in_window(scenario)


def test_another_document_clears_the_figures_of_the_last_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=0.5))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        assert window.panels.ledger.rows and "offered 1,000" in window.panels.flow.accessibleDescription()
        open_preset(window, preset({"socket_type": "PUB"}, duration_s=0.5))
        assert window.bench.run.result is None and not window.panels.ledger.rows
        assert "offered 0" in window.panels.flow.accessibleDescription()
        await until(lambda: window.panels.board.settled)
        assert not any(len(x) for x, _ in window.panels.board.throughput.data.values())
        assert len(window.panels.runs.summaries) == 1

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
