"""The search for the longest burst, and the runs that it makes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.result import RunResult
from bench_app.lab.burst import (
    MOST_TRIALS,
    TIMES,
    burst_values,
    longest_burst,
    lost_in,
    measure_burst,
    quick_capacity,
    still_listener,
)
from bench_app.lab.laboratory import Values
from bench_app.lab.trial import with_settings
from bench_app.preset import documents
from tests.cli.results import handler, listener, result
from tests.lab.workers import worker
from tests.runs import preset

DOCUMENT = documents.parse(
    preset({"socket_type": "PUB", "topic": "t"}, listeners=[{"name": "slow", "delay_ms": 3}]), "test"
)


@given(st.integers(1, 100_000), st.integers(0, 2_000))
def test_a_burst_equals_the_capacity_within_one_step(holds: int, step: int) -> None:
    found = longest_burst(lambda events: events > holds, holds, step)
    assert found.events is not None
    assert holds - max(1, step) <= found.events <= holds
    assert found.trials <= 3


@given(st.integers(1, 100_000), st.integers(1, 100_000), st.integers(1, 2_000))
def test_a_wrong_guess_only_costs_trials(holds: int, guess: int, step: int) -> None:
    found = longest_burst(lambda events: events > holds, guess, step)
    if not found.reason:
        assert found.events is not None
        assert holds - step <= found.events <= holds
    assert found.trials <= MOST_TRIALS


def test_a_connection_that_holds_nothing() -> None:
    assert longest_burst(lambda events: True, 5, 1).events == 0


def test_without_a_valid_trial_there_is_no_figure() -> None:
    found = longest_burst(lambda events: None, 5, 1)
    assert (found.events, found.reason) == (None, "the trials were invalid")


def test_the_only_listener_reads_nothing_until_the_burst_is_over() -> None:
    changed = with_settings(DOCUMENT, burst_values(DOCUMENT, "h", 500, 1000.0))
    (one,) = changed.preset.bench.listeners["h"]
    assert one.stall == (pytest.approx(1e-6), pytest.approx(1.0))
    assert one.name == "slow"
    assert one.delay_ms == 0
    assert changed.preset.bench.duration_s == pytest.approx(1.2)
    assert changed.raw["bench"]["sources"]["events"]["load"]["events"] == 500
    assert still_listener(documents.parse(preset(), "test"), "h", [0, 1])["stall"] == [0, 1]


def test_the_named_listener_stands_still() -> None:
    raw = preset(listeners=[{"name": "a"}, {"name": "b", "high_water_mark": 7}])
    both = documents.parse(raw, "test")
    assert still_listener(both, "h", [0, 1], "b")["high_water_mark"] == 7
    assert still_listener(both, "h", [0, 1])["name"] == "a"


def test_bursts_are_measured_by_runs() -> None:
    class Trials:
        def __init__(self) -> None:
            self.notes: list[str] = []

        def run(self, values: Values) -> RunResult:
            load: Any = with_settings(DOCUMENT, values).raw["bench"]["sources"]["events"]["load"]
            lost = max(0, load["events"] - 700)
            figures = msgspec.structs.replace(handler({"slow": listener(lost=lost)}), offered=load["events"])
            return msgspec.structs.replace(result(), handlers={"h": figures})

        def note(self, text: str) -> None:
            self.notes.append(text)

    trials = Trials()
    assert measure_burst(DOCUMENT, trials, "h", 1000.0, 700, 1).events == 700
    assert trials.notes == [*TIMES * ["burst of 700: nothing lost"], "burst of 701: 1 lost"]
    assert lost_in(msgspec.structs.replace(result(), handlers={"h": handler({"a": listener(lost=3)})}), "h") == 3


def test_a_burst_that_loses_on_a_busy_machine_is_tried_again() -> None:
    class Trials:
        runs = 0

        def run(self, values: Values) -> RunResult:
            load: Any = with_settings(DOCUMENT, values).raw["bench"]["sources"]["events"]["load"]
            is_busy = self.runs % 2 == 0
            self.runs += 1
            lost = 50 if is_busy else max(0, load["events"] - 700)
            figures = msgspec.structs.replace(handler({"slow": listener(lost=lost)}), offered=load["events"])
            workers = {"worker-1": worker(["h/slow"], wait_s=0.5 if is_busy else 0.0)}
            return msgspec.structs.replace(result(), handlers={"h": figures}, workers=workers)

        def note(self, text: str) -> None:
            assert text

    assert measure_burst(DOCUMENT, Trials(), "h", 1000.0, 700, 1).events == 700


def test_a_burst_that_is_held_by_luck_once_is_not_held() -> None:
    class Trials:
        runs = 0

        def run(self, values: Values) -> RunResult:
            load: Any = with_settings(DOCUMENT, values).raw["bench"]["sources"]["events"]["load"]
            self.runs += 1
            holds = 700 if self.runs % 2 == 0 else 900
            figures = handler({"slow": listener(lost=max(0, load["events"] - holds))})
            figures = msgspec.structs.replace(figures, offered=load["events"])
            return msgspec.structs.replace(result(), handlers={"h": figures})

        def note(self, text: str) -> None:
            assert text

    assert measure_burst(DOCUMENT, Trials(), "h", 1000.0, 800, 50).events == 700


def test_the_capacity_is_filled_at_the_pace_of_the_bursts() -> None:
    raw = preset({"socket_type": "PUSH"}, listeners=[{"name": "a"}, {"name": "b"}])
    raw["output"]["handlers"]["h"]["uri"] = "zmq://inproc://quick"
    found = quick_capacity(documents.parse(raw, "test"), "h", 20_000.0)
    assert (found.messages, found.rate) == (2000, 20_000.0)
