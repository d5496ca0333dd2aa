"""The table of causes of loss is complete, and result, archive and checks compute the same total from it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench_app.archive import Archive, RunRecord, Settings
from bench_app.cli.result_tables import LOSS_STYLES
from bench_app.engine.check_evaluation import evaluate
from bench_app.engine.result import HandlerResult, LatencySummary, ListenerResult, Machine, Outcome, RunResult
from bench_app.engine.sampler import HANDLER_COLUMNS, LISTENER_COLUMNS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.ledger import HandlerCounts, HandlerLedger, ListenerLedger
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES, LOSS_CAUSES, LossCause, Stage
from bench_app.model import PATTERNS
from bench_app.preset.checks import parse_check

EVERY = pytest.mark.parametrize("cause", LOSS_CAUSES, ids=lambda cause: cause.key)
NO_LOSS = {"offered", "accepted", "attempted", "bytes", "replied", "retries", "by_hand"}
"""The counters of a handler that do not count losses."""


def test_every_cause_has_a_name_of_its_own() -> None:
    assert len({cause.key for cause in LOSS_CAUSES}) == len(LOSS_CAUSES)
    assert len({cause.label for cause in LOSS_CAUSES}) == len(LOSS_CAUSES)
    assert len({cause.tooltip for cause in LOSS_CAUSES}) == len(LOSS_CAUSES)


def test_every_counter_of_a_handler_is_in_the_table_or_not_a_loss() -> None:
    counters = {slot.name.lower() for slot in HandlerSlot}
    assert counters == NO_LOSS | {cause.key for cause in LOSS_CAUSES if not cause.known_at_listeners}


@EVERY
def test_ledger_result_and_time_series_have_a_figure_for_the_cause(cause: LossCause) -> None:
    assert cause.key in HANDLER_COLUMNS
    assert hasattr(HandlerResult, cause.key)
    assert hasattr(HandlerLedger if cause.known_at_listeners else HandlerCounts, cause.key)


@EVERY
def test_a_listener_has_a_figure_for_losses_on_the_way(cause: LossCause) -> None:
    assert (cause in LISTENER_LOSS_CAUSES) == (cause.key in LISTENER_COLUMNS)
    for listener in (ListenerLedger, ListenerResult):
        assert (cause in LISTENER_LOSS_CAUSES) == (cause.key in listener.__struct_fields__)


@EVERY
def test_a_cause_that_only_listeners_count_is_not_a_field_of_the_handlers_result(cause: LossCause) -> None:
    assert cause.by_listeners_only == (cause.key not in HandlerResult.__struct_fields__)


@EVERY
def test_the_terminal_has_a_style_for_the_colour(cause: LossCause) -> None:
    assert cause.color in LOSS_STYLES


def test_every_stage_loses_something() -> None:
    assert {cause.stage for cause in LOSS_CAUSES} == set(Stage)


@EVERY
def test_a_cause_concerns_the_patterns_that_have_its_counter(cause: LossCause) -> None:
    concerned = [pattern.socket_type for pattern in PATTERNS.values() if cause.concerns(pattern.socket_type)]
    assert concerned == {"request_timeout": ["REQ"], "before_join": ["PUB"]}.get(cause.key, list(PATTERNS))


NO_LATENCY = LatencySummary(0, 0, 0, 0, 0, 0, 0, 0)


def a_run() -> RunResult:
    """A PUB that lost events by every cause of a PUB, and a REQ with requests without a reply."""
    listeners = {"a": lossy_listener(lost=32, before_join=64), "b": lossy_listener(lost=0, before_join=128)}
    return RunResult(
        preset="p.json",
        started_at="2001-01-01T00:00:00+00:00",
        duration_s=1.0,
        verdict="pass",
        reasons=[],
        balanced=True,
        handlers={
            "pub": lossy_handler("PUB", listeners, queue_overflow=1, send_timeout=2, aborted=4, lost=32),
            "req": lossy_handler("REQ", {}, request_timeout=8, aborted=16),
        },
        checks=[],
        machine=Machine(cpus=2, python="3.11", pyzmq="27", libzmq="4.3.5"),
    )


def lossy_listener(lost: int, before_join: int) -> ListenerResult:
    counts = dict.fromkeys(("received", "duplicates", "reordered", "foreign", "malformed"), 0)
    return ListenerResult(
        **counts, lost=lost, before_join=before_join, rate=0.0, service_us=NO_LATENCY, response_us=NO_LATENCY
    )


def lossy_handler(socket_type: str, listeners: dict[str, ListenerResult], **losses: int) -> HandlerResult:
    counters = ("offered", "accepted", "bytes", "replied", "retries")
    own = {cause.key: losses.get(cause.key, 0) for cause in LOSS_CAUSES if not cause.by_listeners_only}
    return HandlerResult(
        socket_type=socket_type,
        endpoint="tcp://127.0.0.1:5555",
        **dict.fromkeys(counters, 0),
        **own,
        rate=0.0,
        balanced=True,
        lateness_us=NO_LATENCY,
        listeners=listeners,
    )


PUB_TOTAL, REQ_TOTAL = 1 + 2 + 4 + 32 + 64 + 128, 8 + 16


def test_the_result_adds_up_every_cause() -> None:
    handlers = a_run().handlers
    assert (handlers["pub"].dropped, handlers["req"].dropped) == (PUB_TOTAL, REQ_TOTAL)


def test_the_archive_has_the_same_total(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "runs.sqlite")
    archive.add(
        RunRecord(
            settings=Settings(preset={}, preset_name="p.json", base_dir="/"), result=a_run(), outcome=Outcome.PASS
        )
    )
    (summary,) = archive.summaries()
    assert summary.dropped == PUB_TOTAL + REQ_TOTAL


@pytest.mark.parametrize(("text", "value"), [("pub: drops == 0", PUB_TOTAL), ("req: drops == 0", REQ_TOTAL)])
def test_a_check_on_drops_has_the_same_total(text: str, value: int) -> None:
    handlers = a_run().handlers
    known = {name: tuple(handler.listeners) for name, handler in handlers.items()}
    result = evaluate(parse_check(text, known), msgspec.to_builtins(handlers))
    assert (result.value, result.passed) == (value, False)


def test_the_drops_of_a_listener_are_its_losses_on_the_way() -> None:
    handlers = a_run().handlers
    check = parse_check("pub/a: drops == 96", {"pub": ("a", "b")})
    assert evaluate(check, msgspec.to_builtins(handlers)).passed
    listener = handlers["pub"].listeners["a"]
    assert sum(listener.loss(cause) for cause in LISTENER_LOSS_CAUSES) == 96
