"""``zmq-bench listen`` and ``zmq-bench send`` against plain pyzmq, and against each other."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import zmq

from bench_app.cli.event_input import events_of
from tests.cli.test_commands import bench
from tests.library.ends import connected, listening

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


def test_send_to_nobody_fails_and_says_so() -> None:
    finished = bench("send", "tcp://127.0.0.1:9", "--type", "PUSH", "--wait", "0.2", "{}")
    assert finished.returncode == 1
    assert "connection refused" in finished.stdout
    assert "0 of 1 sent: nobody was there to take them" in finished.stdout
    finished = bench("send", "bind:tcp://127.0.0.1:*", "--type", "PUB", "--wait", "0.1", "{}")
    assert finished.returncode == 1
    assert "0 of 1 sent: nobody was there" in finished.stdout


@pytest.mark.parametrize("given", ["{broken", "/nowhere/at/all", "file"])
def test_what_is_to_be_sent_is_looked_at_before_anybody_is_waited_for(tmp_path: Path, given: str) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"id": 1}\n\n{"id": 2\n')
    told = {"{broken": "the event is no JSON", "/nowhere/at/all": "No such file", "file": "line 3, is no JSON"}[given]
    with listening(zmq.PULL) as (pull, uri):
        finished = bench("send", uri, "--type", "PUSH", str(file) if given == "file" else given)
        assert (finished.returncode, finished.stdout) == (2, "")
        assert told in finished.stderr
        assert not pull.poll(0), "nothing was sent of what has a fault"


def test_events_come_from_a_redirected_file_and_from_a_pipe(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"id": 1}\n{"id": 2}\n')
    with listening(zmq.PULL) as (pull, uri):
        command = [*COMMAND, "send", uri, "--type", "PUSH"]
        with file.open() as redirected:
            assert subprocess.run(command, stdin=redirected, stdout=subprocess.DEVNULL, check=False).returncode == 0
        assert subprocess.run(command, input=b"[3]\n", stdout=subprocess.DEVNULL, check=False).returncode == 0
        assert sorted(pull.recv() for _ in range(3)) == [b"[3]", b'{"id": 1}', b'{"id": 2}']


def test_whoever_types_events_is_told_that_they_are_read() -> None:
    said: list[str] = []
    keyboard, terminal = pty.openpty()
    with os.fdopen(terminal, "rb", buffering=0) as stream, pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stdin", SimpleNamespace(buffer=stream))
        os.write(keyboard, b'{"id": 1}\n\x04')
        assert list(events_of("-", said.append)) == [b'{"id": 1}']
    os.close(keyboard)
    assert said == ["reading events from the terminal, one JSON value a line; Ctrl+D ends"]


def test_send_waits_for_whoever_comes_a_little_later(tmp_path: Path) -> None:
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


def test_listen_measures_from_a_field_of_the_event(tmp_path: Path) -> None:
    times = ['"2020-01-01T00:00:00Z"', str(time.time()), str(time.time_ns() // 10**6 - 50), str(time.time() + 3000)]
    events = [*(f'{{"meta":{{"at":{text}}}}}' for text in times), '{"meta":{"at":"soon"}}', '{"id":1}', "[1]"]
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(events))
    arguments = ["--type", "PULL", "--count", str(len(events)), "--time-field", "meta.at"]
    with subprocess.Popen(
        [*COMMAND, "listen", "bind:tcp://127.0.0.1:*", *arguments], stdout=subprocess.PIPE, text=True
    ) as listener:
        assert listener.stdout is not None
        endpoint = listener.stdout.readline().split()[-1]
        assert bench("send", endpoint, "--type", "PUSH", str(file)).returncode == 0
        told = listener.stdout.read()
    assert listener.returncode == 0
    for sentence in (
        "field meta.at understood as seconds since 1970: 2, ISO 8601: 1, milliseconds since 1970: 1",
        "field meta.at -> received, 2 messages: p50 ",
        "by this machine's wall clock; right only where the clocks agree",
        "field meta.at lies in the future in 1 message, by up to ",
        "field meta.at is more than an hour old in 1 message",
        "2 messages without field meta.at",
        'field meta.at is no time in 1 message (the first: "soon")',
    ):
        assert sentence in told


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
        (["listen", "127.0.0.1:5710", "--type", "SUB"], "tcp://HOST:PORT"),
        (["listen", "127.0.0.1:5710", "--type", "SUB"], "did you mean tcp://127.0.0.1:5710?"),
        (["listen", "tcp://127.0.0.1:9", "--type", "SUB", "--time-field", "a..b"], "column 3"),
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
    finished = bench("listen", "tcp://127.0.0.1:9", "--type", "SUB", "--for", "2")
    assert "connection refused: nothing listens there" in finished.stdout
    finished = bench("listen", "tcp://nosuch.invalid:9", "--type", "SUB", "--for", "0.1")
    assert "nosuch.invalid" in finished.stdout.partition("nothing was received\n")[2], "how its connection stands"
    finished = bench("listen", "bind:tcp://127.0.0.1:*", "--type", "PULL", "--for", "0.1")
    assert (finished.returncode, "nothing was received" in finished.stdout) == (0, True)
