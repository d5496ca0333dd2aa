"""Rule: the process of a worker ended, and the messages that waited at it are gone. PUSH has no memory of them.

No setting brings them back. The sum says how many may wait at one worker, which is the most that its end can cost.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.advice.advice import Advice, Rule
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.texts import count_text, listed
from bench_app.model import Delivery


def dead_workers(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice if workers of a PUSH died and messages are lost."""
    dead = [one for one in handler.listeners if one.deaths]
    if handler.pattern.delivery is Delivery.SHARED and handler.lost > 0 and dead:
        yield _advice(handler, dead)


def _advice(handler: HandlerSituation, dead: list[ListenerSituation]) -> Advice:
    deaths = sum(one.deaths for one in dead)
    marks = handler.config.high_water_mark, max(one.spec.high_water_mark for one in dead)
    times = "once" if deaths == 1 else f"{deaths} times"
    return Advice(
        rule=Rule.DEAD_WORKER,
        unit=handler.name,
        cause="lost",
        events_lost=handler.lost,
        is_certain=True,
        why=f"{listed([one.name for one in dead])} died {times}, and {count_text(handler.lost)} that waited there "
        f"died too, although each send was a success",
        remedy="no setting of a PUSH keeps them. A lower high_water_mark at both ends "
        f"({marks[0]:,} and {marks[1]:,} now) lets fewer wait, and a REQ confirms each",
        sum={
            "deaths": deaths,
            "lost": handler.lost,
            "high_water_mark": marks[0],
            "listener_high_water_mark": marks[1],
        },
        proposal={},
    )
