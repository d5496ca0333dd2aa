"""What a user reaches with few clicks. A press of a button or of a key with Ctrl counts, typing a name does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zmq
from bench_ui.panels.preset_card import PresetCard
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QTabBar, QWidget

from tests.bench_ui.driving import InWindow, click, until_ended
from tests.runs import until


class User:
    """Clicks, and counts the clicks."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.clicks = window, 0

    def click(self, widget: QWidget) -> None:
        self.clicks += 1
        assert widget.isVisible()
        click(widget)

    def click_tab(self, bar: QTabBar, text: str) -> None:
        self.clicks += 1
        place = next(place for place in range(bar.count()) if bar.tabText(place) == text)
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())

    async def press_with_ctrl(self, key: Qt.Key) -> None:
        self.clicks += 1
        # The offscreen platform activates no window when a dialog closes.
        self.window.activateWindow()
        await until(self.window.isActiveWindow)
        QTest.keyClick(self.window, key, Qt.KeyboardModifier.ControlModifier)

    def type_name(self, file: Path) -> None:
        """Type the name of a file in the dialog that is open."""
        dialog = next(one for one in self.window.findChildren(QFileDialog) if one.isVisible())
        line = dialog.findChild(QLineEdit)
        line.setText(str(file))
        QTest.keyClick(line, Qt.Key.Key_Return)


def waiting(consumer: zmq.Socket[bytes]) -> Iterator[dict[str, Any]]:
    """The events that have arrived and were not read yet."""
    while consumer.poll(0):
        yield json.loads(consumer.recv())


def test_a_production_file_reaches_ones_own_consumer_with_a_replay_and_an_event_by_hand(
    in_window: InWindow, tmp_path: Path, free_port: int
) -> None:
    """Also with a handler that is not for ZeroMQ, and after the file was saved."""
    foreign = {"uri": "mqtt://broker:1883", "sink": "events", "enabled": True, "config": {"qos": 1}}
    ours = {"uri": f"zmq://tcp://127.0.0.1:{free_port}", "config": {"socket_type": "PUSH"}}
    file, recording = tmp_path / "production.json", tmp_path / "night.jsonl"
    file.write_text(json.dumps({"output": {"handlers": {"cloud": foreign, "ours": ours}}}))
    recording.write_text("".join(f'{{"id": {n}, "at": {1.7e9 + n / 20}}}\n' for n in range(201)))

    async def scenario(window: MainWindow) -> None:
        user, panels = User(window), window.panels
        with zmq.Context() as context, context.socket(zmq.PULL) as consumer:
            consumer.bind(f"tcp://127.0.0.1:{free_port}")
            await user.press_with_ctrl(Qt.Key.Key_O)
            user.type_name(file)
            await until(lambda: window.bench.editor.document is not None)
            user.click_tab(panels.inspector.tabBar(), "Source")
            page = panels.inspector.source_page
            assert page is not None
            user.click(page.replay)
            user.type_name(recording)
            await until(page.about_file.isVisible)
            lines = page.about_file.text().splitlines()
            assert lines[:2] == ["night.jsonl: 201 events in 10.0 s", "Fields: at, id"]
            assert [line[:3] for line in lines[2:]] == ["1: ", "2: ", "3: "], "the first three events are shown"
            user.click_tab(panels.inspector.tabBar(), "Listener")
            user.click(panels.inspector.own_consumer)
            await user.press_with_ctrl(Qt.Key.Key_S)
            await until(lambda: not window.bench.editor.modified)
            user.click(panels.run_bar.start)
            await until(lambda: bool(consumer.poll(0)))
            assert json.loads(consumer.recv())["id"] == 0
            user.click_tab(window.panel_layout.tabs.tabBar(), "Messages")
            await until(panels.messages.editor.send.isEnabled)
            user.click(panels.messages.editor.send)
            await until(lambda: bool(panels.messages.editor.sent))
            await until(lambda: any("at" not in event for event in waiting(consumer)))
            window.bench.run.stop()
            await until_ended(window)
        # What arrived at the consumer is not known, so it is not shown as 0.
        await until(lambda: panels.board.settled)
        assert panels.board.throughput.legend.entries["received"].value == ""
        assert "received unknown" in panels.flow.accessibleDescription()
        assert user.clicks <= 9
        saved = json.loads(file.read_bytes())
        assert saved["output"]["handlers"]["cloud"] == foreign
        replay = {"kind": "replay", "path": "night.jsonl", "time_field": "at", "load": {"shape": "recorded"}}
        assert saved["bench"]["sources"]["events"] == replay

    in_window(scenario)


def test_two_clicks_lead_from_the_gallery_to_a_demo_with_its_caption(
    in_window: InWindow, well_known_ports: None
) -> None:
    async def scenario(window: MainWindow) -> None:
        user, panels = User(window), window.panels
        await until(lambda: bool(panels.gallery.findChildren(PresetCard)))
        cards = panels.gallery.findChildren(PresetCard)
        card = next(one for one in cards if one.searched_text.startswith("demo-push-in-turn "))
        panels.gallery.ensureWidgetVisible(card)
        user.click(card)
        await until(lambda: window.presentation.active and bool(window.presentation.story.caption))
        document = window.bench.editor.document
        assert document is not None and document.name == "demo-push-in-turn"
        first = next(step.caption for step in document.preset.bench.timeline if step.caption)
        assert window.presentation.story.caption == first and panels.caption_bar.caption == first
        assert panels.caption_bar.isVisible() and panels.scene.isVisible()
        assert user.clicks <= 2
        window.presentation.toggle()
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)
