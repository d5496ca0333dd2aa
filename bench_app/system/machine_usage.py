"""What the machine kept from everybody on it: **/proc and cgroup** -> pressure, steal, throttling.

All figures are totals, so that the difference of two readings belongs to the time between them. A figure that this
system does not have is None.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

_PRESSURE = Path("/proc/pressure/cpu")
_STAT = Path("/proc/stat")
_CGROUPS = Path("/proc/self/cgroup")
_CGROUP_ROOT = Path("/sys/fs/cgroup")
_STEAL_COLUMN = 8
"""Of the first line of /proc/stat, see proc_stat(5): ``cpu user nice system idle iowait irq softirq steal``."""


class MachineUsage(msgspec.Struct, frozen=True):
    """Totals of the machine.

    Attributes:
        pressure_us: how long at least one task waited for a processor (Linux with pressure stall information).
        steal_ms: how long the hypervisor ran something else, summed over the processors (Linux).
        throttled_us: how long this process' group was kept from running because its quota was used up (cgroup).
    """

    pressure_us: int | None = None
    steal_ms: int | None = None
    throttled_us: int | None = None


def machine_usage() -> MachineUsage:
    """Read the usage of this machine."""
    return MachineUsage(_pressure_us(_PRESSURE), _steal_ms(_STAT), _throttled_us(_CGROUPS, _CGROUP_ROOT))


def _pressure_us(file: Path) -> int | None:
    """The total of the line ``some avg10=0.00 avg60=0.00 avg300=0.00 total=123``."""
    try:
        line = next(line for line in file.read_text().splitlines() if line.startswith("some "))
        return int(line.rpartition("total=")[2])
    except (OSError, ValueError, StopIteration):
        return None


def _steal_ms(file: Path) -> int | None:
    try:
        ticks = int(file.read_text().split(maxsplit=_STEAL_COLUMN + 1)[_STEAL_COLUMN])
        return ticks * 1000 // os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def _throttled_us(cgroups: Path, root: Path) -> int | None:
    """The largest total on the way from this process' group to the root, as a quota on any of them stops all below."""
    try:
        lines = cgroups.read_text().splitlines()
    except OSError:
        return None
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            found += _totals(root, path)
        elif "cpu" in controllers.split(","):
            found += _totals(root / controllers, path)
    return max(found, default=None)


def _totals(root: Path, path: str) -> list[int]:
    group = root / path.lstrip("/")
    folders = [group, *group.parents]
    return [total for folder in folders if folder.is_relative_to(root) and (total := _throttled_in(folder)) is not None]


def _throttled_in(folder: Path) -> int | None:
    """From ``cpu.stat``: ``throttled_usec`` (cgroup 2), or ``throttled_time`` in ns (cgroup 1)."""
    try:
        values = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
        if "throttled_usec" in values:
            return int(values["throttled_usec"])
        return int(values["throttled_time"]) // 1000 if "throttled_time" in values else None
    except (OSError, ValueError):
        return None
