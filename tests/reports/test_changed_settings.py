from __future__ import annotations

from bench_app.preset import documents
from bench_app.reports.changed_settings import changed_settings
from tests.runs import preset


def test_only_values_that_differ_are_listed_with_their_default() -> None:
    raw = preset({"high_water_mark": 7, "linger": 1000}, listeners=[{"delay_ms": 2}], title="T")
    found = {path: (value, default) for path, value, default in changed_settings(documents.parse(raw, "p").preset)}
    assert found["output.handlers.h.config.high_water_mark"] == (7, 1000)
    assert found["bench.listeners.h[0].delay_ms"][0] == 2
    assert found["bench.title"] == ("T", "")
    assert "output.handlers.h.config.queue_size" not in found
    assert found["bench.sources.events.load.rate"][0] == 2000
