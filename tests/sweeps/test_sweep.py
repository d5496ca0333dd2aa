from __future__ import annotations

import json

import pytest

from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine.result import RunResult
from bench_app.errors import InputError, PresetError
from bench_app.sweeps.axes import Axis, Setting
from bench_app.sweeps.sweep import FORMAT, SweepResult, plan_sweep, run_sweep, to_json
from tests.comparison.results import handler, listener, result
from tests.sweeps.fake_runs import FakeRuns, document, latency_of_threads, series

AXES = [Axis("bench.io_threads", [1, 2, 3]), Axis("plane", ["compiled", "python"])]
P50 = "latency.service.p50_ms"


def sweep(runs: FakeRuns, repeats: int = 3, metrics: tuple[str, ...] = (P50,), seed: int = 1) -> SweepResult:
    planned = plan_sweep(document(), AXES, repeats, seed, PlaneChoice())
    return run_sweep(document(), AXES, planned, seed, metrics, series(runs))


def test_each_cell_has_the_metrics_of_its_own_runs() -> None:
    found = sweep(FakeRuns(latency_of_threads))
    assert [cell.values for cell in found.cells] == [
        [threads, plane] for threads in (1, 2, 3) for plane in ("compiled", "python")
    ]
    assert [cell.median(P50) for cell in found.cells] == [1, 1, 2, 2, 3, 3]
    assert all(len(cell.repeats) == 3 for cell in found.cells)
    plain = json.loads(to_json(found))
    assert plain["format"] == FORMAT == "zmq-bench-sweep/1"
    assert plain["axes"][0] == {"path": "bench.io_threads", "values": [1, 2, 3]}
    assert plain["cells"][2] == {"values": [2, "compiled"], "repeats": [{"verdict": "pass", "metrics": {P50: 2.0}}] * 3}


def test_every_cell_runs_once_before_any_runs_again_in_an_order_that_the_seed_decides() -> None:
    first, same, other = (FakeRuns(latency_of_threads) for _ in range(3))
    sweep(first), sweep(same), sweep(other, seed=2)
    rounds = [first.made[begin : begin + 6] for begin in (0, 6, 12)]
    assert all(len(set(one)) == 6 for one in rounds)
    assert rounds[0] != rounds[1]
    assert first.made == same.made != other.made


def test_invalid_runs_do_not_count_and_are_told() -> None:
    def run(setting: Setting) -> RunResult:
        python = setting.choice.plane == "python"
        return result("invalid", ("busy",)) if python else latency_of_threads(setting)

    found = sweep(FakeRuns(run), repeats=1)
    assert [cell.median(P50) for cell in found.cells] == [1, None, 2, None, 3, None]
    assert found.is_valid
    assert [repeat.reason for repeat in found.invalid] == ["busy"] * 3
    assert not sweep(FakeRuns(lambda setting: result("invalid"))).is_valid


def test_over_a_metric_the_cells_are_in_its_order_and_the_metric_is_kept_beside_the_others() -> None:
    def run(setting: Setting) -> RunResult:
        threads = dict(setting.assignments)["bench.io_threads"]
        return result("invalid") if threads == 2 else result(pub=handler(sub=listener(4000.0 / threads)))

    axes = [Axis("bench.io_threads", [1, 2, 3, 4])]
    planned = plan_sweep(document(), axes, 1, 1, PlaneChoice())
    found = run_sweep(document(), axes, planned, 1, ("drops",), series(FakeRuns(run)), over=P50)
    assert [cell.values for cell in found.in_order] == [[4], [3], [1], [2]]
    assert found.shown_metrics(["drops"]) == [P50, "drops"]
    assert json.loads(to_json(found))["over"] == P50
    assert sweep(FakeRuns(latency_of_threads)).over is None


def test_values_that_are_not_valid_are_refused_before_the_first_run() -> None:
    with pytest.raises(PresetError):
        plan_sweep(document(), [Axis("bench.io_threads", [1, "many"])], 1, 1, PlaneChoice())
    with pytest.raises(InputError, match="plane"):
        plan_sweep(document(), [Axis("plane", ["fast"])], 1, 1, PlaneChoice())
