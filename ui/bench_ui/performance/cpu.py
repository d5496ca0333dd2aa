"""How much of a core this process takes."""

from __future__ import annotations

import time


class CpuUsage:
    """Processor time of the window's process since it was last asked for."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self._cpu_s, self._at_s = time.process_time(), time.monotonic()

    def share(self) -> float:
        """1.0 is one core, over the time since the last call."""
        cpu_s, at_s = time.process_time(), time.monotonic()
        share = (cpu_s - self._cpu_s) / max(1e-3, at_s - self._at_s)
        self._cpu_s, self._at_s = cpu_s, at_s
        return share
