"""What a search for the highest rate knows so far: entries of the journal -> **find progress** -> lanes. Pure."""

from __future__ import annotations

from bench_app.capacity.figures import format_rate
from bench_app.lab.find import FindResult, FoundRate, format_reading
from bench_app.lab.rate_search import Bounds, Goal, RateSearch, SearchPlan
from bench_app.lab.reading import Reading, read_trial
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.lanes import Lane, LaneChart, LanePoint, PointState
from bench_ui.lab.question import Question
from bench_ui.lab.trial_key import duration_of, load_of, trial_values

LOSSES = (0.0, 0.005)
"""The goals of a question without one."""
USUAL_TRIAL_S = 2.0
AXIS = "events per second of each sink"


class FindProgress:
    """The trials so far and what follows from them.

    Attributes:
        search: the search, which gets the same trials as that of the command.
        texts: a line about each trial.
        places: where the entry of each trial is in the journal.
    """

    def __init__(self, question: Question) -> None:
        self.trial_s = question.number("--trial", USUAL_TRIAL_S)
        losses = [float(text) for text in question.values("--loss")]
        checks = question.values("--goal")
        goals = [Goal(loss) for loss in losses or ([] if checks else LOSSES)] + [Goal(check=text) for text in checks]
        self.search = RateSearch(goals, SearchPlan(short_s=min(0.5, self.trial_s / 2), final_s=self.trial_s))
        self.texts: list[str] = []
        self.places: list[int] = []

    def add(self, entry: JournalEntry) -> bool:
        """Add a trial. Returns False for an entry that is none. Raises BadJsonError."""
        values = trial_values(entry.key)
        rate, duration_s = load_of(values).get("rate"), duration_of(values)
        if not rate or not duration_s:
            return False
        self.search.add(read_trial(entry.run, float(rate), duration_s))
        self.texts.append(format_reading(self.search.readings[-1]))
        self.places.append(entry.place)
        return True

    @property
    def share(self) -> float:
        """How much of the search is done, about."""
        made = len(self.search.readings)
        return made / max(1, made + self.search.trials_left()) if made else 0.0

    @property
    def chart(self) -> LaneChart:
        """A lane for each goal."""
        return LaneChart([self._lane(bounds) for bounds in self.search.bounds()], AXIS)

    def _lane(self, bounds: Bounds) -> Lane:
        points = [
            LanePoint(reading.rate, self._state(bounds.goal, reading), text)
            for reading, text in zip(self.search.readings, self.texts, strict=True)
        ]
        return Lane(bounds.goal.label, points, bounds.lower, bounds.upper, _format_bounds(bounds))

    def _state(self, goal: Goal, reading: Reading) -> PointState:
        if not reading.counts or reading.duration_s < self.trial_s:
            return PointState.NOT_COUNTED
        return PointState.GOOD if self.search.is_good(goal, reading) else PointState.BAD


def _format_bounds(bounds: Bounds) -> str:
    if bounds.lower is None and bounds.upper is None:
        return "looking for the region"
    low = "?" if bounds.lower is None else format_rate(bounds.lower)
    high = "?" if bounds.upper is None else format_rate(bounds.upper)
    limit = f", limited by {bounds.limited_by}" if bounds.limited_by else ""
    return f"{low} to {high}{limit}"


def result_lines(result: FindResult) -> list[str]:
    """The result in words, a line for each goal."""
    return [_result_line(goal) for goal in result.goals]


def _result_line(goal: FoundRate) -> str:
    reason = f" {goal.reason[0].upper()}{goal.reason[1:]}." if goal.reason else ""
    if goal.rate is None:
        bounds = [f"at least {format_rate(goal.lower)}" if goal.lower is not None else ""]
        return f"{goal.label}: no result {', '.join(filter(None, bounds))}".rstrip() + f".{reason}"
    upper = f"; {format_rate(goal.upper)} is too much" if goal.upper is not None else ""
    limit = f" ({goal.limited_by})" if goal.limited_by else ""
    return f"{goal.label}: it carries {format_rate(goal.rate)} events/s{upper}{limit}.{reason}"


def proposed_rate(result: FindResult) -> float | None:
    """The rate to apply: that of the first goal that has one."""
    return next((goal.rate for goal in result.goals if goal.rate is not None), None)
