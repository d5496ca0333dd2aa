"""A handler that a step of the timeline has paused: perhaps nobody can let it go on, and the run ends all the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runs import assert_balanced, preset, run

pytestmark = pytest.mark.usefixtures("single_worker")


def steps(*steps: dict[str, Any]) -> dict[str, Any]:
    raw = preset({"socket_type": "PUSH"}, duration_s=1.0, rate=200)
    raw["bench"]["timeline"] = list(steps)
    return raw


def test_a_run_ends_after_its_duration() -> None:
    result = run(steps({"at_s": 0.3, "act": "pause", "unit": "h"})).result
    assert_balanced(result)
    assert 0 < result.handlers["h"].offered < 200
    assert "h: a step of the timeline paused it, and it offered nothing more" in result.notes


def test_a_handler_that_another_step_lets_go_on_offers_again() -> None:
    pause, resume = ({"at_s": at_s, "act": act, "unit": "h"} for at_s, act in ((0.3, "pause"), (0.5, "resume")))
    paused = run(steps(pause)).result
    result = run(steps(pause, resume)).result
    assert_balanced(result)
    assert not any("paused it" in note for note in result.notes)
    assert result.handlers["h"].offered > paused.handlers["h"].offered
