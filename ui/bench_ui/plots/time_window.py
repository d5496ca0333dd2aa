"""The part of the run that all time plots show, and the moment under the pointer.

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
    """

    changed = Signal()
    cursor_moved = Signal(object)
    """With the second of the run under the pointer, or None when the pointer left."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.following = True
        self.start_s, self.end_s = 0.0, SHOWN_S
        self.length_s = SHOWN_S
        self._grows_to_s: float | None = None
        """The length that a young run grows to; None once the user has zoomed."""

    def follow(self, now_s: float) -> None:
        """Move to the newest moment. A young run gets a short window, so that its first seconds fill the plot."""
        if self._grows_to_s is not None:
            near = (step for step in _GROWING_S if now_s < step * 0.95)
            self.length_s = min(next(near, self._grows_to_s), self._grows_to_s)
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
        self._grows_to_s = self.length_s = min(SHOWN_S, max(_GROWING_S[0], run_s * 1.05))
        self.go_live()

    def go_live(self) -> None:
        """Follow the run again."""
        self.following = True
        self.changed.emit()

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
