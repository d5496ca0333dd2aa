"""The part of the run that all time plots show, the moment under the pointer, and the cursors.

clock of the window, wheel, drag, keys -> **TimeWindow** -> all time plots
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

SHOWN_S = 60.0
"""Seconds that a long run shows."""
_GROWING_S = (10.0, 20.0, 30.0, 45.0)
"""Lengths in seconds that a young run shows, one after the other."""
LEAST_S = 1.0
MOST_S = 86_400.0


class TimeWindow(QObject):
    """Which seconds of the run the time plots show. All of them share one window, so that they move together.

    Attributes:
        following: True while the newest moment stays at the right edge; False after the user went back in time.
        start_s, end_s: the edges.
        length_s: the length while following.
        newest_s: the newest moment of the run.
        pointer_s: the second of the run under the pointer; None while the pointer is elsewhere.
        cursors: the moments that the user marked to compare them: none to two, in the order in which they were placed.
    """

    changed = Signal()
    cursor_moved = Signal(object)
    """With the second of the run under the pointer, or None when the pointer left."""
    cursors_changed = Signal()
    heights_released = Signal()
    """Every plot shall fit its height to its values again."""
    note_wanted = Signal(float)
    """With the second of the run at which the user wants to write a note."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.following = True
        self.start_s, self.end_s = 0.0, SHOWN_S
        self.length_s = SHOWN_S
        self.newest_s = 0.0
        self.pointer_s: float | None = None
        self.cursors: tuple[float, ...] = ()
        self.cursor_moved.connect(self._note_pointer)
        self._grows_to_s: float | None = None
        """The length that a young run grows to; None once the user has zoomed."""

    def follow(self, now_s: float) -> None:
        """Move to the newest moment. A young run gets a short window, so that its first seconds fill the plot."""
        if self._grows_to_s is not None:
            near = (step for step in _GROWING_S if now_s < step * 0.95)
            # A run that is late or was paused lasts longer than its duration. Its beginning stays in view, too.
            most = max(self._grows_to_s, min(SHOWN_S, now_s))
            self.length_s = min(next(near, most), most)
        self.end_s = max(now_s, self.length_s)
        self.start_s = self.end_s - self.length_s

    def look_at(self, start_s: float, end_s: float) -> None:
        """Show these seconds and stop following the run."""
        length_s = max(LEAST_S, end_s - start_s)
        self.following = False
        self.start_s, self.end_s = start_s, start_s + length_s
        self.changed.emit()

    def show_length(self, run_s: float) -> None:
        """Follow a new run of this duration. A short run fits into the window completely."""
        self._grows_to_s = self.length_s = _length_of(run_s)
        self.go_live()

    def change_run_length(self, run_s: float) -> None:
        """The run under way has another duration. What the user zoomed stays as it is."""
        if self._grows_to_s is not None:
            self._grows_to_s = _length_of(run_s)

    def go_live(self) -> None:
        """Follow the run again."""
        self.following = True
        self.changed.emit()

    def show_all(self) -> None:
        """Show the whole run so far, with heights that fit the values."""
        self.heights_released.emit()
        self.look_at(0.0, max(LEAST_S, self.newest_s * 1.02))

    def back_to_live(self) -> None:
        """Undo all zooming: follow the run again, with heights that fit the values."""
        self.heights_released.emit()
        self.go_live()

    def _note_pointer(self, at_s: float | None) -> None:
        self.pointer_s = at_s

    def place_cursor(self, at_s: float) -> None:
        """Mark a moment to compare it. A third cursor replaces both others."""
        before = self.cursors if len(self.cursors) < 2 else ()
        self._set_cursors((*before, max(0.0, at_s)))

    def move_cursor(self, by_s: float) -> None:
        """Move the cursor that was placed last."""
        if self.cursors:
            self._set_cursors((*self.cursors[:-1], max(0.0, self.cursors[-1] + by_s)))

    def remove_cursors(self) -> None:
        """Remove the cursors."""
        self._set_cursors(())

    def _set_cursors(self, cursors: tuple[float, ...]) -> None:
        if cursors != self.cursors:
            self.cursors = cursors
            self.cursors_changed.emit()

    def zoom(self, factor: float, around_s: float) -> None:
        """Change the length by a factor; ``around_s`` keeps its place, or the newest moment while following."""
        self._grows_to_s = None
        if self.following:
            self.length_s = min(MOST_S, max(LEAST_S, self.length_s * factor))
            self.changed.emit()
            return
        before, after = around_s - self.start_s, self.end_s - around_s
        self.look_at(around_s - before * factor, around_s + after * factor)

    def shift(self, by_s: float) -> None:
        """Go back (negative) or forward in the run."""
        self.look_at(self.start_s + by_s, self.end_s + by_s)


def _length_of(run_s: float) -> float:
    """The length that shows a whole run of this duration, or the newest part of a long one."""
    return min(SHOWN_S, max(_GROWING_S[0], run_s * 1.05))
