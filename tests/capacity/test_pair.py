"""A pair is connected as in a run, at a private address, and closed afterwards."""

from __future__ import annotations

import socket as unix
import tempfile
from pathlib import Path

import pytest
import zmq

from bench_app.capacity.kernel import SUPPORTED
from bench_app.capacity.pair import Ends, open_pair, wait_until
from bench_app.engine.plan import make_plan
from bench_app.errors import EngineError
from bench_app.preset import documents
from tests.runs import preset

URIS = {"tcp": "tcp://work-queue:5555", "ipc": "ipc:///tmp/no-listener.ipc", "inproc": "inproc://pair"}


def ends(socket_type: str, transport: str, **handler: object) -> Ends:
    config = {"socket_type": socket_type, "topic": "t"}
    raw = preset(config, uri=f"zmq://{URIS[transport]}", handler=handler, listeners=[{"name": "l"}])
    document = documents.parse(raw, "test")
    (plan,) = make_plan(document.preset).handlers
    return Ends(plan, plan.listeners[0].spec)


@pytest.mark.parametrize("mode", ["bind", "connect"])
@pytest.mark.parametrize("transport", URIS)
@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
def test_the_listener_receives_the_messages_of_the_handler(socket_type: str, transport: str, mode: str) -> None:
    with open_pair(ends(socket_type, transport, mode=mode)) as pair:
        pair.port.send(pair.port.render(b'{"id":1}'), 7, 1, 2)
        assert pair.listener.poll(10_000)
        parts = pair.reader.read(pair.listener.recv_multipart())
        assert parts.times is not None and not parts.foreign
        assert (pair.connection is not None) == (SUPPORTED and transport != "inproc")
    assert pair.listener.closed
    assert not Path("/tmp/no-listener.ipc").exists()


def test_a_host_of_production_is_never_connected() -> None:
    with open_pair(ends("PUSH", "tcp")) as pair:
        endpoint = pair.listener.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")
        assert endpoint.startswith("tcp://127.0.0.1:")
        assert not endpoint.endswith(":5555")


def test_the_private_folder_is_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_pair(ends("PUSH", "ipc")):
        assert list(tmp_path.rglob("c")) != []
    assert list(tmp_path.iterdir()) == []


def test_an_error_inside_also_closes_both_ends() -> None:
    with pytest.raises(RuntimeError), open_pair(ends("PUSH", "tcp")) as pair:
        endpoint = pair.listener.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")
        raise RuntimeError
    host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
    with pytest.raises(OSError, match=r"."), unix.create_connection((host, int(port)), timeout=1):
        pass


def test_waiting_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench_app.capacity.pair.CONNECT_LIMIT_S", 0.01)
    with pytest.raises(EngineError, match="the capacity could not be measured: no luck"):
        wait_until(lambda: False, "no luck")
