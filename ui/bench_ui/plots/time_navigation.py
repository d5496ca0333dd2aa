"""Pointer and keys on a time plot: the wheel zooms, a drag goes back in time, the pointer shows every curve's value.

events of the view -> **TimeNavigation** -> time window, vertical range
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QRubberBand

from bench_ui.plots.markers import Markers
from bench_ui.plots.time_window import TimeWindow
from bench_ui.plots.vertical_scale import VerticalRange
from bench_ui.widgets.plain_text import plain_tip

_ZOOM_IN, _ZOOM_OUT = 0.8, 1.25
_DRAG_PIXELS = 3
"""A pointer that moved no more than this is a click, not a drag."""
_BOX_PIXELS = 10
"""A box that is narrower or lower than this does not zoom in that direction."""
_CURSOR_STEP = 100
"""A key moves a cursor by this part of the shown seconds."""
_CURSOR_KEYS = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}
"""Keys that move a cursor while Shift is pressed, and their directions."""
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

    ``describe`` adds a text about the moment under the pointer. Without ``vertical`` the height stays as it is.
    """

    def __init__(
        self,
        view: pg.PlotWidget,
        window: TimeWindow,
        markers: Markers,
        parent: QObject,
        describe: Describe | None = None,
        vertical: VerticalRange | None = None,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._viewport = view.viewport()
        self._window = window
        self._markers = markers
        self._describe = describe
        self._vertical = vertical
        self._drag: _Drag | None = None
        self._box: QRect | None = None
        """The box to zoom to, while the user draws it."""
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, self._viewport)
        if vertical is not None:
            window.heights_released.connect(vertical.release)
        view.installEventFilter(self)
        self._viewport.installEventFilter(self)

    def leave(self) -> None:
        """The pointer is no longer on the plot."""
        self._window.cursor_moved.emit(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Handle the pointer on the viewport and keys on the view."""
        # Do not call the view here: it also sends events while it is being destroyed.
        # The collector may have emptied this object before Qt has destroyed the view.
        if watched is getattr(self, "_viewport", None):
            if self._pointer_event(event):
                return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        return bool(super().eventFilter(watched, event))

    def _pointer_event(self, event: QEvent) -> bool:
        """Handle an event of the viewport; True if it must not reach the view."""
        kind = event.type()
        if isinstance(event, QWheelEvent):
            self._wheel(event)
            return True
        if kind == QEvent.Type.Leave:
            self.leave()
        elif isinstance(event, QMouseEvent):
            self._mouse_event(kind, event)
        return False

    def _wheel(self, event: QWheelEvent) -> None:
        """Zoom in time; with Ctrl, or on the vertical axis, in height."""
        factor = _ZOOM_IN if event.angleDelta().y() > 0 else _ZOOM_OUT
        place = self._point_at(event.position().toPoint())
        is_on_axis = event.position().x() < self._view.getViewBox().sceneBoundingRect().left()
        if self._vertical is not None and (is_on_axis or _has_ctrl(event)):
            self._vertical.zoom(factor, place.y())
        else:
            self._window.zoom(factor, place.x())

    def _mouse_event(self, kind: QEvent.Type, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if kind == QEvent.Type.MouseMove:
            self._mouse_moved(place)
        elif kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._press(place, event)
        elif kind == QEvent.Type.MouseButtonRelease:
            self._drag = None
            self._zoom_to_box()
        elif kind == QEvent.Type.MouseButtonDblClick:
            self._window.back_to_live()

    def _press(self, place: QPoint, event: QMouseEvent) -> None:
        """Begin a drag; with Shift a box, with Ctrl place a cursor."""
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._box = QRect(place, place)
        elif _has_ctrl(event):
            self._window.place_cursor(self.second_at(place))
        else:
            self._drag = _Drag(place, self._window.start_s, self._window.end_s)

    def _key(self, key: int, shift: bool) -> bool:
        window = self._window
        length_s = window.end_s - window.start_s
        middle_s = window.start_s + length_s / 2
        if shift and key in _CURSOR_KEYS:
            window.move_cursor(_CURSOR_KEYS[key] * length_s / _CURSOR_STEP)
            return True
        match key:
            case Qt.Key.Key_Left:
                window.shift(-length_s / 4)
            case Qt.Key.Key_Right:
                window.shift(length_s / 4)
            case Qt.Key.Key_Plus:
                window.zoom(0.5, middle_s)
            case Qt.Key.Key_Minus:
                window.zoom(2.0, middle_s)
            case Qt.Key.Key_Up | Qt.Key.Key_Down if self._vertical is not None:
                self._vertical.zoom(_ZOOM_IN if key == Qt.Key.Key_Up else _ZOOM_OUT, sum(self._vertical.shown) / 2)
            case Qt.Key.Key_Home:
                window.show_all()
            case Qt.Key.Key_End:
                window.back_to_live()
            case Qt.Key.Key_C:
                window.place_cursor(middle_s if window.pointer_s is None else window.pointer_s)
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                window.remove_cursors()
            case Qt.Key.Key_N:
                window.note_wanted.emit(middle_s if window.pointer_s is None else window.pointer_s)
            case _:
                return False
        return True

    def _mouse_moved(self, place: QPoint) -> None:
        if self._drag is not None:
            self._drag_to(self._drag, place)
            return
        if self._box is not None:
            self._box.setBottomRight(place)
            self._band.setGeometry(self._box.normalized())
            self._band.show()
            return
        at_s = self.second_at(place)
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

    def _zoom_to_box(self) -> None:
        """Show the box that the user has drawn, and nothing else."""
        box, self._box = self._box, None
        self._band.hide()
        if box is None:
            return
        box = box.normalized()
        first, last = self._point_at(box.topLeft()), self._point_at(box.bottomRight())
        if box.width() > _BOX_PIXELS:
            self._window.look_at(max(0.0, first.x()), last.x())
        if box.height() > _BOX_PIXELS and self._vertical is not None:
            self._vertical.choose(last.y(), first.y())

    def _point_at(self, place: QPoint) -> QPointF:
        """The time and the value, as the axis has it, at a place of the view."""
        point = self._view.getViewBox().mapSceneToView(self._view.mapToScene(place))
        return QPointF(point.x(), point.y())

    def second_at(self, place: QPoint) -> float:
        """The second of the run at a place of the view."""
        return self._point_at(place).x()


def _has_ctrl(event: QWheelEvent | QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
