"""Items as large as the view; the grid."""

from __future__ import annotations

import pyqtgraph as pg
import pytest
from bench_ui.plots.axes import CountAxis
from bench_ui.plots.overlay import Grid
from pytestqt.qtbot import QtBot


@pytest.fixture
def view(qtbot: QtBot) -> pg.PlotWidget:
    plot = pg.PlotWidget(axisItems={"left": CountAxis("left"), "bottom": CountAxis("bottom")}, background="#ffffff")
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    plot.setXRange(0, 10, padding=0)
    plot.setYRange(0, 10, padding=0)
    return plot


def test_an_overlay_is_as_large_as_the_view(view: pg.PlotWidget) -> None:
    grid = Grid(view.getPlotItem())
    assert grid.boundingRect().isNull(), "it has no view yet"
    view.addItem(grid, ignoreBounds=True)
    view.setXRange(20, 40, padding=0)
    assert (grid.boundingRect().left(), grid.boundingRect().right()) == (20, 40)


def test_the_grid_has_lines_in_its_colour(view: pg.PlotWidget) -> None:
    grid = Grid(view.getPlotItem())
    grid.pen = pg.mkPen("#ff0000")
    view.addItem(grid, ignoreBounds=True)
    view.show()
    image = view.grab().toImage()
    row = image.height() // 2
    colors = {image.pixelColor(x, row).name() for x in range(image.width())}
    assert "#ff0000" in colors
