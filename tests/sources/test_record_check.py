"""Records that are events, records that are not, and the recorded times of events."""

from __future__ import annotations

import pytest

from bench_app.errors import SourceError
from bench_app.model import MaxLoad, RecordedLoad, ReplaySource
from bench_app.sources.record import BadRecord, Record, SkipReason
from bench_app.sources.record_check import EventFacts, RecordCheck


def check(
    text: bytes, *, objects_only: bool = True, time_field: str | None = None, recorded: bool = False
) -> int | BadRecord | None:
    load = RecordedLoad() if recorded else MaxLoad()
    spec = ReplaySource(path="a.jsonl", time_field=time_field, load=load)
    found = RecordCheck(spec, objects_only).check(Record(3, text))
    return found if isinstance(found, BadRecord) else found.at_ns


@pytest.mark.parametrize("text", [b"{}", b'{"a":1}', b'{"a":{"_bench":1}}', b'{"t":5}'])
def test_an_object_is_an_event_without_a_time(text: bytes) -> None:
    assert check(text) is None


@pytest.mark.parametrize(
    ("text", "message", "reason"),
    [
        (b"nonsense", "not JSON: ", "not_json"),
        (b'{"a":1} x', "not JSON: ", "not_json"),
        (b'{"a":"\xff"}', "not UTF-8", "not_utf8"),
        (b"[1]", "not a JSON object", "not_an_object"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply", "over_limit"),
        (b'{"_bench":null}', "refused: it already has a _bench key", "bench_key"),
    ],
)
def test_a_record_that_is_not_an_event_has_a_reason(text: bytes, message: str, reason: str) -> None:
    bad = check(text)
    assert isinstance(bad, BadRecord)
    assert bad.number == 3
    assert bad.message.startswith(message)
    assert bad.reason == reason


@pytest.mark.parametrize("text", [b"[1]", b'"text"', b'{"_bench":1}'])
def test_other_json_is_an_event_if_the_stamp_travels_elsewhere(text: bytes) -> None:
    assert check(text, objects_only=False) is None


def test_an_array_has_no_recorded_time() -> None:
    assert check(b"[1]", objects_only=False, time_field="t", recorded=True) == BadRecord(
        3, "not a JSON object", SkipReason.NOT_AN_OBJECT
    )


def test_the_recorded_time_of_an_event() -> None:
    assert check(b'{"t":1.5}', time_field="t", recorded=True) == 1_500_000_000
    assert check(b'{"a":1}', time_field="t", recorded=True) == BadRecord(
        3, "no time in the field t", SkipReason.NO_TIME
    )
    assert check(b'{"a":1}', time_field="t") is None


@pytest.mark.parametrize("time_field", [None, "_bench"])
def test_a_time_field_that_cannot_be_used_is_refused(time_field: str | None) -> None:
    with pytest.raises(SourceError, match="time_field"):
        check(b"{}", time_field=time_field, recorded=True)


def test_the_value_that_is_no_time_is_named() -> None:
    assert check(b'{"t":"soon"}', time_field="t", recorded=True) == BadRecord(
        3, 'no time in the field t: "soon" cannot be read', SkipReason.UNREADABLE_TIME
    )
    bad = check(b'{"t":"30.03.2025 00:59:59"}', time_field="t", recorded=True)
    assert isinstance(bad, BadRecord)
    assert bad.message.endswith('59" cannot be read; "time_format" says whether the day or the month comes first')
    bad = check(b'{"t":"Mar 30 00:59:59"}', time_field="t", recorded=True)
    assert isinstance(bad, BadRecord)
    assert bad.message.endswith('it has no year: a "time_format" such as "%b %d %H:%M:%S" takes the latest that fits')
    bad = check(b'{"t":"' + b"x" * 500 + b'"}', time_field="t", recorded=True)
    assert isinstance(bad, BadRecord) and len(bad.message) < 120


@pytest.mark.parametrize(
    ("time_field", "event"),
    [
        ("header.stamp", b'{"header":{"stamp":1.5}}'),
        ("header.stamp", b'{"header.stamp":1.5,"header":{"stamp":3}}'),
        ('Zeit "UTC"', b'{"Zeit \\"UTC\\"":1.5}'),
        ("a\\b", b'{"a\\\\b":1.5}'),
        ('["a\\"b"].c[1]', b'{"a\\"b":{"c":[0,1.5]}}'),
    ],
)
def test_a_time_is_found_by_its_path(time_field: str, event: bytes) -> None:
    assert check(event, time_field=time_field, recorded=True) == 1_500_000_000


def test_a_time_format_that_cannot_be_used_is_refused() -> None:
    spec = ReplaySource(path="a.jsonl", time_field="t", time_format="soon", load=RecordedLoad())
    with pytest.raises(SourceError, match="time_format: expected s, ms, us or ns"):
        RecordCheck(spec, True)


def test_the_sink_of_an_event() -> None:
    spec = ReplaySource(path="a.jsonl", sink_field="to.sink", load=MaxLoad())
    check = RecordCheck(spec, True)
    found = check.check(Record(1, b'{"to":{"sink":"alerts"}}'))
    assert isinstance(found, EventFacts) and found.sink == "alerts"
    assert check.check(Record(2, b'{"to":{}}')) == BadRecord(2, "no sink in the field to.sink", SkipReason.NO_SINK)
