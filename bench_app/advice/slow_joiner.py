"""Rule: a PUB sends before its listener has subscribed, and what it sends until then is lost."""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.advice.advice import Advice, Rule, Value
from bench_app.advice.situation import HandlerSituation, ListenerSituation
from bench_app.advice.texts import count_text, proposed_text, rate_text, seconds_text


def slow_joiners(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice for each listener that joined after the handler had begun without waiting for it."""
    if not handler.bench.start_gate:
        yield from (_advice(handler, one) for one in handler.listeners if one.before_join and one.path is not None)
        yield from (_advice(handler, one) for one in handler.listeners if one.before_join and one.path is None)


def _advice(handler: HandlerSituation, listener: ListenerSituation) -> Advice:
    rate = handler.rate * listener.share
    late_s = listener.before_join / rate if rate else 0.0
    proposal: dict[str, Value] = {handler.bench_setting("start_gate"): True}
    return Advice(
        rule=Rule.SLOW_JOINER,
        unit=listener.title,
        cause="before_join",
        events_lost=listener.before_join,
        is_certain=True,
        why=f"{handler.name} did not wait for {listener.name}, whose subscription came after "
        f"{count_text(listener.before_join)}, {seconds_text(late_s)} at {rate_text(rate)}",
        remedy="send when the subscription is there",
        sum={"rate": round(rate, 3), "before_join": listener.before_join, "late_s": round(late_s, 6)},
        proposal=proposal,
        proposed=proposed_text(proposal),
    )
