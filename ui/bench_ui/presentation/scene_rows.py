"""Which handlers and listeners the scene draws: views -> **rows** -> scene. No Qt.

An audience reads few rows in large letters. Where there are more listeners than rows, every handler keeps a row, and
listeners of one handler share one; where there are more handlers than rows, the scene says how many are not drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench_app.engine.view import HandlerView, ListenerView
from bench_ui.presentation.balance import missing_at

ROWS_SHOWN = 6
"""At most so many rows are drawn, so that the letters stay large."""


@dataclass(frozen=True)
class SceneRows:
    """What is drawn.

    Attributes:
        groups: each handler with the listeners that have a row; none is one row, for a stranger.
        more: how many handlers are not drawn.
    """

    groups: tuple[tuple[HandlerView, tuple[ListenerView, ...]], ...]
    more: int = 0

    @property
    def count(self) -> int:
        """The number of rows, with the one that says how many handlers are not drawn."""
        return sum(max(1, len(listeners)) for _, listeners in self.groups) + bool(self.more)


def rows_of(views: Sequence[HandlerView], focus: str) -> SceneRows:
    """The rows for these handlers. Those that have left come in only if nothing else is there.

    The handler called ``focus`` is always drawn; of the others, those that lost most.
    """
    present = [view for view in views if view.key.departure is None] or list(views)
    room = ROWS_SHOWN if len(present) <= ROWS_SHOWN else ROWS_SHOWN - 1
    ranked = sorted(present, key=lambda view: (view.key.handler != focus, -view.ledger.lost))
    drawn = [view for view in present if any(view is one for one in ranked[:room])]
    rows = [1] * len(drawn)
    while sum(rows) < room:
        # The next row goes to a handler with the fewest so far, so that a large one does not take all of them.
        open_ = [place for place, view in enumerate(drawn) if rows[place] < len(view.listeners)]
        if not open_:
            break
        rows[min(open_, key=lambda place: rows[place])] += 1
    groups = tuple((view, _in_rows(view.listeners, count)) for view, count in zip(drawn, rows, strict=True))
    return SceneRows(groups, len(present) - len(drawn))


def _in_rows(listeners: tuple[ListenerView, ...], rows: int) -> tuple[ListenerView, ...]:
    """The listeners in so many rows: those that missed most have rows of their own, the others share the last one."""
    if len(listeners) <= rows:
        return listeners
    ranked = sorted(listeners, key=lambda one: (-missing_at(one), one.received))
    own = [one for one in listeners if any(one is chosen for chosen in ranked[: rows - 1])]
    others = [one for one in listeners if not any(one is chosen for chosen in own)]
    together = replace(
        others[0],
        name=f"{len(others)} {'more' if own else 'together'}",
        received_rate=sum(one.received_rate for one in others),
        received=sum(one.received for one in others),
        lost=sum(one.lost for one in others),
        before_join=sum(one.before_join for one in others),
    )
    return (*own, together)
