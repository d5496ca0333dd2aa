"""A plot: a heading with controls, a legend, and a view with the curves of this run and of the baseline.

series -> curve data -> **plot**. Each kind of plot is a subclass in a module of its own; a plot over the time of the
run has a :class:`~bench_ui.plots.timeline.Timeline`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QImage, QResizeEvent
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from bench_app.measure.arrays import Floats
from bench_app.system.files import write_out
from bench_ui.plots import export
from bench_ui.plots.axes import color_axes, make_room_for_labels
from bench_ui.plots.curve_cache import CurveCache
from bench_ui.plots.curve_item import THICK, THIN, CurveItem, dashed, line_pen
from bench_ui.plots.empty_note import EmptyNote
from bench_ui.plots.export import Drawing, ExportMenu, Write
from bench_ui.plots.legend import CurveStyle, Legend
from bench_ui.plots.overlay import Grid
from bench_ui.plots.plot_choice import PlotChoice
from bench_ui.plots.vertical_scale import VerticalRange
from bench_ui.widgets.elided_label import ElidedLabel
from bench_ui.widgets.fixed_text import MARGIN
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import GRID, LIGHT, Theme, figure_font

LARGE_TEXT = 1.3
"""The labels of a plot that is read from three metres have this many times their normal size."""
SUM_TOOLTIP = "Each curve is the sum of the selected handlers."
CurveData = dict[str, tuple[Floats, Floats]]
"""Times (or nines) and values of each curve."""


class Plot(QWidget):
    """The parts that every plot has. A subclass passes its curves and draws them in ``update_from``.

    ``in_one_line``: the legend is beside the heading, to save height.

    Attributes:
        title: the text of the heading.
        styles: the curves by name.
        view: the area with the curves and axes.
        vertical: the range of the vertical axis.
        grid: the lines behind the curves.
        empty: says why there are no curves.
        curves, baseline: the lines of the curves, and of the baseline's curves.
        data, baseline_data: the values of these lines, in the units that the legend shows.
        cache, baseline_cache: keep the curves of run and baseline from one drawing to the next.
        heading: the label with the title.
        controls: the row of controls at the right of the heading.
        legend: the names and values of the curves.
        caption: returns the lines below the plot in a picture: which run it shows.
        theme: the colours.
        is_large: True in the presentation, which is read from three metres.
    """

    reading = "Beside the name: the value under the crosshair, else the newest; after the run, that of the whole run."
    """The part of the legend's tooltips that says which value is shown."""
    csv_x_name = "at_s"
    """The head of the column in CSV that has the places on the x axis."""
    failed = Signal(str)
    """With the reason why a file could not be written."""
    theme_changed = Signal(object)
    large_changed = Signal(bool)
    font_changed = Signal()
    choice_changed = Signal()
    """Another entry of a combo box in the heading was chosen, or a curve was switched on or off."""
    menu_opening = Signal(object, object)
    """With the QMenu that opens, and the QPoint of the plot for which it opens."""
    pointer_left = Signal()
    """The context menu closed. While a menu is open, the view gets no event when the pointer leaves it."""

    def __init__(
        self,
        title: str,
        tooltip: str,
        styles: Mapping[str, CurveStyle],
        axes: dict[str, pg.AxisItem],
        format_value: Callable[[float], str],
        parent: QWidget | None = None,
        in_one_line: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.theme = LIGHT
        self.is_large = False
        self.caption: Callable[[], Sequence[str]] = tuple
        self.title = title
        self.styles = dict(styles)
        self.data: CurveData = {}
        self.baseline_data: CurveData = {}
        self.cache, self.baseline_cache = CurveCache(), CurveCache()
        self.view = _make_view(title, tooltip, axes)
        self.vertical = VerticalRange(self.view)
        self.grid = Grid(self.view.getPlotItem())
        self.view.addItem(self.grid, ignoreBounds=True)
        self.empty = EmptyNote()
        self.view.addItem(self.empty, ignoreBounds=True)
        self.curves = {name: CurveItem(connect="finite") for name in styles}
        self.baseline = {name: CurveItem(connect="finite") for name in styles}
        for name in reversed(list(styles)):
            self.view.addItem(self.baseline[name], ignoreBounds=True)
            self.view.addItem(self.curves[name], ignoreBounds=True)
        self.heading = PlainLabel(title)
        self.heading.setObjectName("title")
        self.heading.setToolTip(tooltip)
        self._choices: list[PlotChoice] = []
        self.controls = QHBoxLayout()
        self.controls.setSpacing(4)
        self.legend = Legend(self.styles, format_value, self)
        self.legend.describe(title, self.reading)
        self.legend.set_font(self.font())
        self.legend.toggled.connect(self._toggle)
        self._export = ExportMenu(self, title, self.picture, {"PNG": self.png, "SVG": self.svg, "CSV": self.csv})
        self._export.failed.connect(self.failed)
        self._lay_out(in_one_line)

    def _lay_out(self, in_one_line: bool) -> None:
        head = self._head = QHBoxLayout()
        head.setContentsMargins(GRID, GRID // 2, GRID, 0)
        head.setSpacing(2)
        head.addWidget(self.heading)
        if in_one_line:
            head.addLayout(self.legend.layout, 1)
        else:
            head.addStretch(1)
        head.addLayout(self.controls)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 4, 2)
        column.setSpacing(0)
        column.addLayout(head)
        if not in_one_line:
            column.addLayout(self.legend.layout)
        column.addWidget(self.view, 1)

    def add_remark(self, tooltip: str, text: str = "") -> ElidedLabel:
        """Add a label to the heading, for what the curves are taken from."""
        remark = ElidedLabel(text)
        remark.setObjectName("muted")
        remark.setToolTip(tooltip)
        self.controls.addWidget(remark)
        return remark

    def add_choice(self, labels: Mapping[str, str], tooltip: str, chosen: Callable[[str], None]) -> QComboBox:
        """Add a combo box to the heading. ``labels`` are its entries by key; ``chosen`` is called with a key."""
        combo = PlotChoice(labels)
        combo.setToolTip(tooltip)
        combo.setAccessibleName(f"{self.title}: {tooltip}")
        combo.currentIndexChanged.connect(lambda _: chosen(str(combo.currentData())))
        combo.currentIndexChanged.connect(lambda _: self.choice_changed.emit())
        self._choices.append(combo)
        self.controls.addWidget(combo)
        return combo

    def _fit_head(self) -> None:
        """Let the choices give way before the remark does: the list of a choice has the rest of its text."""
        short = [choice for choice in self._choices if choice.is_short]
        wanted = self._head.sizeHint().width() + sum(choice.spared for choice in short)
        margins = self._column.contentsMargins()
        room = self.contentsRect().width() - margins.left() - margins.right()
        for choice in self._choices:
            choice.set_short(wanted > room)

    def event(self, event: QEvent) -> bool:
        """Fit the heading to its texts, which may have changed."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_head()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Fit the heading to the width."""
        self._fit_head()
        super().resizeEvent(event)

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self.theme = theme
        color_axes(self.view, theme)
        self.grid.pen = pg.mkPen(theme.line, width=self.line_width)
        self.empty.color, self.empty.background = theme.color("muted"), theme.color("panel")
        for name, style in self.styles.items():
            self.curves[name].setPen(line_pen(theme.color(style.color), style.dash))
            self.baseline[name].setPen(dashed(theme.faded(style.color)))
        self.legend.set_theme(theme)
        self.theme_changed.emit(theme)

    @property
    def growth(self) -> float:
        """How many times larger the letters are than those of the application: they grow with the window."""
        return self.font().pointSizeF() / QApplication.font().pointSizeF()

    def set_large(self, large: bool) -> None:
        """Make the plot readable from three metres, or give it its normal size."""
        self.is_large = large
        self._fit_font()
        for place in range(self.controls.count()):
            item = self.controls.itemAt(place)
            if item is not None and (widget := item.widget()) is not None:
                widget.setFont(figure_font(self.font(), 1.3 if large else 1.0))
        for choice in self._choices:
            choice.set_plain(large)
        width = round(THICK * self.growth) if large else THIN
        for curves, wanted in ((self.curves, width), (self.baseline, max(THIN, width // 2))):
            for curve in curves.values():
                curve.width = wanted
                curve.update()
        self.grid.pen = pg.mkPen(self.theme.line, width=self.line_width)
        self.large_changed.emit(large)

    @property
    def line_width(self) -> int:
        """The width of the grid and of other thin lines in pixels."""
        return max(1, round(self.growth)) if self.is_large else 1

    def _fit_font(self) -> None:
        """Give heading, legend and axes the size of the text of the window."""
        self.heading.setFont(figure_font(self.font(), 1.7 if self.is_large else 1.0, bold=True))
        self.legend.set_font(self.font(), self.is_large)
        margin = round(GRID * self.growth) if self.is_large else GRID
        self._head.setContentsMargins(margin, margin // 2, margin, 0)
        self.legend.layout.setContentsMargins(margin - MARGIN, 0, margin, 0)
        self.controls.setSpacing(margin // 2)
        font = QFont(self.font())
        if self.is_large:
            font.setPointSizeF(font.pointSizeF() * LARGE_TEXT)
        self.empty.font = font if self.is_large else None
        for side in ("left", "bottom"):
            # An axis with a font of its own takes much longer to draw, so only a large axis has one.
            self.view.getAxis(side).setTickFont(font if self.is_large else None)
        make_room_for_labels(self.view.getPlotItem(), font)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the text size of the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_font()
            self.font_changed.emit()

    def set_comparing(self, compares: bool) -> None:
        """Make or remove the room for the baseline's values in the legend."""
        self.legend.set_comparing(compares)

    def _toggle(self, name: str, shown: bool) -> None:
        self.curves[name].setVisible(shown)
        self.baseline[name].setVisible(shown)
        # The other curves may need another height now, and stacked ones other sums.
        self.choice_changed.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Offer what can be done at this place of the plot."""
        self.menu(event.pos()).popup(event.globalPos())

    def menu(self, place: QPoint | None = None) -> QMenu:
        """The context menu at a place of the plot: copy, PNG, SVG, CSV, and what other parts of the plot add."""
        menu = self._export.open()
        self.menu_opening.emit(menu, self.rect().center() if place is None else place)
        menu.aboutToHide.connect(self.pointer_left)
        return menu

    def drawing(self) -> Drawing:
        """The plot with its caption, to be drawn into a picture."""
        controls = [item.widget() for place in range(self.controls.count()) if (item := self.controls.itemAt(place))]
        labels = [self.heading, *self.legend.entries.values(), *(one for one in controls if isinstance(one, QLabel))]
        choices = [one for one in controls if isinstance(one, QComboBox)]
        theme = self.theme
        return Drawing(
            self, self.title, labels, choices, self.view, self.caption(), theme.color("panel"), theme.color("muted")
        )

    def picture(self) -> QImage:
        """The plot with its caption as an image."""
        return export.picture_of(self.drawing())

    def png(self) -> Write:
        """The plot as a picture, as it is now."""
        image = self.picture()
        return lambda path: export.write_png(path, image)

    def svg(self) -> Write:
        """The plot as vectors, as it is now."""
        content = export.svg_of(self.drawing())
        return lambda path: write_out(path, content)

    def csv(self) -> Write:
        """The curves and the baseline as CSV, with units in the heads of the columns."""
        curves = {}
        for prefix, data in (("", self.data), ("baseline_", self.baseline_data)):
            for name in self.styles:
                x, y = data.get(name, (None, None))
                if x is not None and y is not None and len(x):
                    unit = "pct" if self.styles[name].is_percent else self.csv_unit
                    curves[f"{prefix}{name}_{unit}"] = self.csv_x(x), y.copy()
        x_name = self.csv_x_name
        return lambda path: export.write_csv(path, x_name, curves)

    @property
    def csv_unit(self) -> str:
        """The unit of the curves, as the end of a column's head in CSV."""
        return "ns"

    def csv_x(self, x: Floats) -> Floats:
        """The places on the x axis as CSV has them: to a millisecond, which is more exact than the samples are."""
        return np.round(x, 3)


def _make_view(title: str, tooltip: str, axes: dict[str, pg.AxisItem]) -> pg.PlotWidget:
    # A menu that is never shown would take a tenth of the time in which the window opens.
    view = pg.PlotWidget(axisItems=axes, enableMenu=False)
    view.hideButtons()
    view.setMouseEnabled(x=False, y=False)
    view.disableAutoRange()
    view.setFrameStyle(0)
    view.setAccessibleName(title)
    view.setAccessibleDescription(tooltip)
    view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    make_room_for_labels(view.getPlotItem(), view.font())
    return view
