"""The longest burst without loss while the consumer stands still (RFC 9004): trials -> **burst** -> high-water mark.

The kernel's buffers are part of it. Linux sizes them anew for each connection, by the pace of the messages among other
things, so one trial may hold a thousand small messages more than the next. So bursts and the capacity that they are
compared with have the same pace, and of several measurements the least counts. The pace is quick: a sender that waited
for seconds for room in the receiver's kernel also waits for seconds before it tries again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from bench_app.capacity.figures import ConnectionCapacity
from bench_app.capacity.measure import measure
from bench_app.engine.result import RunResult
from bench_app.lab.laboratory import MOST_TRIES, Trials, Values, run_valid, trial_values
from bench_app.lab.reading import causes_of, was_busy
from bench_app.lab.trial import rate_settings, with_settings
from bench_app.model import pattern_of
from bench_app.model.json_path import JsonPath
from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import Document

MOST_TRIALS = 14
QUICK_RATE = 10_000.0
"""The least rate of a burst, in events per second."""
TIMES = 2
"""A burst counts as held if it lost nothing so many times, and a capacity is the least of so many."""
AT_ONCE_S = 1e-6
"""The begin of the stall. A stall that begins at 0 would keep the listener from joining the run."""
READING_AGAIN_S = 0.2
"""The consumer reads again this long before the end of the run."""
LONG_LINGER_MS = 6000
LATE_S = 0.5
"""So late a busy machine offers the last events of a burst. The consumer must not read before."""


@dataclass(frozen=True)
class Burst:
    """What a search found.

    Attributes:
        events: the longest burst of which nothing was lost; None if no trial was valid.
        trials: how many valid trials were made.
        reason: why there is no figure; "" if there is one.
    """

    events: int | None
    trials: int
    reason: str = ""


def longest_burst(loses: Callable[[int], bool | None], guess: int, step: int) -> Burst:
    """Search the longest burst without loss, to within ``step`` events.

    ``loses`` says whether a burst of so many events loses any, or None if that cannot be measured. ``guess`` is where
    the search begins: the measured capacity.
    """
    step = max(1, step)
    good, bad, events, grow = 0, None, max(1, guess), step
    trials = 0
    while trials < MOST_TRIALS:
        lost = loses(events)
        if lost is None:
            return Burst(good or None, trials, "the trials were invalid")
        trials += 1
        good, bad = (good, events) if lost else (events, bad)
        if bad is not None and bad - good <= step:
            return Burst(good, trials)
        if bad is None:
            events, grow = good + grow, 2 * grow
        elif good:
            events = (good + bad) // 2
        else:
            events, grow = max(1, bad - grow), 2 * grow
            if bad == 1:
                return Burst(0, trials)
    return Burst(good, trials, f"the search was not narrower after {trials} trials")


def quick_capacity(document: Document, handler: str, rate: float) -> ConnectionCapacity:
    """The capacity of the handler's connection that holds least, filled at ``rate``, the pace of the bursts.

    Raises what :func:`bench_app.capacity.measure.measure` raises.
    """
    is_shared = not pattern_of(document.preset.output.handlers[handler].config.socket_type).each_gets_all
    connections = max(1, len(listeners_of(document.preset, handler))) if is_shared else 1
    paced = with_settings(document, rate_settings(document, rate * connections))
    found = [one for _ in range(TIMES) for one in measure(paced, handler).connections]
    return min(found, key=lambda one: float("inf") if one.messages is None else one.messages)


def measure_burst(
    document: Document, trials: Trials, handler: str, rate: float, guess: int, step: int, listener: str = ""
) -> Burst:
    """Search the longest burst of a handler while a listener of it reads nothing: the named one, or the first.

    A burst that loses on a busy machine is tried again: there, libzmq's own threads may be late to empty the pipe.
    """

    def loses(events: int) -> bool | None:
        for _ in range(TIMES):
            if lost := lost_once(events):
                return True
            if lost is None:
                return None
        return False

    def lost_once(events: int) -> int | None:
        lost = 0
        for _ in range(MOST_TRIES):
            result = run_valid(trials, burst_values(document, handler, events, rate, listener))
            if isinstance(result, str):
                return None
            lost = lost_in(result, handler)
            trials.note(f"burst of {events:,}: {f'{lost:,} lost' if lost else 'nothing lost'}")
            if not (lost and was_busy(result)):
                break
        return lost

    return longest_burst(loses, guess, step)


def lost_in(result: RunResult, handler: str) -> int:
    """How many events of a handler were lost in a run."""
    return sum(causes_of(result.handlers[handler]).values())


def burst_values(document: Document, handler: str, events: int, rate: float, listener: str = "") -> Values:
    """The values of a run with one burst, in which the only listener reads nothing until the burst is over."""
    duration_s = events / rate + LATE_S + READING_AGAIN_S
    sink = document.preset.output.handlers[handler].sink
    load = {"shape": "burst", "rate": rate, "events": events, "every_s": 3600.0}
    return [
        *alone(document, handler),
        (
            ("bench", "listeners", handler),
            [still_listener(document, handler, [AT_ONCE_S, duration_s - READING_AGAIN_S], listener)],
        ),
        (("bench", "sources", sink, "load"), load),
        *trial_values(document, duration_s, reads_latency=False),
        linger_value(handler),
        # The handler's queue is not part of the figure: what the socket does not take at once is lost.
        (("output", "handlers", handler, "config", "send_timeout"), 0),
    ]


def linger_value(handler: str) -> tuple[JsonPath, Any]:
    """The linger of a run in which thousands of messages wait at its end: a busy machine takes longer to read them."""
    return ("output", "handlers", handler, "config", "linger"), LONG_LINGER_MS


def alone(document: Document, handler: str) -> Values:
    """The values that switch all other handlers off."""
    others = [name for name, spec in document.preset.output.handlers.items() if name != handler and spec.enabled]
    return [(("output", "handlers", name, "enabled"), False) for name in others]


def still_listener(document: Document, handler: str, stall: list[float], listener: str = "") -> dict[str, Any]:
    """The named listener of a handler, or the first, as JSON: with a stall, and no time of its own for a message."""
    given = document.preset.bench.listeners.get(handler, ())
    names = [one.name for one in listeners_of(document.preset, handler)]
    number = names.index(listener) if listener in names else 0
    spec: dict[str, Any] = msgspec.to_builtins(given[number]) if given else {}
    return {**spec, "stall": stall, "delay_ms": 0.0, "delay_jitter_ms": 0.0}
