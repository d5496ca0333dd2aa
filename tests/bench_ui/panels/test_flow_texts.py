"""What the flow strip says."""

from __future__ import annotations

import math

from bench_ui.panels.flow import Flow
from bench_ui.panels.flow_texts import LOSS_COLUMNS, UNKNOWN_TIP, description_of, losses_of, stages_of
from bench_ui.widgets import number_format

from bench_app.engine.view import OverfullView
from bench_app.measure.loss_causes import LOSS_CAUSES_BY_STAGE, Stage

LOSSES = {cause.key: 0 for cause in LOSS_CAUSES_BY_STAGE if cause.stage is not Stage.REPLY}


def flow(**numbers: object) -> Flow:
    given: dict[str, object] = {"offered": 1200, "queued": 3, "queue_size": 1000, "accepted": 1190, "in_flight": 2}
    given |= {"received": 1180, "rates": (200.0, 199.0, 198.0), "losses": LOSSES | {"lost": 1500}}
    return Flow(**(given | numbers))


def test_the_stages_follow_an_event_from_left_to_right() -> None:
    stages = stages_of(flow(), None)
    assert [(stage.name, stage.number, stage.note) for stage in stages] == [
        ("offered", "1,200", "200/s"),
        ("queue", "3", "of 1,000"),
        ("accepted", "1,190", "199/s"),
        ("on the way", "2", ""),
        ("received", "1,180", "198/s"),
    ]
    assert all(stage.tooltip and stage.baseline is None for stage in stages)


def test_requests_are_replied() -> None:
    last = stages_of(flow(only_requests=True), None)[-1]
    assert last.name == "replied" and last.tooltip == "Requests whose reply came back."


def test_after_the_run_rates_are_means() -> None:
    assert stages_of(flow(over=True), None)[0].note == "mean 200/s"


def test_without_a_counting_listener_arrivals_are_unknown() -> None:
    assert stages_of(flow(unknown_end=True, received=0), None)[-1].number == number_format.NOTHING
    assert stages_of(flow(unknown_end=True, received=5), None)[-1].number == "5"


def test_an_unknown_arrival_has_no_rate_and_no_losses_on_the_way() -> None:
    unknown = flow(unknown_end=True, received=0, over=True, rates=(200.0, 199.0, math.nan), losses=LOSSES)
    on_the_way, last = stages_of(unknown, None)[-2:]
    assert (on_the_way.number, last.number, last.note) == (number_format.NOTHING, number_format.NOTHING, "")
    assert UNKNOWN_TIP in last.tooltip and UNKNOWN_TIP in on_the_way.tooltip
    lost = [loss.text for loss in losses_of(unknown, None)[LOSS_COLUMNS[Stage.ON_THE_WAY]]]
    assert f"lost {number_format.NOTHING}" in lost and not any(text.endswith(" 0") for text in lost)
    assert "received unknown; overflow 0" in description_of(unknown, None)


def test_the_baseline_is_beside_counters_and_in_tooltips() -> None:
    stages = stages_of(flow(), Flow(offered=900, accepted=800, received=0, losses=dict(LOSSES)))
    assert [stage.baseline for stage in stages] == [900, None, 800, None, 0]
    assert stages[0].tooltip.endswith("★ 900: the baseline, at the same moment of its run.")
    assert "★" not in stages[1].tooltip


def test_a_loss_is_below_its_stage_in_its_colour() -> None:
    groups = losses_of(flow(), None)
    assert set(groups) == {1, 2, 3}
    lost = next(loss for loss in groups[LOSS_COLUMNS[Stage.ON_THE_WAY]] if loss.has_losses)
    assert (lost.text, lost.short_text, lost.color) == ("↓ lost 1,500", "↓ lost 1.5k", "lost")
    (overflow,) = groups[1]
    assert (overflow.text, overflow.color, overflow.has_losses) == ("overflow 0", "muted", False)


def test_only_requests_can_miss_a_reply() -> None:
    every_cause = {cause.key: 0 for cause in LOSS_CAUSES_BY_STAGE}
    assert 4 in losses_of(flow(losses=every_cause), None)


def test_a_loss_of_the_baseline_is_in_the_tooltip_even_if_it_is_0() -> None:
    baseline = Flow(losses=LOSSES | {"lost": 7})
    groups = losses_of(flow(), baseline)
    lost = next(loss for loss in groups[3] if loss.has_losses)
    assert lost.baseline == 7 and "★ 7: the baseline" in lost.tooltip
    (overflow,) = groups[1]
    assert overflow.baseline == 0 and "★ 0: the baseline" in overflow.tooltip


def test_a_screen_reader_gets_the_whole_strip_as_one_text() -> None:
    text = description_of(flow(), Flow(offered=900, received=800, losses=dict(LOSSES)))
    assert text.startswith("offered 1,200, queued 3, accepted 1,190, on the way 2, received 1,180; overflow 0")
    assert text.endswith("lost 1,500, before join 0; baseline: offered 900, received 800")


def test_what_does_not_fit_is_a_lower_bound_of_the_loss() -> None:
    full = flow(overfull=OverfullView(fits=4_260, lost=1_000))
    assert stages_of(full, None)[3].note == "at most 4,260 fit"
    lost = next(loss for loss in losses_of(full, None)[3] if loss.has_losses)
    assert (lost.text, lost.short_text) == ("↓ lost ≥ 1,500", "↓ lost ≥ 1.5k")
    sentence = "on the way 5,260, at most 4,260 fit: at least 1,000 lost"
    assert lost.tooltip.endswith(f"\n{sentence}")
    assert description_of(full, None).endswith(f"({sentence})")
