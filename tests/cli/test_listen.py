"""``zmq-bench listen`` against plain pyzmq and against ``zmq-bench send``."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path

import zmq

from bench_app.cli.event_time import EventTimeLatency
from bench_app.cli.listen import ListenSummary
from bench_app.cli.received_message import ReceivedMessage
from bench_app.transport import stamp
from tests.cli.command import COMMAND, bench
from tests.library.ends import connected


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
        printed = listener.stdout.read()
    assert listener.returncode == 0
    for line in (
        "field meta.at understood as seconds since 1970: 2, ISO 8601: 1, milliseconds since 1970: 1",
        "field meta.at -> received, 2 messages: p50 ",
        "by this machine's wall clock; right only where the clocks agree",
        "field meta.at lies in the future in 1 message, by up to ",
        "field meta.at is more than an hour old in 1 message",
        "2 messages without field meta.at",
        'field meta.at is no time in 1 message (the first: "soon")',
    ):
        assert line in printed


def test_listen_prints_messages_sizes_and_topics(tmp_path: Path) -> None:
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


def test_listen_prints_and_sizes_all_frames_of_a_push() -> None:
    with subprocess.Popen(
        [*COMMAND, "listen", "bind:tcp://127.0.0.1:*", "--type", "PULL", "--count", "2"],
        stdout=subprocess.PIPE,
        text=True,
    ) as listener:
        assert listener.stdout is not None
        endpoint = listener.stdout.readline().split()[-1]
        with connected(zmq.PUSH, endpoint) as push:
            push.send_multipart([b'{"type":"job"}', b'{"height": 1}', b""])
            push.send(b"pump 3 is at 41.5 bar")
            printed = listener.stdout.read()
    assert listener.returncode == 0
    for line in (
        '{"type":"job"} | {"height": 1} | \n',
        "\npump 3 is at 41.5 bar\n",
        "size 21 to 27 bytes",
    ):
        assert line in printed


def test_listen_replies_to_requests_and_counts_stamped_events() -> None:
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
        printed = listener.stdout.read()
    assert listener.returncode == 0
    assert "1 stamped" in printed


def test_listen_without_a_message_reports_the_connection() -> None:
    finished = bench("listen", "tcp://127.0.0.1:9", "--type", "SUB", "--for", "2")
    assert "connection refused: nothing listens there" in finished.stdout
    finished = bench("listen", "tcp://nosuch.invalid:9", "--type", "SUB", "--for", "0.1")
    assert "nosuch.invalid" in finished.stdout.partition("nothing was received\n")[2], "the state of its connection"
    finished = bench("listen", "bind:tcp://127.0.0.1:*", "--type", "PULL", "--for", "0.1")
    assert (finished.returncode, "nothing was received" in finished.stdout) == (0, True)


def received(*messages: ReceivedMessage, event_times: EventTimeLatency | None = None) -> ListenSummary:
    summary = ListenSummary(event_times)
    for number, message in enumerate(messages):
        summary.add(message, 1_000_000 + number, time.time_ns())
    return summary


def test_the_summary_counts_sizes_and_topics() -> None:
    messages = [ReceivedMessage("a", [b"12"]), ReceivedMessage("b", [b"1234"]), ReceivedMessage("a", [b"123"])]
    assert received(*messages).lines(2.0) == [
        "3 messages in 2.0 s, 1.5/s",
        "size 2 to 4 bytes, mean 3.0",
        "topic a: 2",
        "topic b: 1",
    ]
    assert received(ReceivedMessage("", [b"1"])).lines(0.0)[0].startswith("1 message in 0.0 s")
    assert received().lines(5.0) == ["nothing was received"]


def test_the_summary_measures_latency_from_valid_stamps_only() -> None:
    body = bytes(stamp.wrap(stamp.Identity(1, 2), b'{"a":1}'))
    valid = bytearray(body)
    valid[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(1, 2, 500_000)
    broken = bytearray(valid)
    broken[stamp.TIMES_AT] = ord("x")
    summary = received(*(ReceivedMessage("", [bytes(text)]) for text in (valid, broken, b'{"a":1}')))
    assert "sent -> received, 1 stamped: p50 500.0 us" in summary.lines(1.0)[-1]
    assert summary.latency.count == 1
