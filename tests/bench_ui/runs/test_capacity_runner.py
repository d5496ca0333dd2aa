"""One measurement of capacity runs at a time, and none during a run."""

from __future__ import annotations

from typing import Any

from bench_ui.runs.capacity_runner import REPLACED, RUN_STARTED
from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import InWindow, open_preset, until_ended
from tests.runs import preset, until


def small() -> dict[str, Any]:
    config = {"socket_type": "PUSH", "high_water_mark": 5}
    return preset(config, uri="zmq://inproc://runner", listeners=[{"name": "l", "high_water_mark": 7}])


class Emitted:
    """The arguments of the signals that a window's capacity runner emits."""

    def __init__(self, window: MainWindow) -> None:
        self.started: list[str] = []
        self.measured: list[Any] = []
        self.failed: list[str] = []
        window.capacity.started.connect(self.started.append)
        window.capacity.measured.connect(self.measured.append)
        window.capacity.failed.connect(self.failed.append)


def test_a_measurement_ends_with_its_result(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        emitted = Emitted(window)
        open_preset(window, small())
        window.capacity.measure("h")
        assert window.capacity.busy and emitted.started == ["h"]
        await until(lambda: not window.capacity.busy)
        assert emitted.failed == []
        assert [connection.messages for connection in emitted.measured[0].connections] == [12]

    in_window(scenario)


def test_another_measurement_and_a_run_stop_the_one_under_way(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        emitted = Emitted(window)
        open_preset(window, small() | {"bench": small()["bench"] | {"duration_s": 0.3}})
        window.capacity.measure("h")
        window.capacity.measure("h")
        assert emitted.failed == [REPLACED] and window.capacity.busy
        window.bench.start()
        assert emitted.failed == [REPLACED, RUN_STARTED] and not window.capacity.busy
        window.capacity.measure("h")
        assert not window.capacity.busy and len(emitted.started) == 2, "measuring would disturb the run"
        await until_ended(window)
        assert emitted.measured == []

    in_window(scenario)
