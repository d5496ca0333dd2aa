"""Every shipped preset is run as a user runs it, and shows what its title says: its own checks see that."""

from __future__ import annotations

import pytest

from bench_app import presets
from tests.runs import assert_balanced, run

pytestmark = pytest.mark.alone

NAMES = [name for name, _ in presets.shipped()]
SEED = ["basic-publisher", "advanced-push", "multi-pattern", "analytics-pipeline", "edge-to-cloud"]
SEED += ["multi-consumer-broadcast", "local-ipc"]
LONGEST_S = 4.0


def test_there_are_enough() -> None:
    assert len(NAMES) >= 12
    assert set(SEED) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_says_what_one_should_see(name: str) -> None:
    bench = presets.load(name).preset.bench
    assert bench.title
    assert len(bench.description) > 80
    assert bench.checks


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_shows_what_it_says(name: str) -> None:
    document = presets.load(name)
    duration_s = min(LONGEST_S, document.preset.bench.duration_s)
    finished = run(presets.replace(document, "bench.duration_s", duration_s))
    assert_balanced(finished.result)
    assert [outcome for outcome in finished.result.checks if not outcome.passed] == []
    assert not any(s.failed for s in finished.session.handlers.values())


def test_connections_are_told_in_sentences() -> None:
    finished = run(presets.load("retrying-then-gave-up"))
    told = finished.sentences()
    assert "gives-up: tcp://127.0.0.1:5997: retrying 1 of 5, next in" in told
    assert "gave up on tcp://127.0.0.1:5997 (the limit of 5 attempts is reached; connection refused" in told
    assert "gave up on tcp://127.0.0.1:5996" not in told


def test_linger_is_told() -> None:
    assert "closing took 3." in run(presets.load("linger-holds-the-exit")).sentences()


def test_replaced_hosts_are_told() -> None:
    told = run(presets.replace(presets.load("advanced-push"), "bench.duration_s", 0.5)).sentences()
    assert "tcp://analytics-server:5555 -> tcp://127.0.0.1:5555" in told
