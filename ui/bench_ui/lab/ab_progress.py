"""What the pairs of A and B show so far: entries of the journal -> **A/B progress** -> table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bench_app.comparison.comparison import Comparison, MetricComparison
from bench_app.comparison.metric_values import MAIN_METRICS, format_figure, is_worse
from bench_app.engine.result import RunResult
from bench_app.errors import InputError
from bench_app.model.json_path import parse_assignment
from bench_app.sweeps.ab import SEED, compare_trials, plan_pairs
from bench_app.sweeps.axes import Setting
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.question import Question
from bench_ui.lab.sweep_grid import AGAIN
from bench_ui.widgets.number_format import NOTHING

USUAL_PAIRS = 10
SHOWN, NOT_SHOWN = "shown", "~"


class AbProgress:
    """The runs of both sides so far.

    Attributes:
        pairs: how many pairs there will be.
        results: the runs in the order of the plan, without those that are not made yet.
        places: where the entry of each run is in the journal.
    """

    def __init__(self, question: Question) -> None:
        self.pairs = int(question.number("--pairs", USUAL_PAIRS))
        seed = int(question.number("--seed", SEED))
        self._trials, self._a_first = plan_pairs(Setting(), Setting(), self.pairs, seed)
        self.results: list[RunResult] = []
        self.places: list[int] = []
        self._tried_again = 0

    def add(self, entry: JournalEntry) -> bool:
        """Add a run. Returns False for an entry that is none. Raises BadJsonError."""
        side = entry.key.removeprefix(AGAIN)
        if side not in ("a", "b"):
            return False
        result = entry.run
        if entry.key.startswith(AGAIN):
            # The command tries the invalid runs again in their order.
            invalid = [
                at for at, one in enumerate(self.results) if at >= self._tried_again and one.verdict == "invalid"
            ]
            if not invalid:
                return False
            self._tried_again = invalid[0] + 1
            self.results[invalid[0]], self.places[invalid[0]] = result, entry.place
        else:
            self.results.append(result)
            self.places.append(entry.place)
        return True

    @property
    def planned(self) -> int:
        """How many runs there are to make."""
        return 2 * self.pairs

    def side_of(self, number: int) -> str:
        """The side of a run, A or B."""
        return self._trials[number].label

    @property
    def comparison(self) -> Comparison | None:
        """The main metrics of the pairs that are complete; None before the first one."""
        complete = len(self.results) // 2
        if not complete:
            return None
        try:
            return compare_trials(self.results[: 2 * complete], self._a_first[:complete], MAIN_METRICS)[0]
        except InputError:
            return None


def settings_of(question: Question, option: str) -> list[tuple[str, object]]:
    """The values of a side by their paths."""
    return [parse_assignment(text) for text in question.values(option)]


def comparison_rows(comparison: Comparison) -> list[Sequence[str]]:
    """A row for each metric, those that are shown first."""
    metrics = sorted(comparison.metrics.items(), key=lambda item: not item[1].shown)
    return [_row(name, metric) for name, metric in metrics]


def _row(name: str, metric: MetricComparison) -> Sequence[str]:
    percent = f" ({metric.percent} %)" if metric.percent else ""
    shift = f"{format_figure(name, metric.shift, signed=True)}{percent}" if metric.shown else NOT_SHOWN
    interval = NOTHING
    if metric.low is not None and metric.high is not None:
        ends = [format_figure(name, end, signed=True) for end in (metric.low, metric.high)]
        interval = f"{ends[0]} to {ends[1]}"
    meaning = ["worse" if is_worse(name, metric.shift) else "better"] if metric.shown and metric.shift else []
    meaning += ["spread changed"] if metric.spread_changed else []
    return name, format_figure(name, metric.a), format_figure(name, metric.b), shift, interval, ", ".join(meaning)


def summary(comparison: Comparison) -> str:
    """What a comparison shows, as a sentence."""
    runs = (
        f"{comparison.pairs:,} pairs" if comparison.paired else f"{comparison.runs_a:,} and {comparison.runs_b:,} runs"
    )
    shown = comparison.shown
    if not shown:
        return f"{runs}: nothing is shown to differ (~)."
    worse = sum(is_worse(name, metric.shift) for name, metric in shown.items())
    return (
        f"{runs}: {len(shown):,} of {len(comparison.metrics):,} metrics differ, {worse:,} of them for the worse in B."
    )
