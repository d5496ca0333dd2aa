"""One trial of the lab: which values it changes, and that it is a run."""

from __future__ import annotations

import os
import signal

import pytest

from bench_app.engine.session import Session
from bench_app.errors import PresetError
from bench_app.lab.trial import load_settings, rate_settings, run_trial, with_settings
from bench_app.preset import documents
from bench_app.system.signals import CaughtSignals
from tests.runs import preset


def test_values_are_set_by_path_and_checked_together() -> None:
    document = documents.parse(preset(), "test")
    changed = with_settings(document, {"output.handlers.h.config.high_water_mark": 7, "bench.duration_s": 2})
    assert changed.preset.output.handlers["h"].config.high_water_mark == 7
    assert changed.preset.bench.duration_s == 2
    assert with_settings(document, {}) is document
    with pytest.raises(PresetError, match="high_water_mark"):
        with_settings(document, {"output.handlers.h.config.high_water_mark": -1})


def test_a_rate_is_set_on_every_sink() -> None:
    document = documents.parse(preset(), "test")
    changed = with_settings(document, rate_settings(document, 123.5))
    assert changed.raw["bench"]["sources"]["events"]["load"] == {"shape": "constant", "rate": 123.5}
    changed = with_settings(document, load_settings(document, {"shape": "max"}))
    assert changed.raw["bench"]["sources"]["events"]["load"] == {"shape": "max"}


def test_a_sink_without_a_source_gets_the_default_source_with_the_rate() -> None:
    raw = {"output": {"handlers": {"h": {"uri": "zmq://tcp://127.0.0.1:*", "sink": "alerts"}}}}
    document = documents.parse(raw, "test")
    changed = with_settings(document, rate_settings(document, 5))
    assert changed.raw["bench"]["sources"]["alerts"]["load"] == {"shape": "constant", "rate": 5}
    assert changed.raw["bench"]["sources"]["alerts"]["event"] == "alert"


def test_a_signal_ends_a_trial_in_the_normal_order(single_worker: None) -> None:
    def interrupt(session: Session) -> None:
        # The signal comes before the run: it must not be missed.
        os.kill(os.getpid(), signal.SIGTERM)

    with CaughtSignals() as caught:
        finished = run_trial(
            documents.parse(preset(), "test"), {"bench.duration_s": 600}, caught=caught, on_session=interrupt
        )
    assert finished.interrupted
    assert finished.result.balanced
