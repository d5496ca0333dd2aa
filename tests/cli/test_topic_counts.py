"""Topics are counted by name, within a bounded memory, and no message is left out of the lines."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bench_app.cli.topic_counts import LISTED_TOPICS, MOST_CHARACTERS, MOST_TOPICS, TopicCounts


def counted(*topics: str) -> TopicCounts:
    counts = TopicCounts()
    for topic in topics:
        counts.add(topic)
    return counts


def test_without_topics_there_is_nothing_to_show() -> None:
    assert counted().lines() == counted("", "").lines() == []


def test_the_most_frequent_topics_come_first() -> None:
    assert counted("a", "b", "b", "").lines() == ["topic b: 2", "topic a: 1", "topic : 1"]


def test_topics_that_are_not_listed_are_summed() -> None:
    lines = counted("a", "a", *(f"t{number}" for number in range(20))).lines()
    assert lines[0] == "topic a: 2"
    assert lines[-1] == "other topics (11): 11"


def test_topics_beyond_the_first_are_counted_as_others() -> None:
    counts = counted(*(f"t{number}" for number in range(MOST_TOPICS + 500)), "t0", "t1400")
    assert len(counts.by_topic) == MOST_TOPICS
    assert (counts.by_topic["t0"], counts.others) == (2, 501)
    assert counts.lines()[-1] == f"other topics (more than {MOST_TOPICS - LISTED_TOPICS:,}): 1,491"


def test_a_long_topic_is_kept_by_its_beginning() -> None:
    counts = counted("x" * 1_000_000, "x" * MOST_CHARACTERS)
    assert counts.by_topic == {"x" * MOST_CHARACTERS + "…": 1, "x" * MOST_CHARACTERS: 1}


@given(st.lists(st.integers(0, 2000).map(str), min_size=1, max_size=300))
def test_the_lines_have_every_message(topics: list[str]) -> None:
    numbers = [int(re.sub(r".*: |,", "", line)) for line in counted(*topics).lines()]
    assert sum(numbers) == len(topics)
