"""Files of own consumers complete the shown run, and captures become recordings."""

from __future__ import annotations

from pathlib import Path

from bench_ui.panels.gaps_dialog import GapsDialog
from bench_ui.window.file_imports import NO_ENDED_RUN
from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import InWindow, open_preset, until_ended
from tests.runs import preset, until


def test_a_file_completes_the_run_that_is_shown(in_window: InWindow, tmp_path: Path, free_port: int) -> None:
    file = tmp_path / "received.jsonl"

    async def scenario(window: MainWindow) -> None:
        window.file_imports.complete(file)
        await until(lambda: window.panels.banner.text() == NO_ENDED_RUN)
        uri = f"zmq://tcp://127.0.0.1:{free_port}"
        open_preset(window, preset({"socket_type": "PUB"}, uri=uri, rate=50, duration_s=0.2, handler={"paired": False}))
        window.bench.start()
        await until_ended(window)
        result = window.bench.run.result
        assert result is not None and window.file_imports.can_complete
        accepted = result.handlers["h"].accepted
        numbers = range(2, accepted + 1)
        at_ns = result.start_ns + 1000
        stamps = (f"1-{result.run}-0001-{number:016x}-{at_ns:016x}-{at_ns:016x}" for number in numbers)
        file.write_text("\n".join(stamps))
        window.file_imports.complete(file)
        await until(lambda: bool(window.findChildren(GapsDialog)))
        dialog = window.findChildren(GapsDialog)[0]
        assert f"{accepted:,} accepted = {accepted - 1:,} received" in dialog.text.text()
        dialog.close()
        model = window.panels.ledger.view.model()
        names = [str(model.index(row, 0).data()) for row in range(model.rowCount())]
        assert any("consumer-1" in name for name in names)
        await until(lambda: window.refresher.kept is not None)
        kept = window.refresher.kept
        assert kept is not None
        handler = kept.record.result.handlers["h"]
        assert handler.listeners["consumer-1"].received == accepted - 1
        (summary,) = window.run_store.archive.summaries()
        assert summary.received == handler.received == accepted - 1
        window.file_imports.complete(file)
        await until(lambda: "already" in window.panels.banner.text())

    in_window(scenario)


def test_a_capture_that_is_none_is_refused_in_words(in_window: InWindow, tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(b"no capture")

    async def scenario(window: MainWindow) -> None:
        window.file_imports.import_capture(tmp_path / "a.pcap", tmp_path / "a.jsonl")
        await until(lambda: "a.pcap: " in window.panels.banner.text())

    in_window(scenario)
