"""The causes of loss: one table, and whoever shows losses or adds them up reads it and gets the same total."""

from __future__ import annotations

import pytest

from bench_app.cli.result_tables import LOSS_STYLES
from bench_app.engine.result import HandlerResult, ListenerResult
from bench_app.engine.sampler import HANDLER_COLUMNS, LISTENER_COLUMNS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.ledger import HandlerCounts, HandlerLedger, ListenerLedger
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES, LOSS_CAUSES, LossCause, Stage
from bench_app.model import PATTERNS

EVERY = pytest.mark.parametrize("cause", LOSS_CAUSES, ids=lambda cause: cause.key)
NO_LOSS = {"offered", "accepted", "attempted", "bytes", "replied", "retries"}
"""Counters of a handler that are no loss."""


def test_every_cause_has_a_name_of_its_own() -> None:
    assert len({cause.key for cause in LOSS_CAUSES}) == len(LOSS_CAUSES)
    assert len({cause.label for cause in LOSS_CAUSES}) == len(LOSS_CAUSES)
    assert len({cause.tooltip for cause in LOSS_CAUSES}) == len(LOSS_CAUSES)


def test_every_counter_of_a_handler_is_a_loss_in_the_table_or_no_loss() -> None:
    counters = {slot.name.lower() for slot in HandlerSlot}
    assert counters == NO_LOSS | {cause.key for cause in LOSS_CAUSES if not cause.known_at_listeners}


@EVERY
def test_ledger_result_and_tracks_have_a_figure_for_the_cause(cause: LossCause) -> None:
    assert cause.key in HANDLER_COLUMNS
    assert hasattr(HandlerResult, cause.key)
    assert hasattr(HandlerLedger if cause.known_at_listeners else HandlerCounts, cause.key)


@EVERY
def test_a_listener_has_a_figure_for_what_is_lost_on_the_way_to_it(cause: LossCause) -> None:
    assert (cause in LISTENER_LOSS_CAUSES) == (cause.key in LISTENER_COLUMNS)
    for listener in (ListenerLedger, ListenerResult):
        assert (cause in LISTENER_LOSS_CAUSES) == (cause.key in listener.__struct_fields__)


@EVERY
def test_a_cause_that_only_listeners_count_is_no_field_of_the_handlers_result(cause: LossCause) -> None:
    assert cause.by_listeners_only == (cause.key not in HandlerResult.__struct_fields__)


@EVERY
def test_the_terminal_has_a_style_for_the_colour(cause: LossCause) -> None:
    assert cause.color in LOSS_STYLES


def test_every_stage_loses_something() -> None:
    assert {cause.stage for cause in LOSS_CAUSES} == set(Stage)


@EVERY
def test_a_cause_concerns_the_handlers_that_can_have_it(cause: LossCause) -> None:
    concerned = [pattern.socket_type for pattern in PATTERNS.values() if cause.concerns(pattern.socket_type)]
    assert concerned == {"request_timeout": ["REQ"], "before_join": ["PUB"]}.get(cause.key, list(PATTERNS))
