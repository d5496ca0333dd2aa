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
    """What a line of the tree shows.

    ``wanted`` is the address in the preset, ``used`` the address on this machine that takes its place, "" if the wanted
    one is used.
    """

    handler: str
    listener: str
    badge: str
    name: str
    wanted: str
    used: str
    state: str
    sentence: str
    rate: str
    paused: bool = False

    @property
    def endpoint(self) -> str:
        """Both addresses in one text."""
        return f"{self.wanted} {ARROW} {self.used}" if self.used else self.wanted

    @property
    def endpoint_lines(self) -> list[str]:
        """Both addresses, for a narrow tree: a PUSH is connected to each of its listeners."""
        return [self.wanted, *(f"{ARROW} {each}" for each in self.used.split(", "))] if self.used else [self.wanted]


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
        used = real if plan is not None and plan.replaced and real != wanted else ""
        state = "idle" if spec.enabled else "disabled"
        own = "" if handler_bench(preset, name).paired else "; its consumer is your own (paired: false)"
        badge = spec.config.socket_type
        rows.append(
            Row(name, "", badge, name, wanted, used, state, ("not running" if spec.enabled else state) + own, "")
        )
        kind = spec.config.pattern.listener_type
        for listener in listeners_of(preset, name):
            words = listener.endpoint or ""
            rows.append(Row(name, str(listener.name), kind, str(listener.name), words, "", state, "not running", ""))
    return rows
