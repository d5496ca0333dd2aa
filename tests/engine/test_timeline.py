"""The timeline of a run: when a step is due, and what the document and the steps so far want. Nothing runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.engine.timeline import READ_S, Timeline, with_steps
from bench_app.model import TimelineStep
from bench_app.preset import documents
from tests.runs import preset

DOCUMENT = documents.parse(
    preset({"socket_type": "PUB", "topic": "t"}, listeners=[{"name": "a"}, {"name": "b"}]), "test"
)


def always(_: TimelineStep) -> bool:
    return True


def never(_: TimelineStep) -> bool:
    return False


def step(at_s: Any, **keys: Any) -> TimelineStep:
    return TimelineStep(at_s=at_s, **({"caption": "x"} | keys))


def test_a_step_is_due_at_its_time_and_not_before() -> None:
    timeline = Timeline([step(1), step(2)])
    assert not timeline.is_due(0.999, always)
    assert timeline.is_due(1, always)
    assert not timeline.is_due(1, never)
    timeline.advance(1)
    assert timeline.due_s == 2


def test_speed_divides_the_times() -> None:
    assert Timeline([step(30)], speed=10).due_s == 3


def test_a_step_that_waits_for_a_key_comes_by_the_key_alone() -> None:
    timeline = Timeline([step("next"), step(5)], key_after_s=None)
    assert timeline.is_waiting_for_key
    assert not timeline.is_due(1e9, always)
    timeline.ask_next()
    assert not timeline.is_waiting_for_key
    assert not timeline.is_due(1, never), "its conditions must still hold"
    assert timeline.is_due(1, always)
    timeline.advance(1)
    assert timeline.due_s == 5, "a key brings one step"


def test_without_a_person_at_the_keys_a_step_comes_after_a_second() -> None:
    timeline = Timeline([step(3), step("next")])
    timeline.advance(3)
    assert timeline.due_s == 4


def test_a_key_brings_a_step_before_its_time() -> None:
    timeline = Timeline([step(30)])
    timeline.ask_next()
    assert timeline.is_due(1, always)


def test_a_step_after_a_late_one_leaves_time_to_read() -> None:
    timeline = Timeline([step(10), step(12), step(40)])
    timeline.advance(30)
    assert timeline.due_s == 32, "as far apart as planned"
    timeline.advance(38)
    assert timeline.due_s == 38 + READ_S


def test_a_step_of_the_end_is_never_due_in_the_run() -> None:
    timeline = Timeline([step("end")])
    timeline.ask_next()
    assert timeline.is_over
    assert not timeline.is_due(1e9, always)


DELAY = "bench.listeners.h[0].delay_ms"
PATHS = (DELAY, "bench.listeners.h[1].delay_ms", "output.handlers.h.config.linger", "bench.sources.events.load.rate")


def test_an_edit_by_hand_does_not_undo_a_step() -> None:
    timeline = Timeline([step(0, set={DELAY: 7})])
    timeline.advance(0)
    edited = documents.replace(DOCUMENT, PATHS[1], 3)
    listeners = timeline.wanted(edited).preset.bench.listeners["h"]
    assert [one.delay_ms for one in listeners] == [7, 3]


def test_a_step_without_its_place_sets_nothing() -> None:
    raw = documents.copy_of(DOCUMENT.raw)
    del raw["bench"]["listeners"]["h"][1]
    edited = documents.with_raw(DOCUMENT, raw)
    steps = [step(0, set={"bench.listeners.h[1].delay_jitter_ms": "much"}), step(1, set={DELAY: 5})]
    assert [one.delay_ms for one in with_steps(edited, steps).preset.bench.listeners["h"]] == [5]


values = st.integers(1, 1000)
edits = st.tuples(st.just("edit"), st.sampled_from(PATHS), values)
comings = st.tuples(st.just("step"), st.sampled_from(PATHS), values)


@settings(max_examples=40)
@given(st.lists(edits | comings, max_size=8))
def test_in_any_order_the_run_is_what_the_document_and_the_steps_say(
    happenings: list[tuple[str, str, int]],
) -> None:
    """Edits and steps in any order: each key has the value of its last step, or of its last edit without a step."""
    steps = [step(0, set={path: value}) for kind, path, value in happenings if kind == "step"]
    timeline, document = Timeline(steps), DOCUMENT
    by_edit: dict[str, Any] = {}
    by_step: dict[str, Any] = {}
    for kind, path, value in happenings:
        if kind == "edit":
            document = documents.replace(document, path, value)
            by_edit[path] = value
        else:
            timeline.advance(0)
            by_step[path] = value
        expected = documents.replace_all(DOCUMENT, (by_edit | by_step).items())
        assert timeline.wanted(document).preset == expected.preset


@pytest.mark.parametrize("count", [0, 2])
def test_the_timeline_itself_stays_in_the_wanted_document(count: int) -> None:
    steps = [{"at_s": 0, "set": {DELAY: 7}}] * count
    document = documents.replace(DOCUMENT, "bench.timeline", steps)
    timeline = Timeline(document.preset.bench.timeline)
    for _ in steps:
        timeline.advance(0)
    assert timeline.wanted(document).preset.bench.timeline == document.preset.bench.timeline
