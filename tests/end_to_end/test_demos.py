"""A demo that ships, played at once: each step comes, and what its caption claims is what the ledger shows then.

``make rehearsal`` plays all of them.
"""

from __future__ import annotations

from pathlib import Path

from bench_app.preset.demos import load_demo
from benchmarks.rehearsal import problems_of, rehearse
from tests.end_to_end.test_shipped_presets import at_free_addresses
from tests.runs import assert_balanced


def test_a_demo_comes_to_its_end_and_its_captions_are_true(tmp_path: Path) -> None:
    document = at_free_addresses(load_demo("dead-worker"), tmp_path)
    result = rehearse(document)
    assert problems_of(document, result) == []
    assert_balanced(result)
    assert isinstance(result.timeline, list)
    queue = result.handlers["queue"]
    received = [listener.received for listener in queue.listeners.values()]
    assert result.timeline[-1].caption.startswith(
        f"{queue.accepted:,} sent = {received[0]:,} + {received[1]:,} done + {queue.lost:,} lost with the dead worker."
    )
