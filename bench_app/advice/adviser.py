"""All rules together: handlers -> **adviser** -> the costliest advice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bench_app.advice.advice import Advice
from bench_app.advice.burst import bursts
from bench_app.advice.dead_worker import dead_workers
from bench_app.advice.full_socket import full_sockets
from bench_app.advice.heartbeats import heartbeats
from bench_app.advice.reconnects import reconnects
from bench_app.advice.requests import request_timeouts
from bench_app.advice.situation import HandlerSituation
from bench_app.advice.slow_consumer import slow_consumers
from bench_app.advice.slow_joiner import slow_joiners

_RULES: tuple[Callable[[HandlerSituation], Iterator[Advice]], ...] = (
    reconnects,
    heartbeats,
    slow_joiners,
    slow_consumers,
    bursts,
    full_sockets,
    request_timeouts,
    dead_workers,
)
"""Of two rules that explain the same losses, the first one counts: it names the earlier cause."""


def advise(handlers: Iterable[HandlerSituation], only_certain: bool = False) -> list[Advice]:
    """Every advice, the costliest first; empty if nothing is lost, or if no rule explains a loss.

    ``only_certain``: leave out an advice that rests on a measured speed, because the reading is not sound.
    """
    found: dict[tuple[str, str], Advice] = {}
    for handler in handlers:
        for rule in _RULES:
            for advice in rule(handler):
                if advice.is_certain or not only_certain:
                    found.setdefault((advice.unit, advice.cause), advice)
    return sorted(found.values(), key=lambda advice: -advice.events_lost)


def costliest(handlers: Iterable[HandlerSituation], only_certain: bool = False) -> Advice | None:
    """The advice about the greatest loss; None if there is none."""
    return next(iter(advise(handlers, only_certain)), None)
