"""Losses of a PUB while the run goes on: known before a gap shows them, and never more than are lost at the end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench_app.engine.session import Phase, Session
from bench_app.engine.view import view_of
from tests.runs import TRANSPORTS, assert_balanced, preset, run

pytestmark = pytest.mark.usefixtures("single_worker")

HIGH_WATER_MARK = 10


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_the_connection_of_a_stalled_listener_cannot_hold_is_lost_at_once(transport: str, tmp_path: Path) -> None:
    uri = {"tcp": "zmq://tcp://127.0.0.1:*", "ipc": f"zmq://ipc://{tmp_path}/x", "inproc": "zmq://inproc://x"}
    config = {"socket_type": "PUB", "topic": "t", "high_water_mark": HIGH_WATER_MARK}
    source = {"kind": "synthetic", "size": 20_000, "pool": 4, "load": {"shape": "constant", "rate": 2000}}
    listeners = [{"name": "stalled", "high_water_mark": HIGH_WATER_MARK, "stall": [0.05, 3600]}]
    live: list[int] = []

    async def follow(session: Session) -> None:
        while session.phase is not Phase.DONE:
            await asyncio.sleep(0.01)
            for view in view_of(session, latencies=False):
                (listener,) = view.listeners
                if listener.overfull is not None:
                    live.append(view.ledger.lost)
                    assert listener.overfull.fits >= 2 * HIGH_WATER_MARK
                if live and live[-1] > 500:
                    session.stop()

    raw = preset(config, uri=uri[transport], source=source, listeners=listeners, duration_s=60)
    finished = run(raw, follow)
    assert_balanced(finished.result)
    assert live == sorted(live)
    assert 500 < live[-1] <= finished.handler().lost
