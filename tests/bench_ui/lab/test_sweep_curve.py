"""The curve of a sweep of one key."""

from __future__ import annotations

from bench_ui.lab.curve_view import curve_view, metric_view
from bench_ui.lab.sweep_curve import SweepCurve
from bench_ui.lab.sweep_grid import SweepGrid
from bench_ui.widgets.theme import DARK
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from bench_app.sweeps.axes import Axis
from tests.bench_ui.lab.entries import HWM, INVALID, P50, run


def test_a_click_near_a_point_chooses_its_cell(qtbot: QtBot) -> None:
    grid = SweepGrid([Axis(HWM, [10, 100, 1000])], 1)
    for place, (mark, result) in enumerate(((10, run(4.0)), (100, run(1.0)), (1000, INVALID))):
        grid.add(f"{HWM}={mark}", result, place)
    curve = SweepCurve()
    qtbot.addWidget(curve)
    curve.resize(500, 300)
    curve.set_theme(DARK)
    chosen: list[int] = []
    curve.cell_chosen.connect(chosen.append)
    with qtbot.waitExposed(curve):
        curve.show()
    curve.show_view(curve_view(grid, P50, 0))
    view = curve.plot.getPlotItem().vb
    place = curve.plot.mapFromScene(view.mapViewToScene(QPointF(2.1, 1.0)))
    # A click on the plot is told after the time of a double click.
    with qtbot.waitSignal(curve.cell_chosen, timeout=5000):
        qtbot.mouseClick(curve.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [1]
    # Over the other metric the cell with 1 ms and no loss is at the lower left end.
    curve.show_view(metric_view(grid, P50, "rate", 0))
    curve.grab()
    place = curve.plot.mapFromScene(view.mapViewToScene(QPointF(curve.view.points[0].x, 3.9)))  # type: ignore[union-attr]
    with qtbot.waitSignal(curve.cell_chosen, timeout=5000):
        qtbot.mouseClick(curve.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [1, 0]
