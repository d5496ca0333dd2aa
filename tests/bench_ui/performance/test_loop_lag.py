"""A loop that is busy lags, and the meter measures for how long."""

from __future__ import annotations

import time

import pytest
from bench_ui.performance.loop_lag import BEAT_MS, LoopLagMeter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bench_app.measure.clock import NS_PER_MS

HOLD_MS = 150


@pytest.fixture
def meter(qapp: QApplication) -> LoopLagMeter:
    return LoopLagMeter(qapp)


def test_nothing_is_known_before_the_first_beat(meter: LoopLagMeter) -> None:
    figures = meter.figures()
    assert (figures.loop_lag_p50_ms, figures.loop_lag_p99_ms, figures.frames_per_s) == (0.0, 0.0, 0.0)
    assert meter.lag_now_ms == 0.0


def test_a_loop_that_is_held_up_lags_by_as_much(qtbot: QtBot, meter: LoopLagMeter) -> None:
    qtbot.wait(2 * BEAT_MS)
    meter.reset()
    time.sleep(HOLD_MS / 1e3)
    qtbot.waitUntil(lambda: meter.figures().loop_lag_p99_ms > 0)
    assert meter.lag_now_ms >= HOLD_MS - 2 * BEAT_MS
    assert meter.figures().loop_lag_p99_ms >= HOLD_MS - 2 * BEAT_MS
    # On a busy machine it takes more beats until half of them are on time.
    qtbot.waitUntil(lambda: meter.figures().loop_lag_p50_ms < meter.figures().loop_lag_p99_ms)
    meter.reset()
    assert meter.figures().loop_lag_p99_ms == 0.0


def test_frames_are_counted_since_the_reset(meter: LoopLagMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    meter.reset()
    for _ in range(50):
        meter.count_frame()
    now[0] += 2.0
    assert meter.figures().frames_per_s == 25.0
    meter.reset()
    now[0] += 2.0
    assert meter.figures().frames_per_s == 0.0


def test_the_longest_lag_is_taken_once(qtbot: QtBot, meter: LoopLagMeter) -> None:
    qtbot.wait(2 * BEAT_MS)
    meter.take_longest_ns()
    time.sleep(HOLD_MS / 1e3)
    # The loop has had no turn, so the beat is still overdue.
    assert meter.take_longest_ns() >= (HOLD_MS - 2 * BEAT_MS) * NS_PER_MS
    qtbot.wait(5 * BEAT_MS)
    assert meter.take_longest_ns() >= (HOLD_MS - 2 * BEAT_MS) * NS_PER_MS
    # What was taken does not come again; the loop may lag a little at any time.
    assert meter.take_longest_ns() < HOLD_MS * NS_PER_MS
