"""Loss and order by a number inside the event: event -> **number** -> gaps, duplicates, reordering, restarts.

Each topic has a sequence of its own. Only an integer counts as a number: no text is read as one, and none is guessed.
"""

from __future__ import annotations

from typing import Any

from bench_app.cli.event_time import format_messages, format_value
from bench_app.measure.number_stream import NumberStream
from bench_app.model.json_path import format_path, lookup, parse_path
from bench_app.untrusted.visible_text import visible

MOST_TOPICS = 1_000
"""The most topics that are followed, because a sender can make up any number of topics."""
LISTED_TOPICS = 10
"""With more topics than this, the summary has only the line of all topics together."""
SHOWN_CHARACTERS = 60
LOWEST, HIGHEST = -(2**63), 2**64 - 1
"""The range of integers of 64 bits, with or without a sign. No other number is followed."""
_MISSING = object()


class EventSequences:
    """The sequences of all topics, by a number in each event.

    ``path`` is the JSON path of the number (``header.seq``); raises :class:`InputError` if it is no path. Every event
    is in exactly one of the counts ``missing``, ``unreadable``, ``not_followed`` and ``received`` of its topic.

    Attributes:
        topics: the sequence of each topic that is followed.
        missing: how many events do not have the field.
        unreadable: how many events have a value in the field that is no integer of 64 bits.
        not_followed: how many events have a number, and a topic beyond the first 1,000.
    """

    def __init__(self, path: str) -> None:
        self._parts = parse_path(path)
        self.topics: dict[str, NumberStream] = {}
        self.missing = 0
        self.unreadable = 0
        self.not_followed = 0
        self._first_unreadable = ""

    def add(self, topic: str, event: Any) -> list[str]:
        """Count an event; returns notices of a gap or a restart that it shows, one line each."""
        value = lookup(event, self._parts, _MISSING)
        if value is _MISSING:
            self.missing += 1
            return []
        if isinstance(value, bool) or not isinstance(value, int) or not LOWEST <= value <= HIGHEST:
            self._first_unreadable = self._first_unreadable or format_value(value)
            self.unreadable += 1
            return []
        stream = self._stream(topic)
        if stream is None:
            self.not_followed += 1
            return []
        suffix = f" (topic {_format_topic(topic)})" if topic else ""
        return [notice + suffix for notice in stream.add(value)]

    def lines(self) -> list[str]:
        """The summary, one fact a line."""
        field = f"field {visible(format_path(self._parts))}"
        for stream in self.topics.values():
            stream.settle()
        lines = []
        if self.topics:
            lines.append(f"{field}: {_format_counts(list(self.topics.values()))}")
        if 1 < len(self.topics) <= LISTED_TOPICS:
            lines += [
                f"{field}, topic {_format_topic(topic)}: {_format_counts([stream])}"
                for topic, stream in self.topics.items()
            ]
        if self.not_followed:
            lines.append(
                f"{field} is not followed in {format_messages(self.not_followed)}: their topics came after the first "
                f"{MOST_TOPICS:,}"
            )
        if self.missing:
            lines.append(f"{format_messages(self.missing)} without {field}")
        if self.unreadable:
            lines.append(
                f"{field} is no integer of 64 bits in {format_messages(self.unreadable)} (the first: "
                f"{visible(self._first_unreadable)})"
            )
        return lines

    def _stream(self, topic: str) -> NumberStream | None:
        stream = self.topics.get(topic)
        if stream is None and len(self.topics) < MOST_TOPICS:
            stream = self.topics[topic] = NumberStream()
        return stream


def _format_topic(topic: str) -> str:
    return visible(topic if len(topic) <= SHOWN_CHARACTERS else f"{topic[:SHOWN_CHARACTERS]}…")


def _format_counts(streams: list[NumberStream]) -> str:
    """``1,996 numbers, 3 missing in 1 gap, 0 duplicates, 2 reordered, 0 restarts``."""
    reordered = f"{sum(stream.reordered for stream in streams):,} reordered"
    before_first = sum(stream.before_first for stream in streams)
    if before_first:
        reordered += f" ({before_first:,} before the first)"
    missing = f"{sum(stream.missing for stream in streams):,} missing"
    gaps = sum(stream.gaps for stream in streams)
    if gaps:
        missing += f" in {_plural(gaps, 'gap', 'gaps')}"
    parts = [
        _plural(sum(stream.received for stream in streams), "number", "numbers"),
        missing,
        _plural(sum(stream.duplicates for stream in streams), "duplicate", "duplicates"),
        reordered,
        _plural(sum(stream.restarts for stream in streams), "restart", "restarts"),
    ]
    undecided = sum(stream.undecided for stream in streams)
    if undecided:
        parts.append(f"{undecided:,} too old to know whether duplicate or reordered")
    return ", ".join(parts)


def _plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
