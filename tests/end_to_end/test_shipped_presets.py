"""Every shipped preset runs and shows what its title says: its own checks pass.

The tests replace the addresses by free ones, because the addresses in the presets may be in use.
"""

from __future__ import annotations

import functools
import re
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench_app.preset import documents
from tests.runs import Run, assert_balanced, run

DEMOS = {document.name for document in documents.shipped_documents() if document.preset.bench.timeline}
"""Demos take minutes, and only their last step makes their checks hold. tests/end_to_end/test_demos.py has them."""
NAMES = [name for name, _ in documents.shipped() if name not in DEMOS]
SEED = ["basic-publisher", "advanced-push", "multi-pattern", "analytics-pipeline", "edge-to-cloud"]
SEED += ["multi-consumer-broadcast", "local-ipc"]
LONG_ENOUGH_S = 2.0
LONGEST_S = 4.0
TAKES_LONGER = {
    "connect-never-fails",  # until both high-water mark and queue are full
    "drops-the-newest",
    "hwm-ignored-over-tcp",  # until every buffer on the way is full
    "heartbeat-drops-the-slow",  # until its stall is over
    "push-is-no-load-balancer",  # until the slow worker is half a second behind
    "req-lost-reply",  # at 50 requests a second
    "retrying-then-gave-up",
    "silent-pub-loss",  # at the lower rate, until the pipe of the slow subscriber is full
}
SLOWER = {"silent-pub-loss": 2000}
"""Presets whose fast listener, on a busy machine, would lose events at the rate of the preset."""
PORT = re.compile(r"(?<=:)\d+$")


def at_free_addresses(document: documents.Document, folder: Path) -> documents.Document:
    """The document with free ports and paths. Handlers that share an address still share one."""
    uris = {name: handler.uri for name, handler in document.preset.output.handlers.items()}
    with ExitStack() as probes:
        free: dict[str, str] = {}
        for port in {found[0] for uri in uris.values() if (found := PORT.search(uri))}:
            # Hold every port until all are chosen, or the system could choose one twice.
            probe = probes.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            free[port] = str(probe.getsockname()[1])
    for name, uri in uris.items():
        moved = PORT.sub(lambda found: free[found[0]], uri).replace("ipc:///tmp/", f"ipc://{folder}/")
        document = documents.replace(document, f"output.handlers.{name}.uri", moved)
    return document


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Runs a preset by name, once for all tests that use its run."""

    @functools.cache
    def show(name: str) -> Run:
        document = at_free_addresses(documents.load(name), tmp_path_factory.mktemp("run"))
        if name in SLOWER:
            document = documents.with_load(document, "events", {"shape": "constant", "rate": SLOWER[name]})
        limit_s = LONGEST_S if name in TAKES_LONGER else LONG_ENOUGH_S
        return run(documents.replace(document, "bench.duration_s", min(limit_s, document.preset.bench.duration_s)))

    return show


def test_the_lists_of_presets_are_complete() -> None:
    assert len(NAMES) >= 12
    assert set(SEED) <= set(NAMES)
    assert set(NAMES) >= TAKES_LONGER


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_has_title_description_and_checks(name: str) -> None:
    bench = documents.load(name).preset.bench
    assert bench.title
    assert len(bench.description) > 80
    assert bench.checks


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_passes_its_checks(name: str, shown: Callable[[str], Run]) -> None:
    finished = shown(name)
    assert_balanced(finished.result)
    assert [outcome for outcome in finished.result.checks if not outcome.passed] == []
    assert not any(s.failed for s in finished.session.handlers.values())


def test_connections_give_messages(shown: Callable[[str], Run]) -> None:
    finished = shown("retrying-then-gave-up")
    gives_up, keeps_trying = (finished.handler(name).endpoint for name in ("gives-up", "keeps-trying"))
    messages = finished.messages()
    assert f"gives-up: {gives_up}: retrying 1 of 5, next in" in messages
    assert f"gave up on {gives_up} (the limit of 5 attempts is reached; connection refused" in messages
    assert f"gave up on {keeps_trying}" not in messages


def test_a_long_linger_gives_a_message(shown: Callable[[str], Run]) -> None:
    assert "closing took 3." in shown("linger-holds-the-exit").messages()


def test_replaced_hosts_give_a_message(shown: Callable[[str], Run]) -> None:
    assert re.search(r"tcp://analytics-server:(\d+) -> tcp://127\.0\.0\.1:\1\b", shown("advanced-push").messages())
