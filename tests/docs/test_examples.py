"""The programs of the documentation, run against plain pyzmq on loopback."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zmq

from bench_app import Output
from bench_app.schemes import unregister
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


def free_endpoint() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


def test_request_response_and_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    endpoint = free_endpoint()
    service = threading.Thread(target=lambda: example("request_service").main(endpoint, 3))
    service.start()
    replies = example("request_response").main(f"zmq://{endpoint}", 3, 60_000)
    service.join()
    assert [reply["request_id"] for reply in replies] == [0, 1, 2]
    assert f"3 requests to {endpoint}" in capsys.readouterr().out


def test_request_response_says_that_there_is_no_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert example("request_response").main("zmq://tcp://127.0.0.1:9", 1, 300) == []
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


def test_asyncio_publisher(tmp_path: Path) -> None:
    endpoint = free_endpoint()
    service = threading.Thread(target=lambda: example("request_service").main(endpoint, 1))
    service.start()
    main = example("asyncio_publisher").main
    answer = asyncio.run(main(f"zmq://ipc://{tmp_path}/a.ipc", f"zmq://{endpoint}", 2, request_timeout_ms=LIMIT_MS))
    service.join()
    assert answer == {"request_id": None, "label": "car"}


def test_own_scheme(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    try:
        assert example("own_scheme").main(str(path)) == 3
        assert [json.loads(line) for line in path.read_text().splitlines()] == [{"id": 0}, {"id": 1}, {"id": 2}]
    finally:
        unregister("lines")


def compiles(source: Path, program: Path) -> bool:
    """Whether a C++ program compiles with libzmq; without a compiler or zmq.h it cannot be told."""
    if (
        shutil.which("g++") is None
        or subprocess.run(
            ["g++", "-E", "-include", "zmq.h", "-x", "c++", "/dev/null"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("there is no C++ compiler, or no zmq.h")
    command = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", str(source), "-lzmq", "-o", str(program)]
    return subprocess.run(command, check=False).returncode == 0


def test_the_consumer_in_cpp_receives_and_replies(tmp_path: Path) -> None:
    program = tmp_path / "consumer"
    assert compiles(EXAMPLES.parent / "snippets" / "consumer.cpp", program)
    endpoint = f"ipc://{tmp_path}/a.ipc"
    config = {"socket_type": "REQ", "request_timeout": LIMIT_MS, "retries": 0, "reconnect_interval": 20}
    command = [str(program), "REP", endpoint]
    with Output("x") as output, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            handler = output.add_handler("h", f"zmq://{endpoint}", "events", config)
            assert handler.request({"id": 1}).value == {"ok": True}
            assert process.stdout is not None
            assert json.loads(process.stdout.readline()) == {"id": 1}
        finally:
            process.kill()


def test_prometheus_metrics() -> None:
    module = example("prometheus_metrics")
    with Output("o") as output, module.serving(output, 0) as address:
        output.add_handler("p", "zmq://tcp://127.0.0.1:*", config={"socket_type": "PUB"}, mode="bind")
        assert output.write("events", 1) == 1
        with urllib.request.urlopen(address) as answer:
            lines = answer.read().decode().splitlines()
    assert "# TYPE zmq_offered_total counter" in lines and "# TYPE zmq_queued gauge" in lines
    assert 'zmq_offered_total{handler="p"} 1' in lines
