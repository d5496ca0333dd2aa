"""Searches the highest rates that fulfil goals: readings so far -> **next trial** -> bounds of each goal. Pure.

This is the search of RFC 9971 (MLRsearch): several goals at once, trials of a *final duration* that must be good at
the lower bound and bad at the upper bound, and an *exceed ratio*: half of the time at a load may be bad before the load
counts as an upper bound, so that one disturbance does not decide. The *relevant upper bound* is the lowest load that
counts as one; the *relevant lower bound* is the highest good load below it. All goals share their trials. First, short
trials look for the region: the rate grows eightfold until the connection does not carry it, and what it then forwards
is the hint (the *relative forwarding rate*).

The search is our own, and not that of the package ``MLRsearch`` of the RFC's authors, because of four limits of version
1.2.1. One loss ratio decides for all its goals, so a goal such as ``latency.response.p99_ms < 5`` would need a search
of its own, without shared trials. It begins at a highest load that must be known before, and that would flood a
consumer. A trial without a valid result has no place in it. And when the time is over, it raises and gives no bounds.
The tests compare both on the same simulated connection.

The trial that comes next follows from the readings alone. So a search that was interrupted goes on where it was, when
it gets its readings again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench_app.lab.reading import Reading

BENCH = "bench"
BACKLOG = "backlog"
LOWEST_RATE = 0.1
HIGHEST_RATE = 50_000_000.0
RAMP = 8.0
LEAST_OF_HINT = 64
MOST_MISSED = 6
"""A goal that is missed at so many rates, of which the lowest is a small part of the first, is fulfilled by none."""
CLOSE = 1.5
GROWTH = 3.0
"""How much longer each step to the missing bound is than the one before."""
HALF_OF_HINT = 0.7
"""A good trial below this part of the hint shows the backlog of a connection that keeps up."""
EXCEED_RATIO = 0.5
DURATION_SUM = 2
"""The trials at one load, in final durations, over which the exceed ratio is taken."""
TOLERANCE_S = 0.01
"""The part of a backlog that is no sign of overload: messages on their way, and a task that ran a little later."""
TOLERATED_EVENTS = 2
SHORT_WAY_S = 0.02
ORDINARY_STALL_S = 0.005
MOST_DISTURBED = 2
"""So many trials at one load are left out because the bench's own stall, or a busy machine, can explain what they
missed. Any further ones count: a machine that is always busy must not keep the search from its end."""
DISTURBED = 0.05
"""A stall of this part of a short trial makes its hint doubtful."""
MOST_HINTS = 3
"""So many short trials at one rate give the hint at most."""
MOST_FAILURES = 5
"""After so many invalid trials at one load a goal is left with the bounds that it has."""


@dataclass(frozen=True)
class Goal:
    """What must hold at a rate: at most this part of the events is lost or late, or a check holds.

    Attributes:
        loss: the highest loss, 0 to 1; None for a goal with a check.
        check: the check as text; "" for a goal of loss.
        missed: for a goal with a check: the part of the events that may be lost or late. Without this limit, a PUB that
            drops half of its messages could have the best latency.
    """

    loss: float | None = None
    check: str = ""
    missed: float = 0.005

    @property
    def most_missed(self) -> float:
        """The part of the events that may be lost or late."""
        return self.missed if self.loss is None else self.loss

    @property
    def label(self) -> str:
        """The goal as text."""
        return self.check if self.loss is None else f"loss {100 * self.loss:g} %"


@dataclass(frozen=True)
class Trial:
    """What to try next."""

    rate: float
    duration_s: float


@dataclass(frozen=True)
class SearchPlan:
    """Lengths and widths of a search.

    Attributes:
        start_rate: the rate of the first trial.
        short_s: the length of the trials that look for the region.
        final_s: the length of the trials that count for bounds.
        width: the upper bound may exceed the lower bound by this part of it.
    """

    start_rate: float = 1000.0
    short_s: float = 0.5
    final_s: float = 2.0
    width: float = 0.01


@dataclass(frozen=True)
class Bounds:
    """What is known of a goal so far. A bound is None as long as there is none.

    Attributes:
        goal: the goal.
        lower: the highest rate that fulfils it, below the upper bound.
        upper: the lowest rate that does not fulfil it.
        limited_by: what the upper bound met: a cause of loss, *backlog*, *latency*, another metric, *bench*, or "".
        forwarded: what arrived in time at the lower bound, per second.
        given_up: whether too many trials were invalid to go on.
        waited: for which part of their time the bench waited for a processor in the trials that decided the upper
            bound, if the machine was busy in each of them; 0 if not.
    """

    goal: Goal
    lower: float | None
    upper: float | None
    limited_by: str
    forwarded: float | None
    given_up: bool = False
    waited: float = 0.0


@dataclass
class _Load:
    """The trials of the final duration at one rate: how many were good, bad, and limited by the bench."""

    good: int = 0
    bad: int = 0
    bench: int = 0
    causes: dict[str, int] = field(default_factory=dict)
    forwarded: list[float] = field(default_factory=list)

    @property
    def is_lower(self) -> bool:
        """Half of the time was good, whatever the trials that are still missing would say."""
        whole = max(self.good + self.unfit, DURATION_SUM)
        return whole - self.good <= whole * EXCEED_RATIO and self.unfit <= whole * EXCEED_RATIO

    @property
    def is_upper(self) -> bool:
        """More than half of the time was bad, whatever the trials that are still missing would say."""
        return self.unfit > max(self.good + self.unfit, DURATION_SUM) * EXCEED_RATIO

    @property
    def unfit(self) -> int:
        return self.bad + self.bench

    @property
    def cause(self) -> str:
        """What most of the bad trials met; the bench only if it was the limit of more than half of them."""
        ordered = sorted(self.causes, key=lambda key: key == BENCH)
        return max(ordered, key=lambda key: self.causes[key], default="")


class RateSearch:
    """A search for several goals.

    Attributes:
        goals: the goals, in the order in which the result has them.
        readings: all trials so far, the invalid ones included.
    """

    def __init__(self, goals: Sequence[Goal], plan: SearchPlan | None = None) -> None:
        self.goals = tuple(goals)
        self.readings: list[Reading] = []
        self._plan = plan or SearchPlan()

    def add(self, reading: Reading) -> None:
        """A trial is over."""
        self.readings.append(reading)

    def next_trial(self) -> Trial | None:
        """What to try next; None if all goals have their bounds."""
        if (again := self._tried_again()) is not None:
            return again
        hint, order = self._region()
        if order is not None:
            return Trial(_round(order), self._plan.short_s)
        found = [(bounds, self._candidate(bounds, hint)) for bounds in self.bounds()]
        open_ones = [(bounds, rate) for bounds, rate in found if rate is not None]
        if not open_ones:
            return None
        _, rate = max(open_ones, key=lambda one: _openness(one[0]))
        return Trial(rate, self._plan.final_s)

    def bounds(self) -> list[Bounds]:
        """What is known of each goal."""
        return [self._bounds(goal) for goal in self.goals]

    def trials_left(self) -> int:
        """An estimate of the number of trials that are still needed."""
        hint, order = self._region()
        if order is not None:
            return 4 + 4 * len(self.goals)
        left = 0.0
        for bounds in self.bounds():
            if self._candidate(bounds, hint) is None:
                continue
            if bounds.lower is None or bounds.upper is None:
                left += 4
            else:
                halvings = math.log2(math.log(bounds.upper / bounds.lower) / math.log(1 + self._plan.width))
                left += max(1.0, 1.5 * halvings)
        return math.ceil(left)

    def is_good(self, goal: Goal, reading: Reading) -> bool:
        """Whether a valid trial fulfilled a goal."""
        is_held = goal.loss is not None or reading.checks.get(goal.check, False)
        return is_held and self._missed(reading) <= goal.most_missed + 1e-12

    def _missed(self, reading: Reading, tolerated: bool = True) -> float:
        """The part of a trial's events that was lost, or had not arrived in time.

        The backlog of a connection that keeps up is taken off: its messages were on their way.
        """
        tolerance_s = max(TOLERANCE_S, TOLERATED_EVENTS / reading.rate) if tolerated else 0.0
        late_s = max(0.0, reading.backlog_s - self._usual_backlog_s() - tolerance_s)
        return min(1.0, reading.loss + late_s / reading.duration_s)

    def _usual_backlog_s(self) -> float:
        """The backlog of a connection that keeps up: what is on its way.

        More than SHORT_WAY_S is believed only if a rate that is about twice as high has the same backlog. That of an
        overloaded connection would grow with the rate.
        """
        counted = [one for one in self.readings if one.counts]
        if not counted:
            return 0.0
        slowest = min(counted, key=lambda one: one.rate)
        least_s = min(one.backlog_s for one in counted)
        if least_s <= SHORT_WAY_S or any(_have_same_way(slowest, one) for one in counted):
            return least_s
        return SHORT_WAY_S

    def _tried_again(self) -> Trial | None:
        """The last trial once more, if it was invalid or disturbed and has not been tried too often."""
        if not self.readings:
            return None
        last = self.readings[-1]
        if last.counts:
            return Trial(last.rate, last.duration_s) if self._is_left_out(len(self.readings) - 1) else None
        if last.bench_limit:
            same = [one for one in self.readings if (one.rate, one.duration_s) == (last.rate, last.duration_s)]
            is_first = last.duration_s < self._plan.final_s and len(same) == 1
            return Trial(last.rate, last.duration_s) if is_first else None
        if self._failures(last.rate, last.duration_s) >= MOST_FAILURES:
            return None
        return Trial(last.rate, last.duration_s)

    def _failures(self, rate: float, duration_s: float) -> int:
        """How many trials at this load were invalid, while none was valid."""
        same = [one for one in self.readings if one.rate == rate and one.duration_s == duration_s]
        if any(one.counts or one.bench_limit for one in same):
            return 0
        return len(same)

    def _region(self) -> tuple[float, float | None]:
        """About which rate the connection carries; and the rate of the next short trial, if another one is needed.

        A trial that a higher good trial contradicts does not count here. So a wrong guess is given up, and the rate
        grows eightfold again.
        """
        usable = [
            one
            for number, one in enumerate(self.readings)
            if (one.counts or one.bench_limit) and not self._is_left_out(number)
        ]
        if not usable:
            return self._region_without_readings()
        good = [one.rate for one in usable if self._is_carried(one)]
        highest = max(good, default=0.0)
        bad = [one for one in usable if not self._is_carried(one) and one.rate > highest]
        if not bad:
            return highest, None if highest >= HIGHEST_RATE else min(highest * RAMP, HIGHEST_RATE)
        first = min(bad, key=lambda one: one.rate)
        if first.bench_limit:
            return self._region_below_bench(first.rate, highest)
        same = [one for one in bad if one.rate == first.rate]
        hint = max(self._hint(one) for one in same)
        if self._is_doubtful(same, hint, highest):
            return max(hint, highest), first.rate
        hint = max(hint, highest)
        if hint < LOWEST_RATE:
            lower = first.rate / RAMP
            return first.rate, lower if lower >= LOWEST_RATE else None
        if hint < self._highest_hint() / LEAST_OF_HINT:
            return hint, None
        if not any(rate <= HALF_OF_HINT * hint for rate in good) and not self._was_tried(usable, hint / 2):
            return hint, max(hint / 2, LOWEST_RATE)
        return hint, None

    def _region_below_bench(self, limit: float, highest: float) -> tuple[float, float | None]:
        """The bench cannot offer ``limit``: halve the way to the highest good rate."""
        if not highest:
            return limit, limit / RAMP if limit / RAMP >= LOWEST_RATE else None
        middle = math.sqrt(limit * highest)
        return highest, middle if limit > CLOSE * highest else None

    def _region_without_readings(self) -> tuple[float, float | None]:
        """If no short trial was valid, the search begins with longer ones at the first rate."""
        start = self._plan.start_rate
        return start, None if self.readings else start

    def _is_doubtful(self, same: Sequence[Reading], hint: float, highest: float) -> bool:
        """Whether the short trial that gave the hint should be repeated: the bench stood still, or more was carried.

        A hint that is much too low costs many trials. The machine disturbs a short trial more than a long one.
        """
        if any(one.duration_s >= self._plan.final_s for one in same) or len(same) >= MOST_HINTS:
            return False
        is_disturbed = all(one.was_busy or one.stall_s - ORDINARY_STALL_S > DISTURBED * one.duration_s for one in same)
        return is_disturbed or highest > hint * (1 + 2 * self._plan.width)

    def _was_tried(self, usable: Sequence[Reading], rate: float) -> bool:
        return any(abs(one.rate - rate) <= rate / 4 for one in usable)

    def _is_carried(self, reading: Reading) -> bool:
        if not reading.counts:
            return False
        return all(self.is_good(goal, reading) for goal in self.goals) or (
            all(goal.loss is not None for goal in self.goals) and self._missed(reading) == 0
        )

    def _hint(self, reading: Reading) -> float:
        """What the connection forwarded in a trial that it did not carry, as a rate."""
        return reading.rate * (1 - self._missed(reading, tolerated=False))

    def _highest_hint(self) -> float:
        return max((self._hint(one) for one in self.readings if one.counts), default=0.0)

    def _loads(self, goal: Goal) -> dict[float, _Load]:
        loads: dict[float, _Load] = {}
        disturbed: dict[float, int] = {}
        for reading in self.readings:
            if reading.duration_s < self._plan.final_s or not (reading.counts or reading.bench_limit):
                continue
            if self._is_disturbed(goal, reading):
                disturbed[reading.rate] = disturbed.get(reading.rate, 0) + 1
                if disturbed[reading.rate] <= MOST_DISTURBED:
                    continue
            load = loads.setdefault(reading.rate, _Load())
            if reading.bench_limit:
                load.bench += 1
                load.causes[BENCH] = load.causes.get(BENCH, 0) + 1
            elif self.is_good(goal, reading):
                load.good += 1
                load.forwarded.append(reading.rate * (1 - self._missed(reading)))
            else:
                load.bad += 1
                cause = _limit_of(goal, reading)
                load.causes[cause] = load.causes.get(cause, 0) + 1
        return loads

    def _is_left_out(self, number: int) -> bool:
        """Whether a trial of the final duration is among the first ones at its rate that were disturbed for a goal."""
        reading = self.readings[number]
        if reading.duration_s < self._plan.final_s or not reading.counts:
            return False
        same = [one for one in self.readings[: number + 1] if one.rate == reading.rate and one.counts]
        return any(
            self._is_disturbed(goal, reading) and sum(self._is_disturbed(goal, one) for one in same) <= MOST_DISTURBED
            for goal in self.goals
        )

    def _is_disturbed(self, goal: Goal, reading: Reading) -> bool:
        """Whether the goal was missed on a busy machine, or would not be without the longest stall of the bench.

        A handler that did not run sends the events of that time at once; a listener that did not run has them late.
        """
        explained = max(0.0, reading.stall_s - ORDINARY_STALL_S) / reading.duration_s
        if reading.bench_limit or self.is_good(goal, reading):
            return False
        return reading.was_busy or (explained > 0 and self._missed(reading) - explained <= goal.most_missed)

    def _bounds(self, goal: Goal) -> Bounds:
        loads = self._loads(goal)
        upper = min((rate for rate, load in loads.items() if load.is_upper), default=None)
        lower = max((rate for rate, load in loads.items() if load.is_lower and _is_below(rate, upper)), default=None)
        return Bounds(
            goal=goal,
            lower=lower,
            upper=upper,
            limited_by="" if upper is None else loads[upper].cause,
            forwarded=None if lower is None else min(loads[lower].forwarded),
            given_up=any(self._failures(*load) >= MOST_FAILURES for load in self._final_loads()),
            waited=0.0 if upper is None else self._waited_at(goal, upper),
        )

    def _waited_at(self, goal: Goal, rate: float) -> float:
        missed = [
            one
            for one in self.readings
            if (one.rate, one.duration_s >= self._plan.final_s) == (rate, True)
            and one.counts
            and not self.is_good(goal, one)
        ]
        if not missed or not all(one.was_busy for one in missed):
            return 0.0
        return min(one.waited_s / one.duration_s for one in missed)

    def _final_loads(self) -> set[tuple[float, float]]:
        final_s = self._plan.final_s
        return {(one.rate, one.duration_s) for one in self.readings if one.duration_s >= final_s}

    def _candidate(self, bounds: Bounds, hint: float) -> float | None:
        """The rate that a goal needs next; None if it needs none."""
        if bounds.given_up:
            return None
        width = self._plan.width
        lower, upper = bounds.lower, bounds.upper
        loads = self._loads(bounds.goal)
        undecided = [
            rate
            for rate, load in loads.items()
            if not load.is_lower and not load.is_upper and _is_below(rate, upper) and rate > (lower or 0.0)
        ]
        if undecided:
            return min(undecided)
        guess = hint / (1 - bounds.goal.most_missed)
        if lower is None and upper is None:
            return _round(max(guess * (1 - width / 2), LOWEST_RATE))
        if upper is None:
            assert lower is not None
            beyond = [rate for rate, load in loads.items() if load.is_lower and rate > guess]
            step = 1.5 * width * GROWTH ** max(0, len(beyond) - 1)
            rate = max(lower * (1 + min(step, GROWTH)), guess * (1 + width / 2))
            return None if lower >= HIGHEST_RATE else _round(min(HIGHEST_RATE, rate))
        if lower is None:
            missed = sum(load.is_upper for load in loads.values())
            step = 1.5 * width * GROWTH ** (missed - 1)
            rate = _round(min(upper / (1 + min(step, GROWTH)), guess * (1 - width / 2)))
            return None if rate >= upper or rate < LOWEST_RATE or missed >= MOST_MISSED else rate
        if upper <= lower * (1 + width):
            return None
        if upper > lower * (1 + 4 * width):
            for rate in (_round(guess * (1 - width / 2)), _round(guess * (1 + width / 2))):
                if lower < rate < upper:
                    return rate
        middle = _round(math.sqrt(lower * upper))
        return middle if lower < middle < upper else None


def _limit_of(goal: Goal, reading: Reading) -> str:
    """What a bad trial met."""
    if goal.loss is None and not reading.checks.get(goal.check, False):
        metric = goal.check.rpartition(":")[2].strip()
        return "latency" if metric.startswith("latency.") else metric.split()[0].rstrip("<>=!")
    return reading.main_cause if reading.loss > goal.most_missed else BACKLOG


def _have_same_way(slow: Reading, fast: Reading) -> bool:
    if fast.rate < 1.8 * slow.rate or fast.backlog_s > fast.duration_s / 2 or slow.backlog_s > slow.duration_s / 2:
        return False
    return abs(fast.backlog_s - slow.backlog_s) <= TOLERANCE_S + TOLERATED_EVENTS / slow.rate


def _is_below(rate: float, upper: float | None) -> bool:
    return upper is None or rate < upper


def _openness(bounds: Bounds) -> float:
    """How far apart the bounds of a goal are."""
    if bounds.lower is None or bounds.upper is None:
        return math.inf
    return bounds.upper / bounds.lower


def _round(rate: float) -> float:
    """A rate with four digits, so that goals share trials."""
    if rate <= 0:
        return rate
    digits = 3 - math.floor(math.log10(rate))
    return round(rate, digits)
