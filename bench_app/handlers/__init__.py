"""Output handlers: sink -> **handler queue -> socket** ~~> listener. This is the registry of both ends of each pattern.

A new pattern needs:

* a :class:`~bench_app.model.Pattern` in ``bench_app/model/patterns.py``, with its names in the two Literals there;
* a file here with a :class:`HandlerKind`: the socket type, its options, and how the core sends. PUSH is the shortest;
* a file in ``bench_app/listeners`` with a :class:`~bench_app.listeners.kind.ListenerKind`;
* an entry in ``HANDLER_KINDS`` below;
* a subclass of ``PairSuite`` in ``tests/end_to_end/test_pairs.py``, which runs it over every transport.

Presets, forms, ledger, checks, tables and flow strip read the :class:`~bench_app.model.Pattern`. They need no change if
one of the three members of :class:`~bench_app.model.Delivery` fits the new pattern. A fourth delivery needs a file in
``bench_app/measure/ledger``.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench_app.handlers.pub import PUB
from bench_app.handlers.push import PUSH
from bench_app.handlers.req import REQ
from bench_app.handlers.socket import HandlerKind
from bench_app.listeners.kind import ListenerKind
from bench_app.model import ListenerType, SocketType

HANDLER_KINDS: Mapping[SocketType, HandlerKind] = {kind.pattern.socket_type: kind for kind in (PUB, PUSH, REQ)}
LISTENER_KINDS: Mapping[ListenerType, ListenerKind] = {
    kind.pattern.listener_type: kind.listener for kind in HANDLER_KINDS.values()
}

__all__ = ["HANDLER_KINDS", "LISTENER_KINDS", "HandlerKind"]
