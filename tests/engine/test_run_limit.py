"""A run has a limit for all that is not its duration, and has a balanced result when the limit is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bench_app.engine import run_limit
from bench_app.engine.finding import FindingKind
from bench_app.engine.run_limit import LINGERS, REST_LIMIT_S, STEP_S, RunLimit
from bench_app.engine.run_state import Phase
from bench_app.engine.state import HandlerState
from bench_app.engine.stopping import Stopper
from tests.engine.test_run_state import State
from tests.runs import preset, run


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path)
    state.start()
    state.run.enter(Phase.RUNNING)
    return state


def seconds_until_over(state: State, limit: RunLimit, most_s: float = 1000.0) -> float:
    """The time until the limit is over, looked at as often as in a run."""
    began_s = state.now_s
    while not limit.is_over() and state.now_s - began_s < most_s:
        state.now_s += STEP_S
    return state.now_s - began_s


def limit_of(state: State) -> RunLimit:
    return RunLimit(state.run, lambda: state.now_s)


def test_the_duration_does_not_count_and_the_lingers_are_added(state: State) -> None:
    limit = limit_of(state)
    linger_s = state.run.roster.handlers["h"].plan.spec.config.linger / 1000
    assert limit.limit_s == REST_LIMIT_S + LINGERS * linger_s
    expected_s = state.run.preset.bench.duration_s + limit.limit_s
    assert seconds_until_over(state, limit) == pytest.approx(expected_s, abs=3 * STEP_S)


@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.DRAINING])
def test_opening_and_draining_count(state: State, phase: Phase) -> None:
    state.run.enter(phase)
    limit = limit_of(state)
    assert seconds_until_over(state, limit) == pytest.approx(limit.limit_s, abs=2 * STEP_S)


def _pause_all(state: State) -> None:
    state.run.clock.pause()


def _pause_one(state: State) -> None:
    state.run.roster.handlers["h"].paused = True


@pytest.mark.parametrize("pause", [_pause_all, _pause_one])
def test_a_pause_of_a_user_has_no_limit(state: State, pause: Callable[[State], None]) -> None:
    pause(state)
    assert seconds_until_over(state, limit_of(state)) == 1000.0


def test_a_run_that_ends_early_counts_from_there(state: State) -> None:
    state.run.wait.stop()
    limit = limit_of(state)
    assert seconds_until_over(state, limit) == pytest.approx(limit.limit_s, abs=2 * STEP_S)


def test_a_machine_that_slept_has_not_used_the_limit_up(state: State) -> None:
    state.run.enter(Phase.DRAINING)
    limit = limit_of(state)
    state.now_s += 10_000.0
    assert not limit.is_over()


async def _never(self: Stopper, handlers: list[HandlerState]) -> None:
    await asyncio.Event().wait()


def test_a_run_that_hangs_ends_with_a_sentence_and_a_balanced_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait that hangs has no limit, and does not even end when the run is forced to."""
    monkeypatch.setattr(run_limit, "REST_LIMIT_S", 3.0)
    monkeypatch.setattr(run_limit, "LINGERS", 0)
    monkeypatch.setattr(run_limit, "FORCED_S", 0.2)
    monkeypatch.setattr(Stopper, "take_down", _never)
    finished = run(preset({"socket_type": "PUSH"}, rate=200, duration_s=0.3))
    result = finished.result
    assert result.verdict == "invalid" and result.balanced
    (found,) = [one for one in result.findings if one.kind is FindingKind.ENGINE]
    assert found.message.endswith("longer than its duration, was still draining, and was ended by force")
    assert found.message in finished.messages()
    assert not finished.session.interrupted
    assert all(one.done for one in finished.session.units.values())
    assert finished.session.phase is Phase.DONE
