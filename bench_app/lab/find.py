"""``find``: goals -> **trials at the rates that the search wants** -> the rate of each goal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from bench_app.capacity.figures import format_rate
from bench_app.lab.laboratory import StoppedError, Trials, Values, trial_values
from bench_app.lab.rate_search import BENCH, Bounds, Goal, RateSearch
from bench_app.lab.reading import Reading, not_counted, read_trial
from bench_app.lab.trial import rate_settings
from bench_app.preset.documents import Document

FORMAT = "zmq-bench-find/1"
MOST_BROKEN = 3
"""After so many trials in a row that could not run, the search ends."""


class FoundRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The rate of one goal, in events per second of each sink.

    Attributes:
        loss: the goal, if it is one of loss.
        check: the goal, if it is a check.
        rate: the highest rate that fulfilled the goal; None if there is no result.
        lower: the same, also without an upper bound.
        upper: the lowest rate that did not fulfil it; None if none was found.
        width: by which part the bounds differ.
        forwarded: what arrived in time at ``lower``, per second.
        limited_by: what the upper bound met.
        trials: how many trials counted.
        reason: why there is no result, or how sure it is; "" if there is nothing to say.
    """

    loss: float | msgspec.UnsetType = msgspec.UNSET
    check: str | msgspec.UnsetType = msgspec.UNSET
    rate: float | None = msgspec.field(default_factory=lambda: None)
    lower: float | None = msgspec.field(default_factory=lambda: None)
    upper: float | None = msgspec.field(default_factory=lambda: None)
    width: float | None = msgspec.field(default_factory=lambda: None)
    forwarded: float | None = msgspec.field(default_factory=lambda: None)
    limited_by: str = msgspec.field(default_factory=str)
    trials: int = msgspec.field(default_factory=int)
    reason: str = msgspec.field(default_factory=str)

    @property
    def label(self) -> str:
        """The goal as text."""
        if isinstance(self.check, str):
            return self.check
        assert isinstance(self.loss, float)
        return Goal(self.loss).label


class FindResult(msgspec.Struct, frozen=True, kw_only=True):
    """What ``find --json`` writes.

    Attributes:
        preset: the name of the preset.
        goals: the rate of each goal.
        trials: all trials in their order, the invalid ones included.
        ended: why the search ended: *done*, *time*, *failed* (trials could not run) or *interrupted*.
        took_s: how long it took.
    """

    format: str = FORMAT
    preset: str
    goals: list[FoundRate]
    trials: list[Reading]
    ended: str
    took_s: float

    @property
    def has_result(self) -> bool:
        """Whether every goal has a rate."""
        return all(goal.rate is not None for goal in self.goals)


def find(
    document: Document,
    trials: Trials,
    search: RateSearch,
    on_trial: Callable[[RateSearch], None] = lambda search: None,
) -> str:
    """Let a search run to its end. Returns why it ended: *done*, *time*, *failed* or *interrupted*."""
    try:
        while (trial := search.next_trial()) is not None:
            values = find_values(document, search.goals, trial.rate, trial.duration_s)
            search.add(read_trial(trials.run(values), trial.rate, trial.duration_s))
            trials.note(format_reading(search.readings[-1]))
            on_trial(search)
            if _is_broken(search.readings):
                return "failed"
    except StoppedError as stopped:
        return "interrupted" if stopped.interrupted else "time"
    return "done"


def _is_broken(readings: Sequence[Reading]) -> bool:
    """Whether the last trials could not even run. An address in use may be free again a little later."""
    last = readings[-MOST_BROKEN:]
    return len(last) == MOST_BROKEN and all(reading.broken for reading in last)


def find_values(document: Document, goals: Sequence[Goal], rate: float, duration_s: float) -> Values:
    """The values of a trial at one rate."""
    checks = tuple(goal.check for goal in goals if goal.check)
    common = trial_values(
        document, duration_s, reads_latency=any("latency." in check for check in checks), checks=checks
    )
    return [*rate_settings(document, rate), *common]


