"""An advice for tests of the window."""

from __future__ import annotations

from bench_app.advice.advice import Advice, Rule

ADVICE = Advice(
    rule=Rule.SLOW_CONSUMER,
    unit="h/slow",
    cause="lost",
    events_lost=44_000,
    is_certain=True,
    why="slow takes 470/s of 5,000/s: no high-water mark is enough, room for 1,390 messages only delays the loss by "
    "307 ms",
    remedy="either 0.2 ms a message or room for 45,302 messages for 10 s would do",
    sum={"rate": 5000},
    proposal={"bench.duration_s": 3.0, "output.handlers.h.config.linger": 7},
    proposed="proposed, all together: set delay_ms 0.022, high_water_mark 50,000 and linger 68,000",
)
