"""The card of a connection, with simulated runs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench_app.engine.result import LatencySummary, RunResult, StepResult
from bench_app.lab import card
from bench_app.lab.find import FoundRate
from bench_app.lab.laboratory import Values
from bench_app.lab.trial import with_settings
from bench_app.preset import documents
from bench_app.preset.documents import Document
from tests.cli.results import handler, listener, result
from tests.runs import preset

RATE = 1000.0
FAST = LatencySummary(1000, 100.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400_000.0)


class Link:
    """Runs that carry RATE: the rest is lost. Every run is kept."""

    def __init__(
        self,
        document: Document,
        kind: str = "PUB",
        verdict: str = "pass",
        names: str = "ab",
        back_s: float | None = 2.5,
        lost: int = 0,
    ) -> None:
        self.document, self.kind, self.verdict, self.names = document, kind, verdict, names
        self.back_s, self.lost = back_s, lost
        self.tried: list[Any] = []

    def run(self, values: Values) -> RunResult:
        changed = with_settings(self.document, values)
        self.tried.append(changed.raw["bench"])
        load = changed.raw["bench"]["sources"]["events"]["load"]
        offered = int(load.get("rate", RATE) * 2)
        lost = self.lost or max(0, offered - int(2 * RATE))
        received = {name: 1000 * (number + 1) for number, name in enumerate(self.names)}
        one = msgspec.structs.replace(listener(lost=lost), service_us=FAST, response_us=FAST)
        units = {name: msgspec.structs.replace(one, received=count) for name, count in received.items()}
        figures = msgspec.structs.replace(
            handler(units, lost=lost), offered=offered, seconds=2.0, socket_type=self.kind
        )
        steps = [StepResult(step=n, at_s=at_s, caption="", checks=[]) for n, at_s in enumerate((1.0, self.back_s), 1)]
        timeline = steps if changed.preset.bench.timeline else msgspec.UNSET
        return msgspec.structs.replace(result(), handlers={"h": figures}, verdict=self.verdict, timeline=timeline)

    def note(self, text: str) -> None:
        assert text


def document(kind: str = "PUB", **changes: Any) -> Document:
    listeners = changes.pop("listeners", [{"name": "a"}, {"name": "b"}])
    config = {"socket_type": kind, **({"topic": "t"} if kind == "PUB" else {})}
    return documents.parse(preset(config, listeners=listeners, **changes), "test")


def test_the_loss_is_measured_around_the_rate() -> None:
    source = document()
    points = card.loss_curve(source, Link(source), RATE)
    assert [point.share for point in points] == list(card.CURVE)
    assert [bool(point.loss) for point in points] == [share > 1 for share in card.CURVE]
    assert points[-1].limited_by == "lost"
    assert all(point.loss is None for point in card.loss_curve(source, Link(source, verdict="invalid"), RATE))


def test_latencies_are_measured_at_three_rates() -> None:
    source = document()
    link = Link(source)
    points = card.latencies(source, link, RATE)
    assert [point.rate for point in points] == [100, 500, 900]
    assert points[0].service_p99_us == 200.0
    assert all(bench["warmup_s"] < 1 for bench in link.tried)
    assert card.latencies(source, Link(source, verdict="invalid"), RATE)[0].service_p99_us is None


def test_recovery_follows_from_the_longest_latency_after_the_overload() -> None:
    source = document()
    link = Link(source)
    assert card.recovery(source, link, RATE).value == pytest.approx(0.8)
    assert link.tried[0]["sources"]["events"]["load"]["rates"] == [1500, 500]
    assert link.tried[0]["warmup_s"] == 1.0
    assert card.recovery(source, Link(source, verdict="invalid"), RATE).reason.startswith(
        "3 runs were invalid; the last one: "
    )


def test_a_restart_kills_the_first_listener_and_ends_when_it_is_back() -> None:
    source = document()
    link = Link(source, lost=200)
    assert card.restart(source, link, "h", RATE).value == pytest.approx(0.4)
    kill, end = link.tried[0]["timeline"]
    assert kill == {"at_s": 1.0, "act": "kill", "unit": "h/a"}
    assert end == {"at_s": 1.0, "act": "end", "until": "h/a: received >= 651"}
    assert card.restart(source, Link(source, verdict="invalid"), "h", RATE).reason.startswith(
        "3 runs were invalid; the last one: "
    )


def test_a_restart_of_a_worker_ends_when_it_receives_again() -> None:
    source = document("PUSH")
    # The events of a handler that connects wait for the worker. Those of one that binds go to the others.
    assert card.restart(source, Link(source, "PUSH"), "h", RATE).value == pytest.approx(1.5)
    bound = document("PUSH", handlers={"h": {"mode": "bind"}})
    assert card.restart(bound, Link(bound, "PUSH"), "h", RATE).value == pytest.approx(1.2)
    assert "reconnect_interval is 5 s" in card.restart(source, Link(source, back_s=None), "h", RATE).reason


def test_what_the_bench_cannot_overload_has_no_recovery() -> None:
    source = document()
    measures = card.measures(source, Link(source), "h", RATE, is_bench=True)
    assert list(measures) == list(card.RUNS)
    assert measures["recovery_s"]() == card.Figure(None, card.NO_OVERLOAD)
    found = FoundRate(loss=0.0, lower=500.0, limited_by="bench")
    assert card.base_rate(found) == 500.0
    assert card.base_rate(FoundRate(loss=0.0, lower=500.0)) is None


def test_a_slow_subscriber_is_added_to_those_of_a_pub() -> None:
    source = document()
    link = Link(source)
    found = card.harm(source, link, "h", RATE)
    assert (found.p99_us, found.with_slow_p99_us, found.lost) == (200.0, 200.0, 0)
    assert link.tried[1]["listeners"]["h"][-1]["delay_ms"] == 4.0
    assert "only the subscribers" in card.harm(document("PUSH"), link, "h", RATE).reason


def test_fairness_is_that_of_several_workers() -> None:
    source = document("PUSH")
    found = card.fairness(source, Link(source, "PUSH"), "h", RATE)
    assert (found.min, found.max, found.jain) == (1000, 2000, 0.9)
    assert "do not share" in card.fairness(document(), Link(source), "h", RATE).reason
    alone = document("PUSH", listeners=[{"name": "a"}])
    assert "only one worker" in card.fairness(alone, Link(alone, "PUSH"), "h", RATE).reason


def test_jains_index() -> None:
    assert card.jain([5, 5, 5]) == 1
    assert card.jain([9, 0, 0]) == pytest.approx(1 / 3)
    assert card.jain([0, 0]) == 1


def test_a_burst_needs_a_limit_and_a_listener_of_the_bench() -> None:
    source = document()
    assert "no limit" in card.longest(document(listeners=[{"high_water_mark": 0}]), Link(source), "h", RATE).reason
    assert "one request" in card.longest(document("REQ", listeners=[{}]), Link(source), "h", RATE).reason
