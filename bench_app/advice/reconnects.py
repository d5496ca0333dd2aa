"""Rule: no peer. A socket that connects accepts events up to its mark without one, and then waits; or it gave up."""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.advice.advice import Advice, Rule, Value
from bench_app.advice.keeping_up import SPARE_MS, larger_queue, longer_send_timeout
from bench_app.advice.situation import HandlerSituation
from bench_app.advice.texts import count_text, proposed_text, rate_text, rounded_up, seconds_text

UNLIMITED = -1
USUAL_INTERVAL_MS = 100


def reconnects(handler: HandlerSituation) -> Iterator[Advice]:
    """An advice if the handler never had a peer, or gave up connecting to it."""
    if not handler.lost_in_all:
        return
    if not handler.ever_connected:
        # A listener of the bench that is not there has failed, which no setting of the connection cures.
        if not handler.listeners:
            yield _without_peer(handler)
    elif handler.gave_up and handler.counts.aborted:
        yield _gave_up(handler)


def _without_peer(handler: HandlerSituation) -> Advice:
    rate, mark = handler.rate, handler.config.high_water_mark
    is_paired, is_pub = handler.bench.paired, handler.pattern.knows_subscribers
    proposal: dict[str, Value] = {} if is_paired else {handler.bench_setting("paired"): True}
    sums: dict[str, float] = {"rate": round(rate, 3)}
    if is_pub:
        consequence = "a PUB drops what nobody has subscribed to, and connects or binds without an error"
    else:
        full_s = mark / rate if rate else 0.0
        sums |= {"high_water_mark": mark, "full_after_s": round(full_s, 3)}
        consequence = (
            f"connecting never fails, and the {count_text(mark)} that the socket takes without one are "
            f"{seconds_text(full_s)} at {rate_text(rate)}"
        )
    if proposal and not is_pub:
        # The listener may not run for so long.
        queue = rounded_up(handler.rate * SPARE_MS / 1000)
        proposal |= longer_send_timeout(handler, SPARE_MS) | larger_queue(handler, queue)
    return Advice(
        rule=Rule.RECONNECT,
        unit=handler.name,
        cause=handler.main_cause,
        events_lost=handler.lost_in_all,
        is_certain=True,
        why=f"no peer was ever at {handler.endpoint}; {consequence}",
        remedy="start the consumer first" + ("" if is_paired else ", or let the bench pair a listener"),
        sum=sums,
        proposal=proposal,
        proposed=proposed_text(proposal),
    )


def _gave_up(handler: HandlerSituation) -> Advice:
    config = handler.config
    proposal: dict[str, Value] = {}
    if config.reconnect_interval <= 0:
        proposal[handler.config_setting("reconnect_interval")] = USUAL_INTERVAL_MS
        why, tried_s = "reconnect_interval is off, so the first lost connection was the last", 0.0
        remedy = "with an interval the handler would connect again"
    else:
        tried_s = config.max_reconnect_attempts * config.reconnect_interval / 1000
        why = (
            f"the handler gave up after {count_text(config.max_reconnect_attempts, 'attempt')}, "
            f"{seconds_text(tried_s)}, and its peer was away for longer"
        )
        remedy = "attempts without an end would do"
        proposal[handler.config_setting("max_reconnect_attempts")] = UNLIMITED
    return Advice(
        rule=Rule.RECONNECT,
        unit=handler.name,
        cause="aborted",
        events_lost=handler.counts.aborted,
        is_certain=True,
        why=why,
        remedy=remedy,
        sum={"attempts": config.max_reconnect_attempts, "tried_s": tried_s, "queue": rounded_up(handler.rate)},
        proposal=proposal,
        proposed=proposed_text(proposal),
    )
