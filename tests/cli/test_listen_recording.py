"""``zmq-bench listen --record``: every message of a plain publisher is in the file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import zmq

from bench_app.cli.listen_recording import ListenRecording
from bench_app.recording.message import read_line
from tests.cli.command import COMMAND, bench
from tests.library.ends import connected


def test_listen_records_all_frames_of_every_message(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    sent = [[b'{"type":"job"}', b"body %d" % number, b"", b"\xff\x00"] for number in range(20)]
    arguments = ["--type", "PULL", "--count", str(len(sent)), "--record", str(file)]
    with subprocess.Popen(
        [*COMMAND, "listen", "bind:tcp://127.0.0.1:*", *arguments], stdout=subprocess.PIPE, text=True
    ) as listener:
        assert listener.stdout is not None
        endpoint = listener.stdout.readline().split()[-1]
        with connected(zmq.PUSH, endpoint) as push:
            for frames in sent:
                push.send_multipart(frames)
            printed = listener.stdout.read()
    assert listener.returncode == 0
    assert f"recorded 20 messages in {file}" in printed
    assert "4 frames a message, of 14, 6 to 7, 0, 2 bytes" in printed
    messages = [read_line(line) for line in file.read_bytes().splitlines()]
    assert [message.frames for message in messages] == sent
    assert {message.endpoint for message in messages} == {endpoint}
    times = [message.received_ns for message in messages]
    assert times == sorted(times)


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    finished = bench("listen", "tcp://127.0.0.1:9", "--type", "SUB", "--record", str(tmp_path / "no" / "a.jsonl"))
    assert finished.returncode == 2
    assert "cannot be written: the folder" in finished.stderr


def test_without_options_nothing_is_recorded() -> None:
    with ListenRecording(None, has_topic=True, is_joined=False) as recording:
        recording.begin("tcp://127.0.0.1:1")
        recording.add([b"a"], 1)
        assert recording.finish() == []
