"""The counts of a handler whose worker process was killed, from the counters that outlived the process."""

from __future__ import annotations

from collections.abc import Mapping

from bench_app.measure.ledger.inputs import HandlerCounts
from bench_app.model.patterns import Delivery


def close_crashed(counters: Mapping[str, int], delivery: Delivery) -> HandlerCounts:
    """The final counts, from the counters by name (see :class:`bench_app.measure.counters.HandlerSlot`).

    The message that was being sent may have left, so it counts as accepted. The events in the queue count as aborted.
    A request without a reply counts as timed out, because nothing can receive its reply any more.
    """
    accepted = max(counters["accepted"], counters["attempted"])
    decided = counters["queue_overflow"] + counters["send_timeout"] + counters["aborted"] + accepted
    answered = counters["replied"] + counters["request_timeout"]
    unanswered = accepted - answered if delivery is Delivery.REQUEST else 0
    return HandlerCounts(
        offered=counters["offered"],
        queue_overflow=counters["queue_overflow"],
        send_timeout=counters["send_timeout"],
        # A number below 0 means that the counters were wrong before the crash. Adding 0 instead does not hide that: the
        # sums of the ledger then do not balance.
        aborted=counters["aborted"] + max(0, counters["offered"] - decided),
        accepted=accepted,
        bytes=counters["bytes"],
        replied=counters["replied"],
        request_timeout=counters["request_timeout"] + max(0, unanswered),
        retries=counters["retries"],
        by_hand=counters["by_hand"],
    )
