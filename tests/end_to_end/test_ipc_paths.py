"""Whole runs over ipc: one handler gets a path, and no file is left there."""

from __future__ import annotations

from pathlib import Path

import pytest
import zmq

from tests.runs import preset, run

pytestmark = pytest.mark.skipif(not zmq.has("ipc"), reason="no ipc here")


def test_one_of_two_handlers_gets_a_path(tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUB", "topic": "t"}, uri=f"zmq://ipc://{tmp_path}/x", listeners=[{"name": "l"}])
    handlers = raw["output"]["handlers"]
    handlers["other"] = handlers["h"]
    raw["bench"]["listeners"]["other"] = [{"name": "l"}]
    result = run(raw).result
    accepted = {name: handler.accepted for name, handler in result.handlers.items()}
    winners = [name for name, count in accepted.items() if count]
    assert len(winners) == 1, accepted
    (loser,) = set(accepted) - set(winners)
    assert [reason for reason in result.reasons if reason.startswith(f"{loser}: cannot bind ")] != []
    assert "address already in use" in str(result.reasons)
    assert result.handlers[winners[0]].listeners["l"].received == accepted[winners[0]]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
def test_nothing_is_left_at_the_path_after_a_run(socket_type: str, tmp_path: Path) -> None:
    """A PUB binds; for PUSH and REQ the listener binds."""
    result = run(preset({"socket_type": socket_type, "topic": "t"}, uri=f"zmq://ipc://{tmp_path}/x")).result
    assert result.handlers["h"].accepted > 0
    assert list(tmp_path.iterdir()) == []
