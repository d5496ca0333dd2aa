from __future__ import annotations

import msgspec

from bench_app.archive import LabelledRun
from bench_app.reports.kept_run import preset_of, report_of_kept
from tests.archive.runs import a_record


def test_a_run_whose_settings_are_not_known_any_more_has_a_report_without_them() -> None:
    record = a_record()
    settings = msgspec.structs.replace(record.settings, preset={"bench": {"no_such_key": 1}})
    record = msgspec.structs.replace(record, settings=settings)
    assert preset_of(record) is None
    assert report_of_kept(LabelledRun(record=record, name="mine")).preset is None
