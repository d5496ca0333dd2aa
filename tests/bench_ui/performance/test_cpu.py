"""The share of one core that the process takes."""

from __future__ import annotations

import time

import pytest
from bench_ui.performance.cpu import CpuUsage


def test_the_share_is_processor_time_over_time_since_the_last_call(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = {"process_time": 10.0, "monotonic": 100.0}
    monkeypatch.setattr(time, "process_time", lambda: clocks["process_time"])
    monkeypatch.setattr(time, "monotonic", lambda: clocks["monotonic"])
    usage = CpuUsage()
    clocks.update(process_time=10.5, monotonic=102.0)
    assert usage.share() == pytest.approx(0.25)
    clocks.update(process_time=12.5, monotonic=103.0)
    assert usage.share() == pytest.approx(2.0), "two threads at once"
    clocks.update(process_time=20.0, monotonic=110.0)
    usage.reset()
    clocks.update(monotonic=111.0)
    assert usage.share() == 0.0
    assert usage.share() == 0.0, "no division by zero if no time has passed"
