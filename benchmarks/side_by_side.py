"""Two programs measured in turns, because the speed of a machine changes: their figures, bars, and the table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figures:
    """What one run measured; 0 for what it did not measure.

    Attributes:
        rate: deliveries per second while events were offered.
        p50_us: one-way latency, from the send to the arrival. Of REQ the round trip; the same for ``p99_us``.
        p99_us: the same.
        lateness_p99_us: from the due time to the send.
        cpu_us: processor time per delivery.
        lag_p99_ms: how late the event loop of the window was.
    """

    rate: float
    p50_us: float = 0.0
    p99_us: float = 0.0
    lateness_p99_us: float = 0.0
    cpu_us: float = 0.0
    lag_p99_ms: float = 0.0


Figure = Callable[[Figures], float]


@dataclass(frozen=True)
class Limit:
    """What is wanted of the second program: of its figure divided by that of the first program, or of the figure."""

    kind: Literal["at least", "at most"]
    value: float
    of: Literal["ratio", "figure"] = "ratio"

    def holds(self, first: float, second: float) -> bool:
        """Whether the figures of the two programs keep the limit."""
        if not second or (self.of == "ratio" and not first):
            return False
        measured = second / first if self.of == "ratio" else second
        return measured >= self.value if self.kind == "at least" else measured <= self.value

    def __str__(self) -> str:
        return f"{self.kind} {self.value:g}" + (" itself" if self.of == "figure" else "")


@dataclass(frozen=True)
class Bar:
    """One line of the table.

    Attributes:
        title: what is compared, with the unit.
        figure: the compared figure.
        limit: what is wanted; None for a line that only informs.
    """

    title: str
    figure: Figure
    limit: Limit | None


@dataclass(frozen=True)
class Comparison:
    """Two programs that are measured in turns, and the bars that are read from the same runs."""

    first: Callable[[], Figures]
    second: Callable[[], Figures]
    bars: Sequence[Bar]


@dataclass
class Outcome:
    """A measured comparison: the figures of each turn."""

    comparison: Comparison
    first: list[Figures] = field(default_factory=list)
    second: list[Figures] = field(default_factory=list)

    def medians(self, bar: Bar) -> tuple[float, float]:
        """The medians of a bar's figure for both programs."""
        return statistics.median(map(bar.figure, self.first)), statistics.median(map(bar.figure, self.second))

    def is_met(self, bar: Bar) -> bool:
        """Whether a bar's limit holds for the medians; True without a limit."""
        return bar.limit is None or bar.limit.holds(*self.medians(bar))


def measure(comparison: Comparison, pairs: int) -> Outcome:
    """Run the two programs in turns: first, second, first, second, and so on."""
    outcome = Outcome(comparison)
    for _ in range(pairs):
        outcome.first.append(comparison.first())
        outcome.second.append(comparison.second())
    return outcome


def print_table(console: Console, title: str, columns: tuple[str, str], outcomes: Sequence[Outcome]) -> None:
    """Print every bar: medians with the lowest and highest value in parentheses, their ratio, what is wanted."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in ("bar", *columns, "ratio", "wanted", ""):
        table.add_column(name, justify="left" if name in ("bar", "wanted", "") else "right", no_wrap=True)
    for outcome in outcomes:
        for bar in outcome.comparison.bars:
            first, second = outcome.medians(bar)
            mark = "" if bar.limit is None else "met" if outcome.is_met(bar) else "MISSED"
            table.add_row(
                bar.title,
                _spread(bar, outcome.first),
                _spread(bar, outcome.second),
                f"{second / first:.2f}" if first else "-",
                str(bar.limit or "-"),
                mark,
            )
    console.print(table)


def _spread(bar: Bar, figures: Sequence[Figures]) -> str:
    values = sorted(map(bar.figure, figures))
    if not values[-1]:
        return "-"
    return f"{_number(statistics.median(values))} ({_number(values[0])} - {_number(values[-1])})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
