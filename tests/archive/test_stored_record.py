"""What a record holds comes back; records of former versions are read."""

from __future__ import annotations

import zlib

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench_app.archive import Archive, RunRecord, Settings
from bench_app.engine.events import RunEvent
from bench_app.measure.histogram import HistogramDelta
from tests.archive.runs import a_handler, a_record, a_result, execute


def test_events_of_a_former_version_are_read_and_new_ones_have_the_same_keys(archive: Archive) -> None:
    former = {"at_s": 1.5, "source": "pub", "sentence": "its worker ended", "marker": True, "trouble": True}
    run = archive.add(a_record())
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(archive.load(run)))
    assert former.keys() <= kept["events"][0].keys()
    kept["events"] = [former]
    record = zlib.compress(msgspec.msgpack.encode(kept))
    execute(archive.file, "UPDATE run SET record = ? WHERE id = ?", record, run)
    (event,) = archive.load(run).events
    assert event == RunEvent(1.5, "pub", "its worker ended", marker=True, is_error=True)


def test_a_handler_of_a_former_version_gets_the_seconds_that_its_rate_tells(archive: Archive) -> None:
    whole, late = a_handler(left=1), msgspec.structs.replace(a_handler(left=1), accepted=930, rate=200.0)
    run = archive.add(a_record(whole=msgspec.structs.replace(whole, rate=round(93 / 10.5, 1)), late=late))
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(archive.load(run)))
    for handler in kept["result"]["handlers"].values():
        del handler["seconds"]
    record = zlib.compress(msgspec.msgpack.encode(kept))
    execute(archive.file, "UPDATE run SET record = ? WHERE id = ?", record, run)
    handlers = archive.load(run).result.handlers
    assert (handlers["whole"].seconds, handlers["late"].seconds) == (10.5, 4.65)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
COUNTS = st.integers(0, 2**62)
DELTAS = st.builds(HistogramDelta, st.binary(max_size=16), st.binary(max_size=16), COUNTS, COUNTS, COUNTS, COUNTS)
RECORDS = st.builds(
    RunRecord,
    settings=st.builds(
        Settings, preset=st.dictionaries(st.text(), PLAIN, max_size=4), preset_name=st.text(), base_dir=st.text()
    ),
    result=st.just(a_result()),
    events=st.lists(
        st.builds(RunEvent, st.floats(allow_nan=False), st.text(), st.text(), st.booleans()), max_size=3
    ).map(tuple),
    history=st.dictionaries(st.text(), st.dictionaries(st.text(), st.binary(max_size=32), max_size=3), max_size=3),
    histograms=st.dictionaries(st.text(), DELTAS, max_size=3),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=RECORDS, name=st.text(min_size=1))
def test_whatever_a_record_holds_comes_back(archive: Archive, record: RunRecord, name: str) -> None:
    run = archive.add(record, name=name)
    assert archive.load(run) == record
    assert archive.settings(run) == record.settings
    assert archive.summaries()[0].name == name
