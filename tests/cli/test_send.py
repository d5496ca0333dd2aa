"""``zmq-bench send`` against plain pyzmq."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import pytest
import zmq

from tests.cli.command import COMMAND, bench, bench_inside
from tests.library.ends import listening


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


def test_send_prints_the_reply_to_a_request() -> None:
    with listening(zmq.REP) as (rep, uri):
        server = threading.Thread(target=lambda: rep.send(b'{"answer":42}' + rep.recv()[:0]))
        server.start()
        finished = bench("send", uri, "--type", "REQ", '{"question": 1}')
        server.join()
    assert finished.returncode == 0
    assert "reply: {'answer': 42}" in finished.stdout


def test_send_without_a_receiver_fails_and_reports_it() -> None:
    finished = bench("send", "tcp://127.0.0.1:9", "--type", "PUSH", "--wait", "0.2", "{}")
    assert finished.returncode == 1
    assert "connection refused" in finished.stdout
    assert "0 of 1 sent: no receiver was connected" in finished.stdout
    finished = bench("send", "bind:tcp://127.0.0.1:*", "--type", "PUB", "--wait", "0.1", "{}")
    assert finished.returncode == 1
    assert "0 of 1 sent: no receiver was connected" in finished.stdout


def test_an_address_beyond_loopback_is_told() -> None:
    for address, told in (("*", True), ("127.0.0.1", False)):
        sent = bench("send", f"bind:tcp://{address}:*", "--type", "PUSH", "--wait", "0", "{}")
        read = bench("listen", f"bind:tcp://{address}:*", "--type", "PULL", "--for", "0")
        for finished in (sent, read):
            assert ("other machines can connect to tcp://0.0.0.0:" in finished.stdout) is told


@pytest.mark.parametrize("given", ["{broken", "/nowhere/at/all", "file"])
def test_input_is_checked_before_the_wait_for_a_receiver(tmp_path: Path, given: str) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"id": 1}\n\n{"id": 2\n')
    messages = {"{broken": "the event is no JSON", "/nowhere/at/all": "No such file", "file": "line 3, is no JSON"}
    with listening(zmq.PULL) as (pull, uri):
        finished = bench_inside("send", uri, "--type", "PUSH", str(file) if given == "file" else given)
        assert (finished.returncode, finished.stdout) == (2, "")
        assert messages[given] in finished.stderr
        assert not pull.poll(0), "nothing of input with a fault is sent"


def test_events_come_from_a_redirected_file_and_from_a_pipe(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"id": 1}\n{"id": 2}\n')
    with listening(zmq.PULL) as (pull, uri):
        command = [*COMMAND, "send", uri, "--type", "PUSH"]
        with file.open() as redirected:
            assert subprocess.run(command, stdin=redirected, stdout=subprocess.DEVNULL, check=False).returncode == 0
        assert subprocess.run(command, input=b"[3]\n", stdout=subprocess.DEVNULL, check=False).returncode == 0
        assert sorted(pull.recv() for _ in range(3)) == [b"[3]", b'{"id": 1}', b'{"id": 2}']


def test_send_waits_for_a_late_receiver(tmp_path: Path) -> None:
    endpoint = f"ipc://{tmp_path}/late.ipc"
    command = [*COMMAND, "send", endpoint, "--type", "PUSH", "--wait", "20", "{}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
        assert sender.stdout is not None
        assert "PUSH at" in sender.stdout.readline()
        assert "connection refused" in sender.stdout.readline()
        with zmq.Context() as context, context.socket(zmq.PULL) as pull:
            pull.rcvtimeo = 10_000
            pull.bind(endpoint)
            assert pull.recv() == b"{}"
        assert sender.wait(20) == 0


def test_send_reports_events_that_were_not_sent() -> None:
    finished = bench_inside("send", "tcp://127.0.0.1:9", "--type", "REQ", "--wait", "0.2", "1", "--topic", "")
    assert finished.returncode == 2, "a bare number is no file"
    finished = bench("send", "tcp://127.0.0.1:9", "--type", "REQ", "--wait", "0.2", "[1]")
    assert finished.returncode == 1
    assert "0 answered" in finished.stdout
