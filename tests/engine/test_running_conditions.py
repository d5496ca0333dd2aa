from __future__ import annotations

import os
import platform

from bench_app.data_plane.choice import PlaneReport
from bench_app.engine.control.messages import WorkerReport
from bench_app.engine.running_conditions import machine_of, this_machine, worker_result
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.histogram_delta import EMPTY_DELTA
from bench_app.system.machine_usage import MachineUsage
from bench_app.system.process_usage import ProcessUsage
from tests.engine.units import latencies

CPUS = os.cpu_count() or 1


def test_this_machine_has_no_figures_of_a_run() -> None:
    machine = this_machine()
    assert machine.python == platform.python_version()
    assert (machine.cpu_pressure_pct, machine.steal_pct, machine.throttled_ms) == (None, None, None)


def test_what_the_machine_kept_is_a_part_of_the_time() -> None:
    machine = machine_of(MachineUsage(1000, 100, 50_000), MachineUsage(501_000, 100 + 400 * CPUS, 52_500), 2.0)
    assert (machine.cpu_pressure_pct, machine.steal_pct, machine.throttled_ms) == (25.0, 20.0, 2.5)


def test_a_figure_that_is_not_known_at_both_ends_is_not_known() -> None:
    machine = machine_of(MachineUsage(None, 5, 7), MachineUsage(1000, None, 7), 2.0)
    assert (machine.cpu_pressure_pct, machine.steal_pct, machine.throttled_ms) == (None, None, 0.0)


def test_a_run_that_never_offered_has_no_figures() -> None:
    assert machine_of(MachineUsage(1, 1, 1), MachineUsage(1, 1, 1), 0.0) == this_machine()


def test_the_machine_names_the_data_plane_and_the_libzmq_of_the_workers() -> None:
    plane = PlaneReport(name="compiled", libzmq="4.9.9", libzmq_path="/a/libzmq.so")
    machine = machine_of(MachineUsage(), MachineUsage(), 2.0, plane)
    assert (machine.data_plane, machine.libzmq, machine.libzmq_path) == ("compiled", "4.9.9", "/a/libzmq.so")
    assert (this_machine().data_plane, this_machine().libzmq_path) == (None, None)


def test_a_run_says_how_it_used_the_processors() -> None:
    machine = machine_of(MachineUsage(), MachineUsage(), 0.0, io_threads=4, pinned_to=(3, 1))
    assert (machine.io_threads, machine.cpu_affinity) == (4, [1, 3])
    assert (this_machine().io_threads, this_machine().cpu_affinity) == (None, None)
    pinned, refused = WorkerState("worker-1", (), 3), WorkerState("worker-2", (), 1, "Invalid argument")
    assert [worker_result(worker, [], 0).processor for worker in (pinned, refused)] == [3, None]


def test_the_figures_of_a_worker_are_in_the_units_of_the_result() -> None:
    worker = WorkerState("worker-1", ("handler-1",))
    for at_s, usage in (
        (11, ProcessUsage(0, 0, 0, 0, 0, 0)),
        (12, ProcessUsage(NS_PER_S // 4, 10**7, 5, 6, 7, 3 * 10**6)),
    ):
        stall = latencies(1000, 2000) if at_s == 12 else EMPTY_DELTA
        report = WorkerReport(worker="worker-1", since_ns=0, at_ns=at_s * NS_PER_S, stall=stall, usage=usage)
        worker.take(report, is_offering=True)
    result = worker_result(worker, ["h"], 10 * NS_PER_S)
    assert (result.units, result.cpu_s, result.run_wait_s, result.rss_mb) == (["h"], 0.25, 0.01, 3.0)
    assert (result.switches_voluntary, result.switches_involuntary, result.page_faults) == (5, 6, 7)
    assert (result.stall_us.p50, result.stall_us.max) == (1.0, 2.0)
    (second,) = result.per_second
    assert (second.at_s, second.cpu_s, second.stall_max_us, second.busiest) == (2.0, 0.25, 2.0, None)


def test_a_worker_without_reports_has_zeros_and_unknowns() -> None:
    result = worker_result(WorkerState("worker-1", ()), [], 0)
    assert (result.cpu_s, result.run_wait_s, result.stall_us.max, result.per_second) == (0.0, None, 0.0, [])
