"""Situations for the tests of the adviser's rules."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.measure.ledger import HandlerCounts
from bench_app.model import ConstantLoad, HandlerBench, HandlerConfig, ListenerSpec, Load


def listener(name: str = "slow", spec: dict[str, Any] | None = None, **known: Any) -> ListenerSituation:
    """A listener of handler ``h``, the first one of its list unless ``path`` says otherwise."""
    given = {"title": f"h/{name}", "path": ("bench", "listeners", "h", 0), **known}
    return ListenerSituation(name=name, spec=msgspec.convert(spec or {}, ListenerSpec), **given)


def handler(
    *listeners: ListenerSituation,
    config: dict[str, Any] | None = None,
    bench: dict[str, Any] | None = None,
    counts: dict[str, int] | None = None,
    load: Load | None = None,
    duration_s: float = 10.0,
    **known: Any,
) -> HandlerSituation:
    """A PUSH handler ``h`` with 1,000 events/s, unless told otherwise."""
    return HandlerSituation(
        name="h",
        config=msgspec.convert(config or {}, HandlerConfig),
        bench=msgspec.convert(bench or {}, HandlerBench),
        load=load or ConstantLoad(rate=1000),
        duration_s=duration_s,
        counts=HandlerCounts(**(counts or {})),
        listeners=listeners,
        **known,
    )


PUB = {"socket_type": "PUB", "topic": "t"}
REQ = {"socket_type": "REQ"}
