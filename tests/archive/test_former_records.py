"""What version 1 of the archive kept only in names and figures is found in them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench_app.archive import Archive
from bench_app.archive.former_records import handler_keys, histogram_keys, unit_keys, with_kind, with_seconds
from bench_app.engine.events import CHANGE, ENGINE, EventKind, RunEvent
from bench_app.engine.unit_key import Departure, HistogramKey, UnitKey
from tests.archive.runs import a_handler, a_record, a_result, some_settings
from tests.archive.version_1 import LEFT_ONCE, LEFT_TWICE, as_version_1, replace_record


def test_a_handler_in_the_preset_has_not_departed(archive: Archive) -> None:
    name = LEFT_ONCE.name
    settings_ = msgspec.structs.replace(some_settings(), preset={"output": {"handlers": {name: {}}}})
    record = msgspec.structs.replace(a_record(**{name: a_handler(left=1)}), settings=settings_)
    run = archive.add(record)
    replace_record(archive, run, as_version_1(record))
    assert archive.load(run).handlers == (UnitKey(name),)


def test_a_handler_of_a_former_version_gets_its_seconds_from_its_rate(archive: Archive) -> None:
    whole, late = a_handler(left=1), msgspec.structs.replace(a_handler(left=1), accepted=930, rate=200.0)
    run = archive.add(a_record(whole=msgspec.structs.replace(whole, rate=round(93 / 10.5, 1)), late=late))
    replace_record(archive, run, as_version_1(archive.load(run)))
    handlers = archive.load(run).result.handlers
    assert (handlers["whole"].seconds, handlers["late"].seconds) == (10.5, 4.65)


@pytest.mark.parametrize(
    ("duration_s", "rate", "seconds"),
    [
        (10.0, 9.3, 10.0),
        # The rate was rounded, so a little more than the mean is the mean.
        (10.0, 9.4, 10.0),
        (10.0, 18.6, 5.0),
        (0.0, 0.0, 0.0),
    ],
)
def test_a_rate_above_the_mean_is_that_of_a_shorter_time(duration_s: float, rate: float, seconds: float) -> None:
    handler = msgspec.structs.replace(a_handler(), accepted=93, rate=rate, seconds=0.0)
    result = msgspec.structs.replace(a_result(pub=handler), duration_s=duration_s)
    assert with_seconds(result).handlers["pub"].seconds == seconds


@pytest.mark.parametrize(
    ("source", "kind"), [(ENGINE, EventKind.ENGINE), (CHANGE, EventKind.CHANGE), ("h/sub-1", EventKind.UNIT)]
)
def test_the_kind_of_an_event_follows_from_its_source(source: str, kind: EventKind) -> None:
    event = RunEvent(1.0, source, "text", marker=True)
    assert with_kind(event) == RunEvent(1.0, source, "text", marker=True, kind=kind)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("h", UnitKey("h")),
        ("h (until 12.3 s)", UnitKey("h", departure=Departure(12.3))),
        ("h (until 12.3 s, too, too)", UnitKey("h", departure=Departure(12.3, 2))),
        ("h (until 1.0 s) (until 2.0 s)", UnitKey("h (until 1.0 s)", departure=Departure(2.0))),
        ("h\n(until noon)", UnitKey("h\n(until noon)")),
    ],
)
def test_the_departure_of_a_handler_is_read_from_its_name(name: str, key: UnitKey) -> None:
    assert handler_keys(a_result(**{name: a_handler()}), {}) == [key]
    assert key.name == name


@pytest.mark.parametrize("preset", [{}, {"output": None}, {"output": {}}, {"output": {"handlers": []}}])
def test_a_preset_of_another_form_names_no_handlers(preset: dict[str, Any]) -> None:
    assert handler_keys(a_result(**{LEFT_ONCE.name: a_handler()}), preset) == [LEFT_ONCE]


def test_series_and_distributions_are_found_by_the_names_of_their_units() -> None:
    result = a_result(**{LEFT_TWICE.name: a_handler(left=1), "a/b": a_handler("REQ", c=1)})
    units = unit_keys(result, handler_keys(result, {}))
    assert units == {
        "pub (until 1.5 s, too)": LEFT_TWICE,
        "pub (until 1.5 s, too)/left": LEFT_TWICE.of_listener("left"),
        "a/b": UnitKey("a/b"),
        "a/b/c": UnitKey("a/b", "c"),
    }
    measures = histogram_keys(units)
    assert measures["a/b/c/service"] == HistogramKey(UnitKey("a/b", "c"), "service")
    assert measures["a/b/round_trip"] == HistogramKey(UnitKey("a/b"), "round_trip")
    assert "a/b/service" not in measures and "a/b/c/lateness" not in measures
