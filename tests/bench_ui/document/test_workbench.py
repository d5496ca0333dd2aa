"""The open document with its undo history, and its run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import (
    InWindow,
    open_preset,
)
from tests.runs import preset


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
