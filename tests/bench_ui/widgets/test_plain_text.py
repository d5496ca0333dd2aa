"""Labels and tooltips show what looks like HTML as it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from bench_ui.widgets import plain_text
from bench_ui.widgets.plain_text import PlainLabel, plain_tip
from PySide6.QtGui import Qt, QTextDocument
from PySide6.QtWidgets import QApplication

HTML = ['<img src="file:///x.png">', "<h1>BIG</h1>\nsecond line", "a &lt;b>", "&amp; <b>x</b>", "<qt>x</qt>", "<?xml?>"]


@pytest.mark.parametrize("text", [*HTML, "plain", "10 < 20 & more", ""])
def test_a_label_keeps_the_text(qapp: QApplication, text: str) -> None:
    label = PlainLabel(text)
    assert (label.text(), label.textFormat()) == (text, Qt.TextFormat.PlainText)


@pytest.mark.parametrize("text", HTML)
def test_a_tooltip_reads_as_the_text(qapp: QApplication, text: str) -> None:
    document = QTextDocument()
    tip = plain_tip(text)
    document.setHtml(tip) if Qt.mightBeRichText(tip) else document.setPlainText(tip)
    assert document.toPlainText() == text


def test_an_ordinary_tooltip_is_unchanged() -> None:
    assert plain_tip("10 < 20 &\nmore") == "10 < 20 &\nmore"


def test_the_window_has_no_other_labels() -> None:
    sources = Path(plain_text.__file__).parents[1]
    for file in sources.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text())))
        made = [ast.unparse(one.func) for one in nodes if isinstance(one, ast.Call)]
        bases = [ast.unparse(base) for one in nodes if isinstance(one, ast.ClassDef) for base in one.bases]
        assert "QLabel" not in made, file
        assert "QLabel" not in bases or file == Path(plain_text.__file__), file
