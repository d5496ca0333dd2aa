"""The rows of the handlers panel: document -> **rows**. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.engine.plan import make_plan
from bench_app.errors import BenchError
from bench_app.preset.defaults import handler_bench, listeners_of
from bench_app.preset.documents import Document

ARROW = "→"
"""Between the address of the preset and the one on loopback that takes its place."""


@dataclass(frozen=True)
class Row:
    """What a line of the tree shows."""

    handler: str
    listener: str
    badge: str
    name: str
    endpoint: str
    state: str
    sentence: str
    rate: str
    paused: bool = False


def rows_of(document: Document | None) -> list[Row]:
    """The rows of a document: each handler, followed by its listeners."""
    if document is None:
        return []
    preset = document.preset
    try:
        plans = {plan.name: plan for plan in make_plan(preset).handlers}
    except BenchError:
        plans = {}
    rows = []
    for name, spec in preset.output.handlers.items():
        plan = plans.get(name)
        wanted = spec.uri.removeprefix("zmq://").removeprefix("tcp://")
        real = "" if plan is None else str(plan.endpoint).removeprefix("tcp://")
        endpoint = f"{wanted} {ARROW} {real}" if plan is not None and plan.replaced and real != wanted else wanted
        state = "idle" if spec.enabled else "disabled"
        own = "" if handler_bench(preset, name).paired else "; its consumer is your own (paired: false)"
        badge = spec.config.socket_type
        rows.append(Row(name, "", badge, name, endpoint, state, ("not running" if spec.enabled else state) + own, ""))
        kind = spec.config.pattern.listener_type
        for listener in listeners_of(preset, name):
            words = listener.endpoint or ""
            rows.append(Row(name, str(listener.name), kind, str(listener.name), words, state, "not running", ""))
    return rows
