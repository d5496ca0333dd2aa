"""The rate of a connection under a load, and the text about a capacity."""

from __future__ import annotations

import json

import pytest

from bench_app.capacity.figures import (
    CapacityResult,
    ConnectionCapacity,
    format_capacity,
    format_rate,
    format_seconds,
    rate_of,
    to_json,
)
from bench_app.engine.running_conditions import this_machine
from bench_app.model import (
    BurstLoad,
    ConstantLoad,
    Load,
    MaxLoad,
    PoissonLoad,
    RampLoad,
    RecordedLoad,
    SineLoad,
    StepsLoad,
)


@pytest.mark.parametrize(
    ("load", "rate"),
    [
        (ConstantLoad(rate=50), 50),
        (PoissonLoad(rate=50), 50),
        (BurstLoad(rate=5000, events=100, every_s=2), 50),
        (RampLoad(start=10, end=50, over_s=1), 50),
        (RampLoad(start=10, end=0, over_s=1), 10),
        (StepsLoad(rates=(10, 50, 20), each_s=1), 50),
        (SineLoad(mean=50, amplitude=10, period_s=1), 50),
        (MaxLoad(), None),
        (RecordedLoad(), None),
    ],
)
def test_the_rate_of_a_load(load: Load, rate: float | None) -> None:
    assert rate_of(load) == rate


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0052, "5.2 ms"), (0.41, "410 ms"), (1.5, "1.5 s"), (119.0, "119 s"), (600, "10 min"), (10800, "3.0 h")],
)
def test_times_have_their_best_unit(value: float, text: str) -> None:
    assert format_seconds(value) == text


def found(**changes: object) -> ConnectionCapacity:
    fields: dict[str, object] = {
        "handler": "h",
        "listeners": ["l"],
        "socket_type": "PUSH",
        "transport": "tcp",
        "verdict": "measured",
        "messages": 7500,
        "received": 7500,
        "message_bytes": 512.0,
        "queue_size": 1000,
        "send_timeout": 100,
        "send_high_water_mark": 1000,
        "receive_high_water_mark": 1000,
        "places": [],
        "rate": 5000.0,
        "fills_in_s": 1.5,
        "step": 500,
        "drops": False,
        "notes": [],
    }
    return ConnectionCapacity(**{**fields, **changes})  # type: ignore[arg-type]


def test_the_text_names_the_capacity_and_the_consequence() -> None:
    push = format_capacity(found())
    assert "fills the connection after 7,500 messages: at the preset's 5,000/s, after 1.5 s." in push
    assert push.endswith(
        "Then the handler's queue takes 1,000 more (200 ms), while one waiting event is dropped as timed out "
        "every 100 ms (send_timeout)."
    )
    assert format_capacity(found(send_timeout=-1)).endswith("queue takes 1,000 more (200 ms), and overflows.")
    assert "since send_timeout is 0: the handler's queue does not help" in format_capacity(found(send_timeout=0))
    assert "drops new messages" in format_capacity(found(drops=True))
    assert "at least 7,500 messages" in format_capacity(found(verdict="at_least"))
    assert format_capacity(found(rate=None, fills_in_s=None)).startswith(
        "A stalled consumer fills the connection after 7,500 messages."
    )
    assert "of 7,500 messages that were accepted, 7,400 came out" in format_capacity(
        found(verdict="unsound", received=7400)
    )
    assert format_capacity(found(verdict="unlimited", messages=None, reason="no limit")).endswith(
        "never fills the connection: no limit."
    )


def test_a_result_is_valid_if_every_accepted_message_came_out() -> None:
    def result(*verdicts: str) -> CapacityResult:
        connections = [found(verdict=verdict) for verdict in verdicts]
        return CapacityResult(preset="p", connections=connections, machine=this_machine())

    assert result("measured", "at_least", "by_design", "unlimited").is_valid
    assert not result("measured", "unsound").is_valid


def test_the_json_has_the_figures_and_ends_with_a_newline() -> None:
    text = to_json(CapacityResult(preset="p", connections=[found()], machine=this_machine()))
    assert text.endswith(b"}\n")
    result = json.loads(text)
    assert (result["format"], result["preset"]) == ("zmq-bench-capacity/1", "p")
    assert result["connections"][0]["fills_in_s"] == 1.5


@pytest.mark.parametrize(
    ("rate", "text"), [(0.0, "0"), (12.54321, "12.54"), (999.94, "999.9"), (7120.0, "7,120"), (157_749.6, "157,750")]
)
def test_a_rate_is_never_a_power_of_ten(rate: float, text: str) -> None:
    assert format_rate(rate) == text
