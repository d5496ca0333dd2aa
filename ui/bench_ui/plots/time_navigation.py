"""Pointer and keys on a time plot: the wheel zooms, a drag goes back in time, the pointer shows every curve's value.

events of the view -> **TimeNavigation** -> time window
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from bench_ui.plots.markers import Markers
from bench_ui.plots.time_window import TimeWindow
from bench_ui.widgets.plain_text import plain_tip

_ZOOM_IN, _ZOOM_OUT = 0.8, 1.25
_DRAG_PIXELS = 3
"""A pointer that moved no more than this is a click, not a drag."""
Describe = Callable[[float], str]
"""A moment of the run -> a text about it for the tooltip of a plot; "" for none."""


@dataclass(frozen=True)
class _Drag:
    """Where a drag began, and which seconds were shown then."""

    place: QPoint
    start_s: float
    end_s: float


class TimeNavigation(QObject):
    """Turns the events of a view into changes of the time window, and shows marker labels near the pointer.

    ``describe`` adds a text about the moment under the pointer.
    """

    def __init__(
        self,
        view: pg.PlotWidget,
        window: TimeWindow,
        markers: Markers,
        parent: QObject,
        describe: Describe | None = None,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._viewport = view.viewport()
        self._window = window
        self._markers = markers
        self._describe = describe
        self._drag: _Drag | None = None
        view.installEventFilter(self)
        self._viewport.installEventFilter(self)

    def leave(self) -> None:
        """The pointer is no longer on the plot."""
        self._window.cursor_moved.emit(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Handle the pointer on the viewport and keys on the view."""
        # Do not call the view here: it also sends events while it is being destroyed.
        if watched is self._viewport:
            if self._pointer_event(event):
                return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event.key())
        return bool(super().eventFilter(watched, event))

    def _pointer_event(self, event: QEvent) -> bool:
        """Handle an event of the viewport; True if it must not reach the view."""
        kind = event.type()
        if isinstance(event, QWheelEvent):
            factor = _ZOOM_IN if event.angleDelta().y() > 0 else _ZOOM_OUT
            self._window.zoom(factor, self._second_at(event.position().toPoint()))
            return True
        if kind == QEvent.Type.Leave:
            self.leave()
        elif isinstance(event, QMouseEvent):
            self._mouse_event(kind, event)
        return False

    def _mouse_event(self, kind: QEvent.Type, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if kind == QEvent.Type.MouseMove:
            self._mouse_moved(place)
        elif kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._drag = _Drag(place, self._window.start_s, self._window.end_s)
        elif kind == QEvent.Type.MouseButtonRelease:
            self._drag = None
        elif kind == QEvent.Type.MouseButtonDblClick:
            self._window.go_live()

    def _key(self, key: int) -> bool:
        window = self._window
        length_s = window.end_s - window.start_s
        middle_s = window.start_s + length_s / 2
        match key:
            case Qt.Key.Key_Left:
                window.shift(-length_s / 4)
            case Qt.Key.Key_Right:
                window.shift(length_s / 4)
            case Qt.Key.Key_Plus:
                window.zoom(0.5, middle_s)
            case Qt.Key.Key_Minus:
                window.zoom(2.0, middle_s)
            case Qt.Key.Key_End:
                window.go_live()
            case _:
                return False
        return True

    def _mouse_moved(self, place: QPoint) -> None:
        if self._drag is not None:
            self._drag_to(self._drag, place)
            return
        at_s = self._second_at(place)
        self._window.cursor_moved.emit(at_s)
        near = self._markers.near(at_s, (self._window.end_s - self._window.start_s) / 100)
        described = "" if self._describe is None else self._describe(at_s)
        self._view.setToolTip(plain_tip("\n".join([described, *near] if described else near)))

    def _drag_to(self, drag: _Drag, place: QPoint) -> None:
        moved = drag.place.x() - place.x()
        if abs(moved) > _DRAG_PIXELS:
            width = max(1, self._view.getViewBox().width())
            moved_s = moved / width * (drag.end_s - drag.start_s)
            self._window.look_at(drag.start_s + moved_s, drag.end_s + moved_s)

    def _second_at(self, place: QPoint) -> float:
        return float(self._view.getViewBox().mapSceneToView(self._view.mapToScene(place)).x())
