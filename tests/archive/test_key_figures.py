"""The figures by which runs are compared."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.archive.key_figures import KeyFigures, key_figures
from bench_app.engine.result import LatencySummary
from tests.archive.runs import LATENCY, a_handler, a_result


def handlers(**configs: Any) -> dict[str, Any]:
    return {"output": {"handlers": {name: {"config": config} for name, config in configs.items()}}}


def test_latencies_are_the_highest_of_all_listeners_and_of_replies() -> None:
    slow = LatencySummary(3, 1.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0)
    pub = a_handler(left=40)
    slower = msgspec.structs.replace(pub.listeners["left"], service_us=slow)
    both = msgspec.structs.replace(pub, listeners={**pub.listeners, "right": slower})
    assert key_figures({}, a_result(pub=both)) == KeyFigures(p50_us=100.0, p99_us=300.0)
    req = msgspec.structs.replace(a_handler("REQ", rep=70), round_trip_us=slow)
    assert key_figures({}, a_result(req=req)).p99_us == 300.0
    assert key_figures({}, a_result(pub=pub)).p50_us == LATENCY.p50


def test_without_a_measurement_there_is_no_latency() -> None:
    assert key_figures({}, a_result(pub=a_handler())) == KeyFigures()


def test_high_water_marks_are_those_of_the_enabled_handlers() -> None:
    preset = handlers(a={"high_water_mark": 50}, b={}, c={"high_water_mark": 7})
    preset["output"]["handlers"]["c"]["enabled"] = False
    figures = key_figures(preset, a_result(pub=a_handler()))
    assert (figures.least_hwm, figures.most_hwm) == (50, 1000)


def test_what_is_no_preset_has_no_marks() -> None:
    for odd in ({"output": 3}, {"output": {"handlers": {"a": None}}}, handlers(a={"high_water_mark": "many"})):
        assert key_figures(odd, a_result(pub=a_handler())).least_hwm is None
