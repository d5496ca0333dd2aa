"""An advice for tests of the window."""

from __future__ import annotations

from bench_app.advice.advice import Advice, Rule

ADVICE = Advice(
    rule=Rule.SLOW_CONSUMER,
    unit="h/slow",
    cause="lost",
    events_lost=44_000,
    is_certain=True,
    why="slow takes 470/s of 5,000/s: no queue is enough, room for 1,390 messages only delays the loss by 307 ms",
    remedy="0.2 ms a message, or room for 45,302 messages in 10 s, would do",
    sum={"rate": 5000},
    proposal={"bench.duration_s": 3.0, "output.handlers.h.config.linger": 7},
)
