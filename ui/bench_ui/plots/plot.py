"""One plot: heading with switchable legend, curves over the run's time, crosshair, markers, export.

All time plots share one :class:`TimeWindow`: they follow the run, or look back together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QGuiApplication, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from bench_app.measure.arrays import Floats
from bench_app.system.files import write_out
from bench_ui.plots.curves import with_lone_points
from bench_ui.plots.items import THICK, THIN, ClockAxis, Curve, Grid, Markers, dashed, dress
from bench_ui.widgets.fixed_text import LegendEntry
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

SHOWN_S = 60.0
_GROWING_S = (10.0, 20.0, 30.0, 45.0)
SAMPLE_VALUES = (123_456.0, 88_888_888.0)
"""As wide as values in a legend become, with or without a point."""
LEAST_S = 1.0


class TimeWindow(QObject):
    """Which part of the run is looked at, and where the cursor is. ``following`` keeps the newest at the right."""

    changed = Signal()
    cursor_moved = Signal(object)
    """Seconds of the run, or None."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.following = True
        self.start_s, self.end_s = 0.0, SHOWN_S
        self.length_s = SHOWN_S
        self._grows_to_s: float | None = None
        """While nobody has zoomed: a young run is seen close, so that there is something to see."""

    def follow(self, now_s: float) -> None:
        """The newest is at the right; a young run begins at the left."""
        if self._grows_to_s is not None:
            near = (step for step in _GROWING_S if now_s < step * 0.95)
            self.length_s = min(next(near, self._grows_to_s), self._grows_to_s)
        self.end_s = max(now_s, self.length_s)
        self.start_s = self.end_s - self.length_s

    def look_at(self, start_s: float, end_s: float) -> None:
        """Look back, while the run goes on."""
        length_s = max(LEAST_S, end_s - start_s)
        self.following = False
        self.start_s, self.end_s = start_s, start_s + length_s
        self.changed.emit()

    def show_length(self, run_s: float) -> None:
        """Follow a new run: all of it where it is short."""
        self._grows_to_s = self.length_s = min(SHOWN_S, max(_GROWING_S[0], run_s * 1.05))
        self.go_live()

    def go_live(self) -> None:
        """Follow the run again."""
        self.following = True
        self.changed.emit()

    def zoom(self, factor: float, around_s: float) -> None:
        """Zoom about a moment; while following, about the newest."""
        self._grows_to_s = None
        if self.following:
            self.length_s = min(86_400.0, max(LEAST_S, self.length_s * factor))
            self.changed.emit()
            return
        before, after = around_s - self.start_s, self.end_s - around_s
        self.look_at(around_s - before * factor, around_s + after * factor)


@dataclass(frozen=True)
class CurveStyle:
    """A curve's name on screen, its colour by meaning, and what it counts or measures."""

    label: str
    color: str
    tooltip: str


@dataclass(frozen=True)
class Whole:
    """A value for each curve over the whole of a run that is over, and of its baseline."""

    values: Mapping[str, float]
    behind: Mapping[str, float]


