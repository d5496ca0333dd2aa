"""What the adviser is told of a run: settings in force, counts of the ledger, and whether the reading is sound."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench_app.advice.advice import Advice, Rule
from bench_app.engine import advising
from bench_app.engine.advising import final_advice, live_advice
from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.finding import Finding, FindingKind
from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.session import Session
from bench_app.engine.unit_key import Departure
from bench_app.measure.clock import NS_PER_S
from bench_app.preset import documents
from tests.engine.units import a_roster, handler_report, listener_report
from tests.runs import preset

BENT = Finding(FindingKind.STALLED, "worker-1", None, None, "did not run")
CHANGED = RunEvent(1.0, "change", "h: rate 1 -> 2", kind=EventKind.CHANGE)


START_NS = 1


class Run:
    """A PUB that has sent 1,000 of 2,000 messages a second to ``slow``, which received 400."""

    def __init__(self, folder: Path, spec: dict[str, Any], listeners: bool = True) -> None:
        raw = preset(
            {"socket_type": "PUB", "topic": "t"},
            listeners=[{"name": "other", "topics": ["u"]}, {"name": "slow", **spec}] if listeners else None,
        )
        self.document = documents.parse(raw, "test")
        folder.mkdir(exist_ok=True)
        roster = a_roster(folder, raw)
        self.handler = roster.handlers["h"]
        units = roster.listeners_of(self.handler)
        self.slow = units[-1]
        joins = {str(number): 0 for number in range(len(units))}
        self.handler.take(handler_report(self.handler, joins=joins, offered=1000, accepted=1000, bytes=500_000))
        for one in units:
            one.take(listener_report(one, at_ns=START_NS, received=0))
            # A longer silence would be a finding: the unit did not run.
            one.take(listener_report(one, at_ns=START_NS + NS_PER_S // 4, received=0))
        self.slow.take(
            listener_report(
                self.slow, at_ns=START_NS + NS_PER_S // 2, received=400, first=1, highest=900, received_in_drain=150
            )
        )
        self.events: list[RunEvent] = []
        self.interrupted = False
        self.duration_s = 0.5
        self.roster = roster

    @property
    def session(self) -> Session:
        roster = self.roster
        return cast(
            Session,
            SimpleNamespace(
                handlers=roster.handlers,
                listeners_of=roster.listeners_of,
                units=roster.units,
                workers={},
                document=self.document,
                events=self.events,
                elapsed_s=0.5,
                duration_s=self.duration_s,
                start_ns=START_NS,
                paused_s=0.0,
                interrupted=self.interrupted,
            ),
        )

    def advice(self, findings: Iterable[Finding] = ()) -> Advice | None:
        ledgers = {"h": ledger_of(self.handler, self.roster.listeners_of(self.handler), final=True)}
        return final_advice(self.session, ledgers, findings)


def test_a_slow_listener_has_an_advice_with_the_path_of_its_settings(tmp_path: Path) -> None:
    advice = Run(tmp_path, {"delay_ms": 2}).advice()
    assert advice is not None
    assert (advice.rule, advice.unit, advice.events_lost) == (Rule.SLOW_CONSUMER, "h/slow", 600)
    assert advice.sum["taken"] == pytest.approx(500)
    assert advice.sum["holds"] == 150
    assert "bench.listeners.h[1].delay_ms" in advice.proposal


def test_in_a_run_the_losses_that_are_known_count(tmp_path: Path) -> None:
    advice = live_advice(Run(tmp_path, {"delay_ms": 2}).session)
    assert advice is not None
    assert advice.events_lost == 500


def test_a_bent_reading_leaves_only_what_is_certain(tmp_path: Path) -> None:
    certain = Run(tmp_path, {"delay_ms": 2}).advice([BENT])
    assert certain is not None and certain.caveat == "The reading is bent: did not run"
    assert certain.message.startswith("The reading is bent: did not run. h/slow, 600 lost: ")
    measured = Run(tmp_path / "measured", {})
    assert measured.advice() is not None
    assert measured.advice([BENT]) is None


def test_a_speed_that_was_measured_before_a_change_does_not_count(tmp_path: Path) -> None:
    run = Run(tmp_path, {})
    run.events.append(CHANGED)
    assert run.advice() is None


def test_a_listener_that_keeps_up_since_a_change_has_no_advice(tmp_path: Path) -> None:
    """Its speed of before the change makes no backlog in the rest of the run: a constant load has no burst."""
    run = Run(tmp_path, {"delay_ms": 0.4})
    run.slow.take(listener_report(run.slow, at_ns=START_NS + NS_PER_S // 2, received=900, first=1, highest=1000))
    run.duration_s = 300.0
    assert live_advice(run.session) is not None, "it takes 1,800 of 2,000 messages a second"
    run.events.append(CHANGED)
    assert live_advice(run.session) is None


def test_a_handler_that_has_left_has_no_settings_to_change(tmp_path: Path) -> None:
    run = Run(tmp_path, {"delay_ms": 2})
    run.handler.departure = Departure(0.2)
    assert run.advice() is None


def test_a_listener_that_the_preset_does_not_have_is_not_proposed(tmp_path: Path) -> None:
    advice = Run(tmp_path, {}, listeners=False).advice()
    assert advice is not None
    assert all("listeners" not in path for path in advice.proposal)


def test_what_only_is_a_note_bends_nothing(tmp_path: Path) -> None:
    note = Finding(FindingKind.WAITING, "h", None, None, "a little", invalidates=False)
    advice = Run(tmp_path, {}).advice([note])
    assert advice is not None and advice.caveat == ""


def test_the_deaths_of_a_listener_count(tmp_path: Path) -> None:
    run = Run(tmp_path, {"delay_ms": 2})
    run.slow.restarts, run.slow.crashed = 1, True
    ledgers = {"h": ledger_of(run.handler, run.roster.listeners_of(run.handler), final=True)}
    (situation,) = advising._situations(run.session, ledgers)
    assert [one.deaths for one in situation.listeners] == [0, 2]


def test_the_settings_in_force_count(tmp_path: Path) -> None:
    run = Run(tmp_path, {"stall": [0.1, 9]})
    assert run.advice() is None, "the connection holds what comes in the stall"
