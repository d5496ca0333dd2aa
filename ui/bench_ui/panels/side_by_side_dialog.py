"""Kept runs side by side: selected runs -> **dialog** with settings that differ, metrics, curves."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from bench_app.reports.plot import COLORS, Plot
from bench_app.reports.side_by_side import SideBySide
from bench_app.reports.side_by_side_report import metric_headings, metric_rows
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable

NO_PROOF = (
    "~ means that the runs show no change. Runs of the same settings are one side; with fewer than five runs a side "
    "there is no proof, only the values."
)


class SideBySideDialog(QDialog):
    """Two or more kept runs beside each other.

    Attributes:
        settings: the table of the settings that differ.
        metrics: the table of the metrics.
        curves: a plot for each kind of curve.
    """

    def __init__(self, found: SideBySide, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Runs side by side")
        self.resize(1000, 640)
        letters = [side.letter for side in found.sides]
        names = PlainLabel("\n".join(side.title for side in found.sides))
        self.settings = _table(("key", *letters), [(one.path, *one.values) for one in found.settings], "Settings")
        self.metrics = _table(metric_headings(found), metric_rows(found), "Metrics")
        self.curves = [_drawn(plot, self) for plot in found.plots]
        tabs = QTabWidget()
        tabs.addTab(self.metrics, "Metrics")
        tabs.addTab(self.settings, f"Settings that differ ({len(found.settings):,})")
        tabs.addTab(_column(self.curves), "Curves")
        explanation = PlainLabel(NO_PROOF)
        explanation.setObjectName("muted")
        explanation.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        for part in (names, tabs, explanation, buttons):
            column.addWidget(part, 1 if part is tabs else 0)


def _table(headings: tuple[str, ...], rows: Sequence[Sequence[str]], name: str) -> TableView:
    table = TextTable([Column(heading, is_number=place > 0) for place, heading in enumerate(headings)])
    table.replace(list(rows))
    return TableView(table, name, stretch=0)


def _column(plots: list[pg.PlotWidget]) -> QWidget:
    area = QWidget()
    column = QVBoxLayout(area)
    for plot in plots:
        column.addWidget(plot)
    if not plots:
        column.addWidget(PlainLabel("These runs have no curves."))
    return area


def _drawn(plot: Plot, parent: QWidget) -> pg.PlotWidget:
    palette = parent.palette()
    widget = pg.PlotWidget(parent, background=palette.base().color())
    widget.setTitle(plot.title, color=palette.text().color())
    widget.setLabel("bottom", plot.x_label)
    widget.addLegend(labelTextColor=palette.text().color())
    widget.setAccessibleName(plot.title)
    for number, curve in enumerate(plot.curves):
        style = Qt.PenStyle.SolidLine if number == 0 else Qt.PenStyle.DashLine
        widget.plot(curve.x, curve.y, name=curve.name, pen=pg.mkPen(COLORS[number], width=2, style=style))
    return widget
