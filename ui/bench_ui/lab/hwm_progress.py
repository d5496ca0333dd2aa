"""What a recommendation of high-water marks knows so far: entries of the journal -> **HWM progress** -> lanes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.capacity.figures import CapacityResult, format_seconds
from bench_app.lab.burst import lost_in
from bench_app.lab.hwm import HwmResult
from bench_app.untrusted.json_reader import JsonReader
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.lanes import Lane, LaneChart, LanePoint, PointState
from bench_ui.lab.question import Question
from bench_ui.lab.trial_key import load_of, trial_values
from bench_ui.widgets import number_format

CAPACITY = "capacity"
USUAL_RUNS = 20
_USUAL_BURSTS = 8
_MARK = ".config.high_water_mark"
_CAPACITIES: JsonReader[CapacityResult] = JsonReader(CapacityResult)


@dataclass(frozen=True)
class _Run:
    """A trial: how many events were lost, or that it does not count."""

    lost: int
    is_valid: bool
    size: int
    """The events of the burst, or the mark of a run of the proof."""


class HwmProgress:
    """The capacity, the bursts and the runs of the proof so far.

    Attributes:
        capacity: the measured capacity; None before it, and without a limit.
        runs: how many runs the proof has on each side.
        places: where the entry of each trial is in the journal.
        texts: a line about each trial.
    """

    def __init__(self, question: Question) -> None:
        self.runs = int(question.number("--proof", USUAL_RUNS))
        self.capacity: int | None = None
        self.has_capacity = False
        self.places: list[int] = []
        self.texts: list[str] = []
        self._bursts: list[_Run] = []
        self._proof: list[_Run] = []

    def add(self, entry: JournalEntry) -> bool:
        """Add a measurement. Returns False if it is no run. Raises BadJsonError."""
        if entry.key == CAPACITY:
            found = [one.messages for one in _CAPACITIES.read(entry.value).connections]
            self.capacity = min((messages for messages in found if messages is not None), default=None)
            self.has_capacity = True
            return False
        values, result = trial_values(entry.key), entry.run
        lost = sum(lost_in(result, name) for name in result.handlers)
        is_valid = result.verdict != "invalid"
        load = load_of(values)
        if load.get("shape") == "burst" and not any(".uri" in path for path in values):
            run = _Run(lost, is_valid, int(load.get("events", 0)))
            self._bursts.append(run)
            self.texts.append(f"burst of {run.size:,}: {_outcome(run)}")
        else:
            mark = next((int(value) for path, value in values.items() if path.endswith(_MARK)), 0)
            run = _Run(lost, is_valid, mark)
            self._proof.append(run)
            self.texts.append(f"high-water mark {mark:,}: {_outcome(run)}")
        self.places.append(entry.place)
        return True

    @property
    def share(self) -> float:
        """How much is done, about: the proof is most of it."""
        planned = 1 + _USUAL_BURSTS + 2 * self.runs
        before = min(_USUAL_BURSTS, len(self._bursts)) if not self._proof else _USUAL_BURSTS
        return min(0.99, (self.has_capacity + before + len(self._proof)) / planned)

    @property
    def runs_left(self) -> int:
        """How many runs are left, about."""
        bursts = 0 if self._proof else max(1, _USUAL_BURSTS - len(self._bursts))
        return bursts + max(0, 2 * self.runs - len(self._proof))

    @property
    def burst_chart(self) -> LaneChart:
        """The search for the longest burst."""
        good = [run.size for run in self._bursts if run.is_valid and not run.lost]
        bad = [run.size for run in self._bursts if run.is_valid and run.lost]
        low, high = max(good, default=None), min(bad, default=None)
        text = f"{_shown(low)} to {_shown(high)}" if self._bursts else "…"
        if self.has_capacity:
            capacity = "no limit" if self.capacity is None else f"{self.capacity:,} messages"
            text = f"capacity {capacity}; longest burst {text}"
        points = [
            LanePoint(float(run.size), _state(run), line) for run, line in zip(self._bursts, self.texts, strict=False)
        ]
        return LaneChart(
            [Lane("As it is now", points, low, high, text)], "events that come while the consumer stands still"
        )

    @property
    def proof_chart(self) -> LaneChart:
        """The runs with the recommended mark, and those with half of it."""
        marks = sorted({run.size for run in self._proof}, reverse=True)[:2]
        lanes = []
        for place, name in enumerate(("The recommended mark", "Half of it")):
            runs = [run for run in self._proof if place < len(marks) and run.size == marks[place]]
            points = [LanePoint(number + 1.0, _state(run), _outcome(run)) for number, run in enumerate(runs)]
            lost = sum(run.is_valid and run.lost > 0 for run in runs)
            title = f"{name}, {marks[place]:,}" if place < len(marks) else name
            lanes.append(Lane(title, points, text=f"{lost:,} of {len(runs):,} runs lost something" if runs else ""))
        longest = max((len(lane.points) for lane in lanes), default=0)
        return LaneChart(lanes, "run of the proof", is_log=False, first=0.0, last=float(max(self.runs, longest)) + 1)


def result_lines(result: HwmResult) -> list[str]:
    """The recommendation with reason, price and proof."""
    lines = [result.reason]
    if result.recommended:
        memory, oldest = number_format.size(result.memory_bytes), format_seconds(result.oldest_s)
        lines.append(f"It costs {memory} when all is full, and then the oldest message is {oldest} old.")
    if (proof := result.proof) is not None:
        half = f"with half of the marks, {proof.half.lost:,} of {proof.half.runs:,}"
        lines.append(f"Proof: {proof.lost:,} of {proof.runs:,} runs lost something; {half}.")
    return [*lines, *(f"Note: {note}" for note in result.notes)]


def _outcome(run: _Run) -> str:
    if not run.is_valid:
        return "invalid, does not count"
    return f"{run.lost:,} lost" if run.lost else "nothing lost"


def _state(run: _Run) -> PointState:
    if not run.is_valid:
        return PointState.NOT_COUNTED
    return PointState.BAD if run.lost else PointState.GOOD


def _shown(bound: int | None) -> str:
    return "?" if bound is None else f"{bound:,}"
