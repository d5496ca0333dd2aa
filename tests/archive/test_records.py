"""A record of a run finds its handlers by name, and is complete in itself."""

from __future__ import annotations

import msgspec

from bench_app.archive.records import RunRecord, record_of, settings_of
from bench_app.engine.result import Outcome
from bench_app.engine.unit_key import UnitKey
from tests.archive.runs import a_handler, a_record, a_result, some_settings
from tests.sweeps.fake_runs import document, finished


def test_handlers_are_found_by_their_names_in_the_result() -> None:
    gone = UnitKey("pub").departed(1.5, ())
    record = msgspec.structs.replace(
        a_record(**{gone.name: a_handler(), "pub": a_handler()}), handlers=(gone, UnitKey("pub"))
    )
    assert record.handlers_by_name == {"pub (until 1.5 s)": gone, "pub": UnitKey("pub")}
    assert list(record.handlers_by_name) == list(record.result.handlers)


def test_a_run_that_has_just_ended_becomes_a_record() -> None:
    ended = finished(document(), a_result())
    record = record_of(ended)
    assert record.settings == settings_of(ended.document)
    assert (record.settings.preset_name, record.settings.preset) == ("fake", document().raw)
    assert (record.result, record.outcome, record.handlers) == (ended.result, ended.outcome, ended.handlers)
    assert set(record.machine) == set(ended.machine.columns)


def test_two_records_share_no_series() -> None:
    one, other = (
        RunRecord(settings=some_settings(), result=a_result(), outcome=Outcome.PASS, handlers=()) for _ in range(2)
    )
    one.history[UnitKey("pub")] = {}
    assert other.history == {}
