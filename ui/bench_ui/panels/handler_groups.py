"""Many handlers in groups by socket type: rows -> **group rows** with counts and sums -> tree. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bench_app.transport.connection import ConnectionState
from bench_ui.panels.handler_rows import Row
from bench_ui.widgets import number_format

GROUPED_FROM = 24
"""From this number of handlers on, the tree has groups: fewer can be read one by one."""
_WORST_FIRST = (
    ConnectionState.FAILED,
    ConnectionState.GAVE_UP,
    ConnectionState.RETRYING,
    ConnectionState.CONNECTING,
    ConnectionState.BOUND,
    ConnectionState.CONNECTED,
    ConnectionState.IDLE,
)
"""The states of connections in the order in which a group names them."""


def group_row(socket_type: str, handlers: Sequence[Row], rates: Mapping[str, float]) -> Row:
    """The row above the handlers of one socket type.

    Its light is that of the worst state. Its status counts the states, its rate is the sum of ``rates`` by handler.
    """
    states = Counter(row.state for row in handlers if row.enabled)
    disabled = sum(not row.enabled for row in handlers)
    counts = [f"{states[state]:,} {state.value}" for state in _WORST_FIRST if states[state]]
    counts += [f"{disabled:,} disabled"] if disabled else []
    known = [rates[row.handler] for row in handlers if row.handler in rates]
    return Row(
        handler="",
        listener="",
        badge=socket_type,
        name=f"{len(handlers):,} handlers",
        endpoint=", ".join(counts),
        status=", ".join(counts),
        state=next((state for state in _WORST_FIRST if states[state]), ConnectionState.IDLE),
        enabled=bool(states),
        rate=number_format.rate(sum(known)) if known else "",
    )
