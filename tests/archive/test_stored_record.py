"""A record survives storing, and records of former versions can be read."""

from __future__ import annotations

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench_app.archive import Archive, RunRecord, Settings
from bench_app.engine.events import CHANGE, ENGINE, EventKind, RunEvent
from bench_app.engine.result import Outcome
from bench_app.engine.unit_key import Departure, HistogramKey, UnitKey
from bench_app.measure.histogram_delta import HistogramDelta
from tests.archive.runs import a_handler, a_record, a_result
from tests.archive.version_1 import LEFT_ONCE, LEFT_TWICE, as_version_1, replace_record


def test_a_record_of_version_1_is_read_completely(archive: Archive) -> None:
    handlers = {LEFT_ONCE.name: a_handler(left=1), LEFT_TWICE.name: a_handler(left=1), "a/b": a_handler("REQ", c=1)}
    handlers = {name: msgspec.structs.replace(one, seconds=10.5, rate=8.9) for name, one in handlers.items()}
    units = (LEFT_ONCE, LEFT_TWICE, UnitKey("a/b"))
    delta = next(iter(a_record().histograms.values()))
    record = msgspec.structs.replace(
        a_record(**handlers),
        outcome=Outcome.INTERRUPTED,
        handlers=units,
        events=(
            RunEvent(0.5, CHANGE, "h: linger 0 -> 1", kind=EventKind.CHANGE),
            RunEvent(0.5, ENGINE, "paused", kind=EventKind.ENGINE),
            RunEvent(1.5, "pub", "its worker ended", is_error=True),
        ),
        machine={},
        history={unit: {"at_s": b"8 bytes."} for unit in (*units, LEFT_TWICE.of_listener("left"), UnitKey("a/b", "c"))},
        histograms={
            HistogramKey(UnitKey("a/b"), "round_trip"): delta,
            HistogramKey(UnitKey("a/b", "c"), "response"): delta,
            HistogramKey(LEFT_TWICE, "lateness"): delta,
            HistogramKey(LEFT_ONCE.of_listener("left"), "service"): delta,
        },
    )
    run = archive.add(record)
    replace_record(archive, run, as_version_1(record))
    assert archive.load(run) == record


def test_events_of_a_former_version_are_read_and_have_the_present_keys(archive: Archive) -> None:
    former = {"at_s": 1.5, "source": "pub", "sentence": "its worker ended", "marker": True, "trouble": True}
    run = archive.add(a_record())
    kept = as_version_1(archive.load(run))
    assert former.keys() <= kept["events"][0].keys()
    kept["events"] = [former]
    replace_record(archive, run, kept)
    (event,) = archive.load(run).events
    assert event == RunEvent(1.5, "pub", "its worker ended", marker=True, is_error=True)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
COUNTS = st.integers(0, 2**62)
DELTAS = st.builds(HistogramDelta, st.binary(max_size=16), st.binary(max_size=16), COUNTS, COUNTS, COUNTS, COUNTS)
UNITS = st.builds(
    UnitKey, st.text(), st.text(), st.none() | st.builds(Departure, st.floats(allow_nan=False), st.integers(0, 9))
)
RECORDS = st.builds(
    RunRecord,
    settings=st.builds(
        Settings, preset=st.dictionaries(st.text(), PLAIN, max_size=4), preset_name=st.text(), base_dir=st.text()
    ),
    result=st.just(a_result()),
    outcome=st.sampled_from(Outcome),
    events=st.lists(
        st.builds(
            RunEvent, st.floats(allow_nan=False), st.text(), st.text(), st.booleans(), kind=st.sampled_from(EventKind)
        ),
        max_size=3,
    ).map(tuple),
    handlers=st.lists(UNITS, max_size=3).map(tuple),
    history=st.dictionaries(UNITS, st.dictionaries(st.text(), st.binary(max_size=32), max_size=3), max_size=3),
    histograms=st.dictionaries(
        st.builds(HistogramKey, UNITS, st.sampled_from(["lateness", "service"])), DELTAS, max_size=3
    ),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=RECORDS, name=st.text(min_size=1))
def test_every_record_survives_storing(archive: Archive, record: RunRecord, name: str) -> None:
    run = archive.add(record, name=name)
    assert archive.load(run) == record
    assert archive.settings(run) == record.settings
    assert archive.summaries()[0].name == name
