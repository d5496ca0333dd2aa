"""``zmq-bench listen`` and ``zmq-bench send`` against plain pyzmq, and against each other."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import zmq

from tests.library.ends import connected, listening
from tests.test_cli import bench

COMMAND = [sys.executable, "-m", "bench_app.start"]


def test_send_pushes_one_event_and_each_line_of_a_file(tmp_path: Path) -> None:
    with listening(zmq.PULL) as (pull, uri):
        assert bench("send", uri, "--type", "PUSH", '{"id": 1}').returncode == 0
        assert json.loads(pull.recv()) == {"id": 1}
        file = tmp_path / "events.jsonl"
        file.write_text("".join(f'{{"id":{number}}}\n' for number in range(2500)))
        finished = bench("send", uri.removeprefix("zmq://"), "--type", "PUSH", str(file))
        assert finished.returncode == 0
        assert "2,500 of 2,500 sent" in finished.stdout
        assert [json.loads(pull.recv())["id"] for _ in range(2500)] == list(range(2500))


def test_send_asks_and_tells_the_reply() -> None:
    with listening(zmq.REP) as (rep, uri):
        server = threading.Thread(target=lambda: rep.send(b'{"answer":42}' + rep.recv()[:0]))
        server.start()
        finished = bench("send", uri, "--type", "REQ", '{"question": 1}')
        server.join()
    assert finished.returncode == 0
    assert "reply: {'answer': 42}" in finished.stdout


def test_send_says_what_was_not_sent() -> None:
    finished = bench("send", "tcp://127.0.0.1:9", "--type", "REQ", "--wait", "0.2", "1", "--topic", "")
    assert finished.returncode == 2, "a bare number is no file"
    finished = bench("send", "tcp://127.0.0.1:9", "--type", "REQ", "--wait", "0.2", "[1]")
    assert finished.returncode == 1
    assert "0 answered" in finished.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["send", "tcp://127.0.0.1", "--type", "PUSH", "{}"], "a port after the host"),
        (["send", "tcp://127.0.0.1:9", "--type", "PUSH", "{broken"], "no JSON"),
        (["send", "tcp://127.0.0.1:9", "--type", "PUSH", "/nowhere/at/all"], "cannot be read"),
        (["listen", "nonsense", "--type", "SUB"], "transport"),
        (["listen", "tcp://127.0.0.1:9", "--type", "DEALER"], "DEALER"),
    ],
)
def test_wrong_input_is_a_sentence(arguments: list[str], told: str) -> None:
    finished = bench(*arguments)
    assert finished.returncode == 2
    assert told in finished.stderr


def test_listen_tells_messages_sizes_and_topics(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/pub.ipc"
    stop = threading.Event()
    with zmq.Context() as context, context.socket(zmq.PUB) as pub:
        pub.linger = 0
        pub.bind(endpoint)

        def publish() -> None:
            while not stop.is_set():
                pub.send_multipart([b"a.one", b'{"id":1}'])
                stop.wait(0.01)

        publisher = threading.Thread(target=publish)
        publisher.start()
        finished = bench("listen", endpoint, "--type", "SUB", "--topic", "a", "--count", "3")
        stop.set()
        publisher.join()
    assert finished.returncode == 0
    assert 'a.one  {"id":1}' in finished.stdout
    assert "3 messages" in finished.stdout
    assert "topic a.one: 3" in finished.stdout
    assert "size 8 to 8 bytes" in finished.stdout


def test_listen_answers_requests_and_knows_stamped_events() -> None:
    stamped = '{"_bench":"1-00000001-0001-0000000000000001-0000000000000001-0000000000000001","id":1}'
    with subprocess.Popen(
        [*COMMAND, "listen", "bind:tcp://127.0.0.1:*", "--type", "REP", "--count", "1"],
        stdout=subprocess.PIPE,
        text=True,
    ) as listener:
        assert listener.stdout is not None
        endpoint = listener.stdout.readline().split()[-1]
        with connected(zmq.REQ, endpoint) as req:
            req.send_string(stamped)
            assert json.loads(req.recv()) == {"ok": True}
        told = listener.stdout.read()
    assert listener.returncode == 0
    assert "1 stamped" in told


def test_listen_that_hears_nothing_says_so() -> None:
    finished = bench("listen", "bind:tcp://127.0.0.1:*", "--type", "PULL", "--for", "0.1")
    assert (finished.returncode, "nothing was received" in finished.stdout) == (0, True)
