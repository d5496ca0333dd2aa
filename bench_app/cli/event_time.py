"""Latency from a time inside the event: event -> **time of sending** -> latency by the wall clock.

A time is a text with a zone, such as ISO 8601, an object such as ``{"sec", "nanosec"}``, or a number since 1970. The
magnitude of the number shows its unit, because only one unit gives a present-day date. Every other value counts as
unreadable: no time is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from bench_app.measure.buckets import HIGHEST_NS
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.sources.event_field import MISSING, EventField
from bench_app.sources.time_texts import ISO, read_text
from bench_app.sources.times import object_ns

__all__ = ["ISO", "EventTimeLatency", "SentAt", "format_messages", "format_value", "read_time"]

OBJECT = "an object of seconds and a fraction"
SHOWN_CHARACTERS = 40
_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
# Each unit covers the years 1973 to 5138, so a number is a date in one unit only.
_LEAST_NS = 10**17
_UNITS_NS = {"seconds": 10**9, "milliseconds": 10**6, "microseconds": 10**3, "nanoseconds": 1}


class SentAt(NamedTuple):
    """The time at which an event was sent, in ns since 1970, and the format of the time in the event."""

    at_ns: int
    format: str


def read_time(value: Any) -> SentAt | None:
    """The time in a JSON value; None if the value is no time, or if its zone is missing."""
    if isinstance(value, dict):
        at_ns = object_ns(value, _text_ns)
        return None if at_ns is None else SentAt(at_ns, "$date" if "$date" in value else OBJECT)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        return _read_text(value.strip())
    return _since_1970(value)


def _read_text(text: str) -> SentAt | None:
    if _NUMBER.fullmatch(text):
        return _since_1970(Decimal(text))
    found = read_text(text)
    return SentAt(found.at_ns, found.format) if found is not None and found.has_zone else None


def _text_ns(text: str) -> int | None:
    found = _read_text(text)
    return None if found is None else found.at_ns


def _since_1970(number: float | Decimal) -> SentAt | None:
    for unit, unit_ns in _UNITS_NS.items():
        if _LEAST_NS <= number * unit_ns < _LEAST_NS * 1000:
            return SentAt(round(number * unit_ns), f"{unit} since 1970")
    return None


class EventTimeLatency:
    """Latencies from a time in each event to its arrival; both times come from wall clocks.

    ``path`` is the name or the JSON path of the time (``metadata.sent_at``), as of a replay; raises :class:`InputError`
    if it has an empty part. Every event is in exactly one of the counts ``missing``, ``unreadable``, ``ahead``,
    ``older`` and ``latency.count``.

    Attributes:
        missing: how many events do not have the field.
        unreadable: how many events have a value in the field that is no time.
        ahead: how many events have a time after their arrival.
        older: how many events have a latency above the highest value of a histogram, one hour.
        formats: how many events have their time in each format.
        latency: the latencies of the other events, filled by :meth:`lines`.
    """

    def __init__(self, path: str) -> None:
        self._field = EventField(path)
        self.missing = 0
        self.unreadable = 0
        self.ahead = 0
        self.older = 0
        self.formats: Counter[str] = Counter()
        self.latency = Histogram()
        self._samples = SampleBuffer(Recorder())
        self._first_unreadable = ""
        self._most_ahead_ns = 0
        self._oldest_ns = 0

    def add(self, event: Any, received_ns: int) -> None:
        """Count an event that was received at ``received_ns`` (``time.time_ns``)."""
        value = self._field.find(event)
        if value is MISSING:
            self.missing += 1
            return
        sent = read_time(value)
        if sent is None:
            self._first_unreadable = self._first_unreadable or format_value(value)
            self.unreadable += 1
            return
        self.formats[sent.format] += 1
        self._add_latency(received_ns - sent.at_ns)

    def _add_latency(self, latency_ns: int) -> None:
        if latency_ns < 0:
            self.ahead += 1
            self._most_ahead_ns = max(self._most_ahead_ns, -latency_ns)
        elif latency_ns > HIGHEST_NS:
            self.older += 1
            self._oldest_ns = max(self._oldest_ns, latency_ns)
        else:
            self._samples.append(latency_ns)

    def lines(self) -> list[str]:
        """The summary, one fact a line."""
        self.latency.merge(self._samples.take())
        field = f"field {self._field.text}"
        lines = []
        if self.formats:
            formats = ", ".join(f"{name}: {count:,}" for name, count in self.formats.most_common())
            lines.append(f"{field} understood as {formats}")
        if self.latency.count:
            ms = {key: value / 1000 for key, value in self.latency.summary_us().items()}
            lines.append(
                f"{field} -> received, {format_messages(self.latency.count)}: p50 {ms['p50']:,.3f} ms, "
                f"p99 {ms['p99']:,.3f} ms, max {ms['max']:,.3f} ms "
                "(by this machine's wall clock; right only where the clocks agree)"
            )
        if self.ahead:
            lines.append(
                f"{field} lies in the future in {format_messages(self.ahead)}, by up to "
                f"{self._most_ahead_ns / 1e6:,.3f} ms: this machine's clock is behind the sender's, or the field is "
                "rounded; they are not in the percentiles"
            )
        if self.older:
            lines.append(
                f"{field} is more than an hour old in {format_messages(self.older)}, up to "
                f"{self._oldest_ns / 3.6e12:,.1f} h: they are not in the percentiles"
            )
        if self.missing:
            lines.append(f"{format_messages(self.missing)} without {field}")
        if self.unreadable:
            lines.append(
                f"{field} is no time in {format_messages(self.unreadable)} (the first: {self._first_unreadable}); "
                "it takes ISO 8601 with a zone, or s, ms, us or ns since 1970"
            )
        return lines


def format_messages(count: int) -> str:
    """How many messages, with the noun."""
    return "1 message" if count == 1 else f"{count:,} messages"


def format_value(value: Any) -> str:
    """The beginning of a JSON value, as JSON."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
