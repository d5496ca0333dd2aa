"""The window draws the same bounds as the command finds."""

from __future__ import annotations

import msgspec
from bench_ui.lab.find_progress import FindProgress, proposed_rate, result_lines
from bench_ui.lab.journal_reader import JournalEntry
from bench_ui.lab.lanes import PointState
from bench_ui.lab.question import Question

from bench_app.engine.result import RunResult
from bench_app.lab.find import FindResult, find_values, result_of
from bench_app.lab.laboratory import _key_of
from bench_app.lab.rate_search import Goal
from tests.bench_ui.lab.entries import document
from tests.comparison.results import handler, listener, result

QUESTION = Question("find", ["--loss", "0", "--trial", "2"])


def entry(rate: float, lost: int, duration_s: float = 2.0, invalid: bool = False) -> JournalEntry:
    """A trial at a rate, as the journal has it."""
    one = handler(sub=listener(lost=lost))
    one = msgspec.structs.replace(one, offered=int(rate * duration_s), seconds=duration_s)
    run: RunResult = result("invalid", ("busy",), h=one) if invalid else result(h=one)
    key = _key_of(find_values(document(), [Goal(0.0)], rate, duration_s))
    return JournalEntry(key, msgspec.json.encode(run), 0)


def filled() -> FindProgress:
    progress = FindProgress(QUESTION)
    for rate, lost in ((1000.0, 0), (1000.0, 0), (1010.0, 300), (1010.0, 300)):
        assert progress.add(entry(rate, lost))
    return progress


def test_bounds_close_in_with_the_trials() -> None:
    progress = filled()
    (lane,) = progress.chart.lanes
    assert (lane.title, lane.low, lane.high) == ("loss 0 %", 1000.0, 1010.0)
    assert [point.state for point in lane.points] == 2 * [PointState.GOOD] + 2 * [PointState.BAD]
    assert lane.text == "1,000 to 1,010, limited by lost"
    assert 0 < progress.share <= 1


def test_short_and_invalid_trials_do_not_count() -> None:
    progress = FindProgress(QUESTION)
    assert progress.chart.lanes[0].text == "looking for the region" and progress.share == 0
    progress.add(entry(1000.0, 0, duration_s=0.5))
    progress.add(entry(1000.0, 0, invalid=True))
    assert {point.state for point in progress.chart.lanes[0].points} == {PointState.NOT_COUNTED}
    assert "invalid (busy)" in progress.texts[1]


def test_an_entry_that_is_no_trial_is_left_out() -> None:
    assert not FindProgress(QUESTION).add(JournalEntry("capacity", b"{}", 0))


def test_goals_are_those_of_the_command() -> None:
    assert [goal.loss for goal in FindProgress(Question("find")).search.goals] == [0.0, 0.005]
    goals = FindProgress(Question("find", ["--goal", "rate > 5"])).search.goals
    assert [(goal.loss, goal.check) for goal in goals] == [(None, "rate > 5")]


def test_the_result_is_said_in_words() -> None:
    found: FindResult = result_of("p", filled().search, "done", 8.0)
    assert result_lines(found) == ["loss 0 %: it carries 1,000 events/s; 1,010 is too much (lost)."]
    assert proposed_rate(found) == 1000.0
    nothing = result_of("p", FindProgress(QUESTION).search, "time", 8.0)
    assert result_lines(nothing)[0].startswith("loss 0 %: no result.") and proposed_rate(nothing) is None
