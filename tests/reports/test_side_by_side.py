from __future__ import annotations

import msgspec
import numpy as np

from bench_app.archive import LabelledRun
from bench_app.engine.unit_key import UnitKey
from bench_app.measure.time_series import TimeSeries
from bench_app.reports.kept_run import report_of_kept, side_run_of_kept
from bench_app.reports.side_by_side import SideRun, put_side_by_side, settings_of
from bench_app.reports.side_by_side_report import metric_headings, metric_rows, side_by_side_sections
from tests.archive.runs import a_handler, a_record


def made_run(name: str, libzmq: str = "4.3.5", drops: int = 0) -> SideRun:
    handler = msgspec.structs.replace(a_handler(left=40), send_timeout=drops)
    result = a_record(pub=handler).result
    result = msgspec.structs.replace(result, machine=msgspec.structs.replace(result.machine, libzmq=libzmq))
    return SideRun(name, result)


def series_of(rates: list[float]) -> TimeSeries:
    rows = np.cumsum([0.0, *rates])
    at_s = np.arange(float(len(rows)))
    columns = {"at_s": at_s, "report_s": at_s, "received": rows}
    return TimeSeries.from_bytes({name: column.astype("<f8").tobytes() for name, column in columns.items()})


def test_runs_of_the_same_settings_are_one_side() -> None:
    runs = [made_run(f"old {number}") for number in range(8)]
    runs += [made_run(f"new {number}", "4.4.0", drops=50) for number in range(8)]
    found = put_side_by_side(runs)
    assert [side.title for side in found.sides] == ["A: old 0 and 7 more", "B: new 0 and 7 more"]
    assert [(one.path, one.values) for one in found.settings] == [("libzmq", ("4.3.5", "4.4.0"))]
    (drops,) = (metric for metric in found.metrics if metric.name == "drops")
    assert drops.others[0] is not None and drops.others[0].shown
    page = "".join(side_by_side_sections(found))
    assert "worse" in page and "4.4.0" in page
    assert len(metric_headings(found)) == len(metric_rows(found)[0])


def test_one_side_has_no_metrics_to_compare_and_single_runs_prove_nothing() -> None:
    assert put_side_by_side([made_run("one"), made_run("two")]).metrics == ()
    single = put_side_by_side([made_run("one"), made_run("two", "4.4.0", drops=50)])
    assert not any(one.shown for metric in single.metrics for one in metric.others if one is not None)
    assert single.plots == ()


def test_curves_of_all_runs_are_overlaid_as_sums_of_their_units() -> None:
    units = {UnitKey("pub", name): series_of([10, 20, 30]) for name in ("left", "right")}
    one, other = made_run("one"), made_run("two", "4.4.0")
    found = put_side_by_side(
        [SideRun(one.name, one.result, None, units), SideRun(other.name, other.result, None, units)]
    )
    received = next(plot for plot in found.plots if plot.title.startswith("Received"))
    assert [curve.name for curve in received.curves] == ["A one", "B two"]
    single = units[UnitKey("pub", "left")].rate("received")
    np.testing.assert_allclose(received.curves[0].y, 2 * single)


def test_a_kept_run_is_one_of_a_comparison_and_a_report() -> None:
    kept = LabelledRun(record=a_record(pub=a_handler(left=40)), name="mine")
    assert "libzmq" in settings_of(side_run_of_kept(kept))
    assert report_of_kept(kept).title == "mine"
