"""One message in detail."""

from __future__ import annotations

import pytest
from bench_ui.panels.message_tree import MessageTree, text_of
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from bench_app.measure.message_samples import MessageSample


@pytest.fixture
def tree(qtbot: QtBot) -> MessageTree:
    found = MessageTree()
    qtbot.addWidget(found)
    return found


def show(tree: MessageTree, *frames: bytes) -> list[QTreeWidgetItem]:
    tree.show_message(MessageSample(0, sum(map(len, frames)), frames))
    return [tree.topLevelItem(place) for place in range(tree.topLevelItemCount())]


def rows(item: QTreeWidgetItem) -> list[tuple[str, str]]:
    children = [item.child(place) for place in range(item.childCount())]
    return [(child.text(0), child.text(1)) for child in children]


def test_each_frame_has_its_size_and_its_content(tree: MessageTree) -> None:
    topic, body = show(tree, b"cam", b'{"id": 7, "tags": ["a", "b"], "name": "x"}')
    assert (topic.text(0), topic.text(1)) == ("frame 1", "3 B")
    assert rows(topic) == [("text", "cam")]
    assert rows(body) == [("id", "7"), ("tags", "2 entries"), ("name", "x")]
    assert rows(body.child(1)) == [("0", "a"), ("1", "b")]


def test_the_stamp_of_the_bench_is_explained(tree: MessageTree) -> None:
    (frame,) = show(tree, b'{"_bench": "0:1:2", "other": null}')
    assert "sequence number" in frame.child(0).toolTip(1)
    assert frame.child(1).toolTip(1) == "" and frame.child(1).text(1) == "null"


def test_a_frame_that_is_no_json_is_text(tree: MessageTree) -> None:
    (frame,) = show(tree, b"\xff\xd8 binary")
    assert rows(frame) == [("text", "\\xff\\xd8 binary")]
    assert text_of("grün".encode()) == "grün"


def test_very_deep_json_is_cut(tree: MessageTree) -> None:
    (frame,) = show(tree, b"[" * 60 + b"1" + b"]" * 60)
    depth, item = 0, frame
    while item.childCount():
        item, depth = item.child(0), depth + 1
    assert depth <= 22


def test_no_message_shows_nothing(tree: MessageTree) -> None:
    show(tree, b"x")
    tree.show_message(None)
    assert tree.topLevelItemCount() == 0


def test_the_menu_copies_values_and_whole_lines_with_headings(tree: MessageTree) -> None:
    (frame,) = show(tree, b'{"id": 7, "tags": ["a", "b"]}')
    assert [entry.isEnabled() for entry in tree.menu().actions()[:2]] == [False, False]
    frame.child(0).setSelected(True)
    frame.child(1).child(1).setSelected(True)
    entries = {entry.text(): entry for entry in tree.menu().actions()}
    entries["Copy the value"].trigger()
    assert QGuiApplication.clipboard().text() == "7\nb"
    entries["Copy with headings"].trigger()
    assert QGuiApplication.clipboard().text() == "key\tvalue\nframe 1.id\t7\nframe 1.tags.1\tb"
