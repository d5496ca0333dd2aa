"""How many messages have each topic: message -> **topic counts** -> summary of ``listen``. Memory is bounded."""

from __future__ import annotations

from collections import Counter

from bench_app.untrusted.visible_text import visible

MOST_TOPICS = 1_000
"""The most topics with a count of their own, because a sender can make up any number of topics."""
MOST_CHARACTERS = 200
"""A longer topic is counted and shown by its first characters, because a topic can be as long as a message."""
LISTED_TOPICS = 10


class TopicCounts:
    """Counts messages by their topics.

    Attributes:
        by_topic: how many messages have each of the topics that came first.
        others: how many messages have another topic.
    """

    def __init__(self) -> None:
        self.by_topic: Counter[str] = Counter()
        self.others = 0

    def add(self, topic: str) -> None:
        """Count a message with this topic."""
        name = topic if len(topic) <= MOST_CHARACTERS else f"{topic[:MOST_CHARACTERS]}…"
        if name in self.by_topic or len(self.by_topic) < MOST_TOPICS:
            self.by_topic[name] += 1
        else:
            self.others += 1

    def lines(self) -> list[str]:
        """The most frequent topics, one a line; nothing if no message had a topic."""
        if set(self.by_topic) <= {""}:
            return []
        listed = self.by_topic.most_common(LISTED_TOPICS)
        lines = [f"topic {visible(topic)}: {count:,}" for topic, count in listed]
        if len(listed) < len(self.by_topic) or self.others:
            # How many topics there are is not known once the limit is reached.
            more = len(self.by_topic) - len(listed)
            count = sum(self.by_topic.values()) - sum(number for _, number in listed) + self.others
            lines.append(f"other topics ({'more than ' if self.others else ''}{more:,}): {count:,}")
        return lines
