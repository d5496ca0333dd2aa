"""How much processor time the process of the window takes."""

from __future__ import annotations

import time


class CpuUsage:
    """The share of one core that this process took since the last call."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start measuring now."""
        self._cpu_s, self._at_s = time.process_time(), time.monotonic()

    def share(self) -> float:
        """Return the share since the last call, or since the last reset; 1.0 is one core."""
        cpu_s, at_s = time.process_time(), time.monotonic()
        share = (cpu_s - self._cpu_s) / max(1e-3, at_s - self._at_s)
        self._cpu_s, self._at_s = cpu_s, at_s
        return share