class Plot(QWidget):
    """A heading with legend above a pyqtgraph view. Subclasses say which curves, and what to draw in ``update``."""

    reading = "Beside the name: the newest value, that under the crosshair, or when the run is over that of all of it."

    def __init__(
        self,
        title: str,
        tooltip: str,
        curves: Mapping[str, CurveStyle],
        axes: dict[str, pg.AxisItem],
        say: Callable[[float], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._say = say
        self.theme = LIGHT
        self.title = title
        self.styles = dict(curves)
        self.data: dict[str, tuple[Floats, Floats]] = {}
        """What is drawn, in the units of :attr:`say`; for the crosshair and CSV."""
        self.baseline_data: dict[str, tuple[Floats, Floats]] = {}
        """The same of the baseline."""
        self.view = pg.PlotWidget(axisItems=axes)
        self.view.setMenuEnabled(False)
        self.view.hideButtons()
        self.view.setMouseEnabled(x=False, y=False)
        self.view.disableAutoRange()
        self.view.setFrameStyle(0)
        self.view.setAccessibleName(title)
        self.view.setAccessibleDescription(tooltip)
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.getAxis("left").setWidth(52)
        # Room for the upper half of the topmost label.
        self.view.getPlotItem().layout.setContentsMargins(0, 6, 10, 0)
        self.grid = Grid(self.view.getPlotItem())
        self.view.addItem(self.grid, ignoreBounds=True)
        self.curves = {name: Curve(connect="finite") for name in curves}
        self.baseline = {name: Curve(connect="finite") for name in curves}
        for name in reversed(list(curves)):
            self.view.addItem(self.baseline[name], ignoreBounds=True)
            self.view.addItem(self.curves[name], ignoreBounds=True)
        self.heading = QLabel(title)
        self.heading.setObjectName("title")
        self.heading.setToolTip(tooltip)
        self.controls = QHBoxLayout()
        self.controls.setSpacing(4)
        self.legend: dict[str, LegendEntry] = {}
        self._layout_heading()
        self.view.installEventFilter(self)
        self.view.viewport().installEventFilter(self)

    def _layout_heading(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 0)
        head.setSpacing(2)
        head.addWidget(self.heading)
        head.addStretch(1)
        head.addLayout(self.controls)
        legend = QHBoxLayout()
        legend.setContentsMargins(4, 0, 8, 0)
        legend.setSpacing(0)
        for name, style in self.styles.items():
            button = LegendEntry(style.label, max(map(self._say, SAMPLE_VALUES), key=len))
            button.setToolTip(f"{style.tooltip}\n{self.reading}\nClick to show or hide this curve.")
            button.setAccessibleName(f"{self.title}: {style.label}")
            button.setFont(figure_font(self.font(), 0.9))
            button.toggled.connect(partial(self._toggle, name))
            self.legend[name] = button
            legend.addWidget(button)
        legend.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 4, 2)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(legend)
        column.addWidget(self.view, 1)

    def add_choice(self, names: Mapping[str, str], tooltip: str, chosen: Callable[[str], None]) -> QComboBox:
        """A small switch in the heading."""
        combo = QComboBox()
        for key, label in names.items():
            combo.addItem(label, key)
        combo.setToolTip(tooltip)
        combo.setAccessibleName(f"{self.title}: {tooltip}")
        combo.currentIndexChanged.connect(lambda _: chosen(str(combo.currentData())))
        self.controls.addWidget(combo)
        return combo

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self.theme = theme
        dress(self.view, theme)
        self.grid.pen = pg.mkPen(theme.line)
        for name, style in self.styles.items():
            color = getattr(theme, style.color)
            self.curves[name].setPen(pg.mkPen(color, width=1))
            self.baseline[name].setPen(dashed(theme.behind(style.color)))
            self.legend[name].color = theme.color(style.color)
            self.legend[name].off_color = theme.color("muted")
            self.legend[name].update()

    def set_large(self, large: bool) -> None:
        """Readable from three metres."""
        scale = 1.7 if large else 1.0
        self.heading.setFont(figure_font(self.font(), scale, bold=True))
        for button in self.legend.values():
            button.setFont(figure_font(self.font(), 1.3 if large else 0.9))
        for place in range(self.controls.count()):
            item = self.controls.itemAt(place)
            if item is not None and (widget := item.widget()) is not None:
                widget.setFont(figure_font(self.font(), 1.3 if large else 1.0))
        for side in ("left", "bottom"):
            # A font of its own costs an axis much each time it is drawn, so it has one only where it must.
            font = QFont(self.font())
            font.setPointSizeF(font.pointSizeF() * 1.3)
            self.view.getAxis(side).setTickFont(font if large else None)
        self.view.getAxis("left").setWidth(76 if large else 52)
        for curve in self.curves.values():
            curve.width = THICK if large else THIN
            curve.update()

    def shows(self, name: str) -> bool:
        """True while the curve is switched on."""
        return self.legend[name].isChecked()

    def show_values(self, values: Mapping[str, float], behind: Mapping[str, float]) -> None:
        """Put values beside the names in the legend, and the baseline's below."""
        for name, button in self.legend.items():
            button.show_value(self._words(values.get(name)), self._words(behind.get(name)))

    def compare(self, compares: bool) -> None:
        """Make room for the baseline's values, or none."""
        for button in self.legend.values():
            button.compare(compares)

    def _words(self, value: float | None) -> str:
        return "" if value is None or not np.isfinite(value) else self._say(value)

    def _toggle(self, name: str, shown: bool) -> None:
        self.curves[name].setVisible(shown)
        self.baseline[name].setVisible(shown)

    # Taking it elsewhere.

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Copy, PNG, SVG, CSV."""
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """What can be done with the picture."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # The menu hides from the view that the mouse has left it.
        menu.aboutToHide.connect(self.leave)
        menu.addAction("Copy picture", lambda: QGuiApplication.clipboard().setPixmap(self.picture()))
        for kind, write in (("PNG", self.write_png), ("SVG", self.write_svg), ("CSV", self.write_csv)):
            menu.addAction(f"Save as {kind}…", partial(self._ask_and_write, kind, write))
        return menu

    def leave(self) -> None:
        """The mouse is no longer in here."""

    def _ask_and_write(self, kind: str, write: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self, f"Save {self.title.lower()} as {kind}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind.lower())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._write(write, Path(name)))
        dialog.open()

    failed = Signal(str)

    def _write(self, write: Callable[[Path], None], path: Path) -> None:
        try:
            write(path)
        except OSError as error:
            self.failed.emit(f"{path} could not be written: {error.strerror or error}")

    def picture(self) -> QPixmap:
        """The plot as it stands, with heading and legend, twice as fine as on screen."""
        pixmap = QPixmap(self.size() * 2)
        pixmap.setDevicePixelRatio(2)
        self.render(pixmap)
        return pixmap

    def write_png(self, path: Path) -> None:
        """Raises OSError."""
        buffer = QBuffer()
        self.picture().save(buffer, "PNG")
        write_out(path, bytes(buffer.data().data()))

    def write_svg(self, path: Path) -> None:
        """As vectors; raises OSError."""
        buffer = QBuffer()
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(QSize(self.width(), self.height()))
        generator.setViewBox(self.rect())
        generator.setTitle(self.title)
        painter = QPainter(generator)
        painter.fillRect(self.rect(), self.theme.color("panel"))
        self.heading.render(painter, self.heading.pos())
        for button in self.legend.values():
            button.render(painter, button.pos())
        target = QRectF(self.view.geometry())
        self.view.render(painter, target, self.view.viewport().rect())
        painter.end()
        write_out(path, bytes(buffer.data().data()))

    def write_csv(self, path: Path) -> None:
        """The curves as drawn, one row for each point; raises OSError."""
        write_out(path, self.csv().encode())

    def csv(self) -> str:
        """What :meth:`write_csv` writes."""
        names = [name for name in self.styles if name in self.data]
        if not names:
            return "at_s\n"
        x = self.data[names[0]][0]
        lines = [",".join(["at_s", *names])]
        for row, at_s in enumerate(x):
            cells = [f"{self.data[name][1][row]:.6g}" if np.isfinite(self.data[name][1][row]) else "" for name in names]
            lines.append(",".join([f"{at_s:.3f}", *cells]))
        return "\n".join(lines) + "\n"


class TimePlot(Plot):
    """A plot over the time of the run."""

    def __init__(
        self,
        title: str,
        tooltip: str,
        curves: Mapping[str, CurveStyle],
        axis: pg.AxisItem,
        say: Callable[[float], str],
        window: TimeWindow,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, tooltip, curves, {"bottom": ClockAxis("bottom"), "left": axis}, say, parent)
        self.window_ = window
        self.markers = Markers()
        self.view.addItem(self.markers, ignoreBounds=True)
        self.crosshair = pg.InfiniteLine(angle=90, movable=False)
        self.crosshair.setVisible(False)
        self.view.addItem(self.crosshair, ignoreBounds=True)
        self._range: tuple[float, float] = (0.0, 0.0)
        self._drag: tuple[QPoint, float, float] | None = None
        self.whole: Whole | None = None
        window.cursor_moved.connect(self._move_cursor)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        super().set_theme(theme)
        self.markers.pen = dashed(theme.color("muted"))
        self.markers.color = theme.color("muted")
        self.crosshair.setPen(pg.mkPen(theme.text))

    def set_large(self, large: bool) -> None:
        """Readable from three metres."""
        super().set_large(large)
        self.markers.set_large(large)

    def frame(self) -> bool:
        """Move to the part of the run that is looked at; True where that was another one."""
        wanted = (self.window_.start_s, self.window_.end_s)
        if wanted == self._range:
            return False
        self._range = wanted
        self.view.setXRange(*wanted, padding=0)
        return True

    def draw(self, x: Floats, curves: Mapping[str, Floats], scale: Callable[[Floats], Floats] | None = None) -> None:
        """Draw curves over the same times; only what is looked at goes to the view."""
        part = self._looked_at(x)
        for name, curve in self.curves.items():
            y = curves.get(name)
            if y is None or len(y) != len(x):
                curve.clear()
                self.data.pop(name, None)
                continue
            self.data[name] = (x, y)
            shown = with_lone_points(y[part])
            curve.setData(x[part], shown if scale is None else scale(shown))

    def leave(self) -> None:
        """The mouse is no longer in here."""
        self.window_.cursor_moved.emit(None)

    def _looked_at(self, x: Floats) -> slice:
        """Those of these times, and one more on either side."""
        first = max(0, int(np.searchsorted(x, self.window_.start_s)) - 1)
        return slice(first, int(np.searchsorted(x, self.window_.end_s)) + 1)

    def draw_baseline(
        self, x: Floats, curves: Mapping[str, Floats], scale: Callable[[Floats], Floats] | None = None
    ) -> None:
        """Curves of another run behind these; empty ones to take them away."""
        shown = self._looked_at(x)
        self.baseline_data = {name: (x, y) for name, y in curves.items() if len(x) and len(y) == len(x)}
        for name, curve in self.baseline.items():
            if name in self.baseline_data:
                y = with_lone_points(self.baseline_data[name][1][shown])
                curve.setData(x[shown], y if scale is None else scale(y))
            else:
                curve.clear()

    def shown(self, names: list[str]) -> list[Floats]:
        """The values that are looked at, of the curves that are switched on and of the baseline's."""
        parts = []
        for name, data in product(names, (self.data, self.baseline_data)):
            if name in data and self.shows(name):
                x, y = data[name]
                first, last = np.searchsorted(x, (self.window_.start_s, self.window_.end_s))
                part = y[first:last]
                parts.append(part[np.isfinite(part)])
        return [part for part in parts if len(part)]

    def values_at(self, at_s: float | None) -> dict[str, float]:
        """Each curve's value at a moment, or the newest that is known."""
        values = {}
        for name, (x, y) in self.data.items():
            if not len(x):
                continue
            if at_s is None or at_s > x[-1]:
                known = np.flatnonzero(np.isfinite(y[-10:]))
                place = len(y) - len(y[-10:]) + int(known[-1]) if len(known) else len(y) - 1
            else:
                place = min(len(x) - 1, int(np.searchsorted(x, at_s)))
            values[name] = float(y[place])
        return values

    def baseline_at(self, at_s: float | None) -> dict[str, float]:
        """Each baseline curve's value at a moment, or at that of the newest live ones, unless it was over by then."""
        if at_s is None:
            at_s = max((float(x[-1]) for x, _ in self.data.values() if len(x)), default=0.0)
        values = {}
        for name, (x, y) in self.baseline_data.items():
            place = int(np.searchsorted(x, at_s))
            if place < len(x):
                values[name] = float(y[place])
        return values

    def read(self) -> None:
        """Put the values at the crosshair in the legend; where there is none the newest, or those of the whole run when
        it is over."""
        at_s = float(self.crosshair.value()) if self.crosshair.isVisible() else None
        if at_s is None and self.whole is not None:
            self.show_values(self.whole.values, self.whole.behind)
        else:
            self.show_values(self.values_at(at_s), self.baseline_at(at_s))

    def _move_cursor(self, at_s: float | None) -> None:
        self.crosshair.setVisible(at_s is not None)
        if at_s is not None:
            self.crosshair.setPos(at_s)
        self.read()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """The mouse on the view: wheel zooms, drag looks back, moving reads every curve; keys do the same."""
        kind = event.type()
        if watched is self.view.viewport():
            if kind == QEvent.Type.MouseMove:
                self._mouse_moved(event)
            elif kind == QEvent.Type.Leave:
                self.leave()
            elif kind == QEvent.Type.Wheel:
                self.window_.zoom(0.8 if event.angleDelta().y() > 0 else 1.25, self._at(event.position().toPoint()))  # type: ignore[attr-defined]
                return True
            elif kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
                self._drag = (event.position().toPoint(), self.window_.start_s, self.window_.end_s)  # type: ignore[attr-defined]
            elif kind == QEvent.Type.MouseButtonRelease:
                self._drag = None
            elif kind == QEvent.Type.MouseButtonDblClick:
                self.window_.go_live()
        elif watched is self.view and kind == QEvent.Type.KeyPress:
            return self._key(event.key())  # type: ignore[attr-defined]
        return bool(super().eventFilter(watched, event))

    def _key(self, key: int) -> bool:
        step_s = (self.window_.end_s - self.window_.start_s) / 4
        match key:
            case Qt.Key.Key_Left:
                self.window_.look_at(self.window_.start_s - step_s, self.window_.end_s - step_s)
            case Qt.Key.Key_Right:
                self.window_.look_at(self.window_.start_s + step_s, self.window_.end_s + step_s)
            case Qt.Key.Key_Plus:
                self.window_.zoom(0.5, (self.window_.start_s + self.window_.end_s) / 2)
            case Qt.Key.Key_Minus:
                self.window_.zoom(2.0, (self.window_.start_s + self.window_.end_s) / 2)
            case Qt.Key.Key_End:
                self.window_.go_live()
            case _:
                return False
        return True

    def _mouse_moved(self, event: QEvent) -> None:
        place = event.position().toPoint()  # type: ignore[attr-defined]
        if self._drag is not None:
            began, start_s, end_s = self._drag
            width = max(1, self.view.getViewBox().width())
            moved_s = (began.x() - place.x()) / width * (end_s - start_s)
            if abs(began.x() - place.x()) > 3:
                self.window_.look_at(start_s + moved_s, end_s + moved_s)
            return
        at_s = self._at(place)
        self.window_.cursor_moved.emit(at_s)
        near = self.markers.near(at_s, (self.window_.end_s - self.window_.start_s) / 100)
        self.view.setToolTip("\n".join(near))

    def _at(self, place: QPoint) -> float:
        return float(self.view.getViewBox().mapSceneToView(self.view.mapToScene(place)).x())
