"""Collects Python's cyclic garbage from the event loop alone: timer -> **garbage timer** -> collector.

By itself the collector runs whenever Python allocates: while Qt paints, where it may delete a widget that is being
painted, and in threads, where it may delete a widget that belongs to the main thread. Qt crashes in both cases. So the
collector is off, and a timer of the main thread does its work between two events.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

CHECK_MS = 100
"""How often the timer looks whether there may be garbage."""
FULL_AFTER = 100
"""A full collection follows so many of the middle generation: it visits everything that the window has made."""


@contextmanager
def collector_off() -> Iterator[None]:
    """Keep the collector off while Qt goes through all widgets: one that the collector deletes then is used again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class GarbageTimer(QObject):
    """Collects what the collector would have collected by itself, from its making until :meth:`end`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def end(self) -> None:
        """Let the collector run by itself again."""
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        """Collect the oldest generation that is due."""
        (young, middle, old), (young_limit, middle_limit, _) = gc.get_count(), gc.get_threshold()
        if young <= young_limit:
            return
        if middle <= middle_limit:
            gc.collect(0)
        else:
            gc.collect(2 if old > FULL_AFTER else 1)
