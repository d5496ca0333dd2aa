"""What the machine kept from a run, and the longest stall of a worker: result -> **machine line** -> terminal."""

from __future__ import annotations

from bench_app.cli.result_tables import format_duration
from bench_app.engine.bent_readings import ORDINARY_STALL_NS
from bench_app.engine.result import RunResult

NOTABLE_PRESSURE_PCT = 10.0
NOTABLE_STEAL_PCT = 1.0
NOTABLE_STALL_US = ORDINARY_STALL_NS / 1000
UNITS_NAMED = 3


def machine_line(result: RunResult) -> str:
    """Pressure, steal, throttling and the longest stall of a worker; "" if all of them are as on an idle machine."""
    machine = result.machine
    pressure, steal = machine.cpu_pressure_pct or 0.0, machine.steal_pct or 0.0
    throttled_ms, (stall_us, worker) = machine.throttled_ms or 0.0, _longest_stall(result)
    is_notable = pressure >= NOTABLE_PRESSURE_PCT or steal >= NOTABLE_STEAL_PCT or stall_us >= NOTABLE_STALL_US
    if not is_notable and not throttled_ms:
        return ""
    figures = [
        f"cpu pressure {pressure:.0f} %" if machine.cpu_pressure_pct is not None else "",
        f"steal {steal:.1f} %" if machine.steal_pct is not None else "",
        f"throttled {format_duration(throttled_ms * 1000)}" if throttled_ms else "",
        f"longest stall {format_duration(stall_us)}, {worker}" if worker else "",
    ]
    return "machine: " + "; ".join(figure for figure in figures if figure)


def _longest_stall(result: RunResult) -> tuple[float, str]:
    """The longest stall in us, and its worker with the units that live in it."""
    if not result.workers:
        return 0.0, ""
    name, worker = max(result.workers.items(), key=lambda item: item[1].stall_us.max)
    more = len(worker.units) - UNITS_NAMED
    units = ", ".join(worker.units[:UNITS_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    return worker.stall_us.max, f"{name} ({units})"
