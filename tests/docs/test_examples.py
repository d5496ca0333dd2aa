"""The programs of the documentation, run against plain pyzmq on loopback."""

from __future__ import annotations

import importlib.util
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zmq

from tests.library.ends import LIMIT_MS, connected, listening

EXAMPLES = Path(__file__).parent.parent.parent / "docs" / "examples"


def example(name: str) -> Any:
    found = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert found is not None and found.loader is not None
    module: ModuleType = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def until_received(received: threading.Event) -> Iterator[dict[str, int]]:
    """Events until the subscriber has received one: a PUB drops events before the subscription."""
    deadline = time.monotonic() + LIMIT_MS / 1000
    while not received.is_set() and time.monotonic() < deadline:
        yield {"id": 1}
        received.wait(0.01)


@pytest.mark.parametrize("name", ["basic_event_publishing", "ipc_communication"])
def test_publishers(name: str, tmp_path: Path) -> None:
    received = threading.Event()
    endpoint = f"ipc://{tmp_path}/events.ipc"
    publisher = threading.Thread(target=lambda: example(name).main(f"zmq://{endpoint}", until_received(received)))
    with connected(zmq.SUB, endpoint) as sub:
        publisher.start()
        topic, body = sub.recv_multipart()
        received.set()
        publisher.join()
    assert topic in (b"analytics.events", b"local.analytics")
    assert json.loads(body) == {"id": 1}


def test_work_distribution() -> None:
    with listening(zmq.PULL) as (pull, uri):
        assert example("work_distribution").main(uri, 20) == 20
        assert [json.loads(pull.recv())["task_id"] for _ in range(20)] == list(range(20))


def test_multi_pattern_streaming(tmp_path: Path) -> None:
    module = example("multi_pattern_streaming")
    with listening(zmq.PULL) as (pull, uri):
        places = [f"zmq://ipc://{tmp_path}/a.ipc", uri, f"zmq://ipc://{tmp_path}/b.ipc"]
        handlers = [{**one, "uri": place} for one, place in zip(module.HANDLERS, places, strict=True)]
        assert module.main(handlers) == {"events": 1, "processing_tasks": 1, "diagnostics": 1}
        assert json.loads(pull.recv()) == {"task_id": 1}


def test_request_response_and_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    service = threading.Thread(target=lambda: example("request_service").main(endpoint, 3))
    service.start()
    replies = example("request_response").main(f"zmq://{endpoint}", 3)
    service.join()
    assert [reply["request_id"] for reply in replies] == [0, 1, 2]
    assert f"3 requests to {endpoint}" in capsys.readouterr().out


def test_request_response_says_that_there_is_no_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert example("request_response").main("zmq://tcp://127.0.0.1:9", 1) == []
    assert "no reply to 1 of 1 requests; tcp://127.0.0.1:9: retrying" in capsys.readouterr().out


def test_standalone_client() -> None:
    stop = threading.Event()
    with listening(zmq.PULL) as (pull, workers), listening(zmq.PUB) as (pub, uri):

        def publish() -> None:
            while not stop.is_set():
                pub.send_multipart([b"custom.topic", b'{"id":1}'])
                stop.wait(0.01)

        publisher = threading.Thread(target=publish)
        publisher.start()
        message = example("standalone_client").main(workers, uri)
        stop.set()
        publisher.join()
        assert json.loads(pull.recv())["metadata"]["camera_id"] == "cam-001"
    assert message is not None and (message.topic, message.value) == ("custom.topic", {"id": 1})