def result_of(preset: str, search: RateSearch, ended: str, took_s: float) -> FindResult:
    """The result of a search that ended."""
    counted = sum(reading.counts for reading in search.readings)
    found = [_found(bounds, search, counted, ended) for bounds in search.bounds()]
    return FindResult(preset=preset, goals=found, trials=search.readings, ended=ended, took_s=round(took_s, 1))


def _found(bounds: Bounds, search: RateSearch, counted: int, ended: str) -> FoundRate:
    goal = bounds.goal
    is_bench = bounds.limited_by == BENCH
    has_rate = bounds.lower is not None and bounds.upper is not None and not is_bench
    width = bounds.upper / bounds.lower - 1 if bounds.upper is not None and bounds.lower else None
    return FoundRate(
        loss=msgspec.UNSET if goal.loss is None else goal.loss,
        check=goal.check or msgspec.UNSET,
        rate=bounds.lower if has_rate else None,
        lower=bounds.lower,
        upper=None if is_bench else bounds.upper,
        width=None if width is None or is_bench else round(width, 5),
        forwarded=None if bounds.forwarded is None else round(bounds.forwarded, 1),
        limited_by=bounds.limited_by,
        trials=counted,
        reason=_reason(bounds, search, ended, has_rate),
    )


def _reason(bounds: Bounds, search: RateSearch, ended: str, has_rate: bool) -> str:
    if bounds.limited_by == BENCH:
        limits = [reading.bench_limit for reading in search.readings if reading.bench_limit]
        return f"the bench itself was the limit, so this is no rate of the connection: {limits[-1]}"
    why = _why_not_done(bounds, search, ended)
    if has_rate:
        assert bounds.lower is not None
        assert bounds.upper is not None
        if bounds.upper / bounds.lower >= 1.02:
            return f"the bounds are {100 * (bounds.upper / bounds.lower - 1):.0f} % apart: {why}{_busy(bounds)}"
        return f"the rate may be too low{_busy(bounds)}" if bounds.waited else ""
    if not any(reading.counts for reading in search.readings):
        return f"no trial was valid: {why}"
    if bounds.lower is None and bounds.upper is not None:
        return f"no rate fulfils the goal: it is missed even at {format_rate(bounds.upper)}/s{_busy(bounds)}"
    return f"no upper bound was found: {why}"


def _busy(bounds: Bounds) -> str:
    if not bounds.waited:
        return ""
    waited = 100 * bounds.waited
    return f"; the machine was busy: beyond the bound, the bench waited for a processor for {waited:.0f} % of the time"


def _why_not_done(bounds: Bounds, search: RateSearch, ended: str) -> str:
    if ended == "interrupted":
        return "the search was interrupted"
    if ended == "time":
        return "the time of the search was over (--max-time)"
    if ended == "failed":
        return f"the last {MOST_BROKEN} trials could not run: {search.readings[-1].broken}"
    invalid = not_counted(search.readings)
    if bounds.given_up and invalid:
        reason, _ = next(iter(invalid.items()))
        return f"{sum(invalid.values())} trials were invalid, most of them because {reason}"
    return "the search ended"


def format_reading(reading: Reading) -> str:
    """A trial as a line of progress."""
    text = f"{format_rate(reading.rate)}/s for {reading.duration_s:g} s: "
    if reading.broken:
        return f"{text}could not run ({reading.broken})"
    if reading.bench_limit:
        return f"{text}the bench was the limit ({reading.bench_limit})"
    if reading.verdict == "invalid":
        return f"{text}invalid ({reading.reasons[0] if reading.reasons else 'no reason given'})"
    text += f"{100 * reading.loss:.2g} % lost" if reading.loss else "nothing lost"
    if reading.backlog_s >= 0.0005:
        text += f", {1000 * reading.backlog_s:,.0f} ms of events late"
    failed = [check for check, passed in reading.checks.items() if not passed]
    return f"{text}; missed: {', '.join(failed)}" if failed else text
