"""Results and time series as CSV."""

from __future__ import annotations

import csv
import io

import msgspec
import numpy as np

from bench_app.archive import RunRecord
from bench_app.archive.csv_tables import history_csv, result_csv
from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, Outcome
from bench_app.engine.unit_key import UnitKey
from tests.archive.runs import a_handler, a_result, some_settings


def test_result_csv_has_a_row_for_each_handler_and_listener_with_every_figure() -> None:
    handlers = {"pub": a_handler(left=40, right=50), "req": a_handler("REQ", rep=70)}
    rows = list(csv.DictReader(io.StringIO(result_csv(a_result(**handlers)))))
    assert [(row["handler"], row["listener"]) for row in rows] == [
        ("pub", ""),
        ("pub", "left"),
        ("pub", "right"),
        ("req", ""),
        ("req", "rep"),
    ]
    nested = {"lateness_us", "round_trip_us", "service_us", "response_us"}
    figures = {*HandlerResult.__struct_fields__, *ListenerResult.__struct_fields__} - nested - {"listeners"}
    # Not written at their defaults: figures of a consumer of the user, of a replayed recording, and of real runs.
    figures -= {"arrivals_known", "before_subscribed", "fidelity_us", "number"}
    figures |= {f"{name}.{figure}" for name in nested for figure in LatencySummary.__struct_fields__}
    assert set(rows[0]) == {"handler", "listener"} | figures
    assert (rows[0]["offered"], rows[0]["queue_overflow"], rows[0]["lateness_us.p99_9"]) == ("100", "1", "40.0")
    assert (rows[1]["received"], rows[1]["offered"], rows[1]["service_us.p50"]) == ("40", "", "10.0")
    assert (rows[0]["round_trip_us.max"], rows[3]["round_trip_us.max"]) == ("", "60.0")


def test_names_with_commas_and_quotes_survive_the_csv() -> None:
    name = 'a, "b"\nc'
    rows = list(csv.DictReader(io.StringIO(result_csv(a_result(**{name: a_handler(**{name: 1})})))))
    assert [(row["handler"], row["listener"]) for row in rows] == [(name, ""), (name, name)]


def test_history_csv_has_a_row_for_each_unit_and_time_and_blanks_for_unknown_values() -> None:
    def column(*values: float) -> bytes:
        return np.array(values, "<f8").tobytes()

    record = RunRecord(
        settings=some_settings(),
        result=a_result(),
        outcome=Outcome.PASS,
        history={
            UnitKey("pub"): {"at_s": column(0, 0.2), "offered": column(0, 12_345_678)},
            UnitKey("pub", "left"): {"at_s": column(0, 0.2), "received": column(7), "p99": column(float("nan"), 1.5)},
        },
        machine={"at_s": column(0.2), "steal_pct": column(3)},
    )
    assert list(csv.reader(io.StringIO(history_csv(record)))) == [
        ["track", "at_s", "offered", "received", "p99", "steal_pct"],
        ["pub", "0", "0", "", "", ""],
        ["pub", "0.2", "12345678", "", "", ""],
        ["pub/left", "0", "", "7", "", ""],
        ["pub/left", "0.2", "", "", "1.5", ""],
        ["(machine)", "0.2", "", "", "", "3"],
    ]


def test_a_run_without_history_has_an_empty_table() -> None:
    assert history_csv(RunRecord(settings=some_settings(), result=a_result(), outcome=Outcome.PASS)) == "track\n"
    assert result_csv(msgspec.structs.replace(a_result(), handlers={})).strip() == ""
