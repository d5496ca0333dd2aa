"""A plot as PNG, SVG and CSV, and the menu that offers them."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from bench_ui.loop import run
from bench_ui.plots import export
from bench_ui.plots.export import Drawing, ExportMenu, csv_of
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QGraphicsView, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.runs import until

GAP = float("nan")


@pytest.fixture
def card(qtbot: QtBot) -> QWidget:
    plot = QWidget()
    plot.resize(200, 100)
    qtbot.addWidget(plot)
    return plot


def test_csv_has_a_row_per_point_and_an_empty_cell_for_a_gap() -> None:
    x = np.array([0.0, 0.2])
    text = csv_of("at_s", {"p50": (x, np.array([1.5, GAP])), "p99": (x, np.array([2.0, 123_456_789.0]))})
    assert text == "at_s,p50,p99\n0,1.5,2\n0.2,,123456789\n"
    assert csv_of("at_s", {}) == "at_s\n"


def test_csv_of_curves_with_other_places_has_a_row_for_each_place() -> None:
    """A baseline was sampled at other moments."""
    text = csv_of(
        "at_s", {"p50": (np.array([0.1, 0.3]), np.array([1.0, 2.0])), "b": (np.array([0.2]), np.array([9.0]))}
    )
    assert text == "at_s,p50,b\n0.1,1,\n0.2,,9\n0.3,2,\n"


def a_drawing(card: QWidget, *caption: str, chosen: str = "messages/s") -> Drawing:
    """The drawing of a plot with a heading, a combo box and a view."""
    heading, view, combo = QLabel("heading", card), QGraphicsView(card), QComboBox(card)
    combo.addItem(chosen)
    combo.move(100, 0)
    return Drawing(card, "Latency", [heading], [combo], view, caption, QColor("#ffffff"), QColor("#000000"))


def test_a_picture_has_twice_the_resolution(card: QWidget, tmp_path: Path) -> None:
    export.write_png(tmp_path / "a.png", export.picture_of(a_drawing(card)))
    assert QPixmap(str(tmp_path / "a.png")).size() == QSize(400, 200)


def test_a_caption_makes_the_picture_higher_and_wraps(card: QWidget) -> None:
    one = a_drawing(card, "multi-pattern").size
    assert one.width() == 200 and one.height() > 100
    assert a_drawing(card, "multi-pattern " * 20).size.height() > one.height()


def test_an_svg_has_title_labels_choice_and_caption(card: QWidget) -> None:
    text = export.svg_of(a_drawing(card, "multi-pattern, 2026-11-28")).decode()
    assert "<title>Latency</title>" in text and "heading" in text
    assert "multi-pattern, 2026-11-28" in text and "messages/s" in text
    # The heading says it already.
    assert "LATENCY" not in export.svg_of(a_drawing(card, chosen="LATENCY")).decode()


def test_the_menu_copies_the_picture_and_offers_each_format(card: QWidget, qtbot: QtBot) -> None:
    formats = {"PNG": lambda: ignore, "CSV": lambda: ignore}
    menu = ExportMenu(card, "Latency", lambda: export.picture_of(a_drawing(card)), formats).open()
    assert [action.text() for action in menu.actions()] == ["Copy picture", "Save as PNG…", "Save as CSV…"]
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().pixmap().width() == 400


def ignore(path: Path) -> None:
    """Write nothing."""


def save(card: QWidget, exporter: ExportMenu, path: Path) -> None:
    """Choose the second format of the menu, and this file in the dialog."""
    exporter.open().actions()[1].trigger()
    (dialog,) = card.findChildren(QFileDialog)
    assert dialog.windowTitle() == "Save latency as CSV" and dialog.defaultSuffix() == "csv"
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_a_file_that_cannot_be_written_is_reported(card: QWidget, qapp: QApplication, tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise OSError(28, "No space left on device")

    async def scenario() -> int:
        exporter, failures = ExportMenu(card, "Latency", QImage, {"CSV": lambda: refuse}), []
        exporter.failed.connect(failures.append)
        save(card, exporter, tmp_path / "a.csv")
        await until(lambda: bool(failures))
        assert failures == [f"{tmp_path / 'a.csv'} could not be written: No space left on device"]
        return 0

    assert run(qapp, scenario()) == 0


def test_a_file_is_written_on_another_thread_as_the_plot_was_at_the_click(
    card: QWidget, qapp: QApplication, tmp_path: Path
) -> None:
    """A picture takes a second to compress, and no frame is drawn while the loop of the window does that."""
    written: list[tuple[str, threading.Thread]] = []
    shown = ["at the click"]

    def snapshot() -> export.Write:
        text = shown[0]
        return lambda path: written.append((text, threading.current_thread()))

    async def scenario() -> int:
        save(card, ExportMenu(card, "Latency", QImage, {"CSV": snapshot}), tmp_path / "a.csv")
        shown[0] = "later"
        await until(lambda: bool(written))
        return 0

    assert run(qapp, scenario()) == 0
    ((text, thread),) = written
    assert text == "at the click" and thread is not threading.main_thread()
