"""Losses of a handler, as its callback gets them."""

from __future__ import annotations

import msgspec

from bench_app import Output
from bench_app.library.handler_stats import OutputCounters
from bench_app.library.losses import Loss, LossMeter
from tests.library import until
from tests.library.ends import NOWHERE


def test_each_loss_is_reported_once() -> None:
    meter, stats = LossMeter(), OutputCounters().stats(0, 0)
    assert list(meter.update(stats)) == []
    stats = msgspec.structs.replace(stats, queue_overflow=3, lost=2, retries=9)
    assert list(meter.update(stats)) == [Loss("queue_overflow", 3), Loss("lost", 2)]
    stats = msgspec.structs.replace(stats, queue_overflow=4)
    assert list(meter.update(stats)) == [Loss("queue_overflow", 1)]


def test_the_callback_gets_every_loss_also_those_of_the_close() -> None:
    losses: list[Loss] = []
    config = {"queue_size": 10, "high_water_mark": 5, "send_timeout": -1, "linger": 0}
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", config, on_loss=losses.append)
        for number in range(100):
            output.write("events", number)
        until(lambda: bool(losses))
    assert sum(loss.events for loss in losses if loss.cause == "queue_overflow") == handler.stats.queue_overflow > 0
    assert sum(loss.events for loss in losses if loss.cause == "aborted") == handler.stats.aborted > 0
