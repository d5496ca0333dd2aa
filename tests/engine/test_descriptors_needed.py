"""What a run needs in file descriptors is at least what its processes have open, and not much more."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from bench_app.engine.descriptors_needed import descriptors_of_worker
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Phase, Session
from bench_app.preset import documents
from bench_app.recording.recorder import RecordOptions
from tests.runs import preset

SLACK = 8
"""So many more than it opens, and four for each unit, may be demanded for a worker. A tap opens some for a moment."""


def _pub(count: int, uri: str, io_threads: int = 1) -> dict[str, Any]:
    listeners = [{"name": f"l{number}"} for number in range(count)]
    return preset(
        {"socket_type": "PUB", "topic": "t"}, uri=uri, listeners=listeners, io_threads=io_threads, duration_s=0.5
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the open files of another process")
@pytest.mark.parametrize("records", [False, True])
@pytest.mark.parametrize(
    ("uri", "io_threads"), [("zmq://tcp://127.0.0.1:*", 1), ("zmq://tcp://127.0.0.1:*", 4), ("zmq://inproc://few", 1)]
)
def test_a_worker_needs_about_what_it_opens(tmp_path: Path, uri: str, io_threads: int, records: bool) -> None:
    record = RecordOptions(tmp_path / "recording.jsonl") if records else None
    session = Session(documents.parse(_pub(12, uri, io_threads), "few"), record=record)
    opened: dict[str, int] = {}

    async def watch() -> None:
        while session.phase is not Phase.DONE:
            for unit in session.units.values():
                pid = session.pid_of(unit)
                if pid is not None and session.phase is Phase.RUNNING:
                    count = len(list(Path(f"/proc/{pid}/fd").iterdir()))
                    opened[unit.worker] = max(count, opened.get(unit.worker, 0))
            await asyncio.sleep(0.02)

    async def run() -> None:
        await asyncio.gather(run_once(session), watch())

    asyncio.run(run())
    for name, count in opened.items():
        units = [session.units[unit] for unit in session.workers[name].units]
        needed = descriptors_of_worker(units, io_threads, records)
        assert count <= needed <= count + SLACK + 4 * len(units), (name, count, needed)
    assert opened
