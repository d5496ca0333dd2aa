"""``zmq-bench import``: messages of real sockets, out of a capture of their connection."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zmq

from bench_app.recording.message import RecordedMessage, read_line
from tests.captures.wire_capture import Capture, CapturingRelay
from tests.cli.command import bench

Talk = Callable[[zmq.Socket[bytes], zmq.Socket[bytes]], None]


def captured(near: int, far: int, talk: Talk, capture: Capture, set_up: Talk = lambda near, far: None) -> None:
    """Let two real sockets talk through a relay that captures; ``near`` connects."""
    with zmq.Context() as context, context.socket(near) as connecting, context.socket(far) as bound:
        for one in (connecting, bound):
            one.linger = 0
            one.rcvtimeo = one.sndtimeo = 20_000
        set_up(connecting, bound)
        relay = CapturingRelay(bound.bind_to_random_port("tcp://127.0.0.1"), capture)
        connecting.connect(f"tcp://127.0.0.1:{relay.port}")
        talk(connecting, bound)
    relay.close()


def imported(tmp_path: Path, content: bytes, *options: str) -> tuple[list[RecordedMessage], str]:
    (tmp_path / "a.cap").write_bytes(content)
    finished = bench("import", str(tmp_path / "a.cap"), "-o", str(tmp_path / "a.jsonl"), *options)
    assert finished.returncode == 0, finished.stderr
    return [read_line(line) for line in (tmp_path / "a.jsonl").read_bytes().splitlines()], finished.stdout


PUBLISHED = [[b"a.%d" % (n // 30 % 3), b'{"n":%d}' % n, bytes(n)] for n in range(0, 3000, 30)]


def publish(sub: zmq.Socket[bytes], pub: zmq.Socket[bytes]) -> None:
    assert pub.recv() == b"\x01a."
    for frames in PUBLISHED:
        pub.send_multipart(frames)
    for frames in PUBLISHED:
        assert sub.recv_multipart() == frames


def test_messages_of_a_publisher_have_their_topics_and_frames(tmp_path: Path) -> None:
    capture = Capture()
    captured(zmq.SUB, zmq.XPUB, publish, capture, lambda sub, pub: sub.subscribe(b"a."))
    for content in (capture.pcap(), capture.pcapng(), capture.pcapng(">"), gzip.compress(capture.pcap())):
        messages, printed = imported(tmp_path, content)
        assert [message.frames for message in messages] == PUBLISHED
        assert [message.topic for message in messages] == [frames[0].decode() for frames in PUBLISHED]
        assert "(SUB to XPUB), ZMTP 3.1 NULL" in printed
        assert "1 subscription" in printed
        assert f"100 messages in {tmp_path / 'a.jsonl'}" in printed
        assert "not captured" not in printed
    times = {at_ns for at_ns, _ in capture.packets}
    assert {message.received_ns for message in messages} <= times
    messages, _ = imported(tmp_path, capture.pcap(), "--topic", "a.1")
    assert {message.topic for message in messages} == {"a.1"}
    assert imported(tmp_path, capture.pcap(), "--connection", "2")[0] == []


def test_requests_and_replies_have_no_delimiter(tmp_path: Path) -> None:
    def ask(req: zmq.Socket[bytes], rep: zmq.Socket[bytes]) -> None:
        req.send_multipart([b"question", b"two"])
        assert rep.recv_multipart() == [b"question", b"two"]
        rep.send(b"")
        assert req.recv() == b""

    capture = Capture()
    captured(zmq.REQ, zmq.REP, ask, capture)
    messages, _ = imported(tmp_path, capture.pcap())
    assert [message.frames for message in messages] == [[b"question", b"two"], [b""]]
    assert [message.source.split()[1] for message in messages] == ["REQ", "REP"]


def test_encrypted_messages_are_told(tmp_path: Path) -> None:
    server_public, server_secret = zmq.curve_keypair()
    public, secret = zmq.curve_keypair()

    def encrypt(push: zmq.Socket[bytes], pull: zmq.Socket[bytes]) -> None:
        push.curve_publickey, push.curve_secretkey, push.curve_serverkey = public, secret, server_public
        pull.curve_secretkey, pull.curve_server = server_secret, True

    def push_one(push: zmq.Socket[bytes], pull: zmq.Socket[bytes]) -> None:
        push.send(b"secret")
        assert pull.recv() == b"secret"

    capture = Capture()
    captured(zmq.PUSH, zmq.PULL, push_one, capture, encrypt)
    messages, printed = imported(tmp_path, capture.pcap())
    assert messages == []
    assert "1 message encrypted with CURVE, which cannot be read" in printed


def test_a_segment_that_was_not_captured_costs_its_message_and_is_told(tmp_path: Path) -> None:
    sent = [b"first", bytes(20_000), b"last"]

    def push_all(push: zmq.Socket[bytes], pull: zmq.Socket[bytes]) -> None:
        for body in sent:
            push.send(body)
            assert pull.recv() == body

    capture = Capture()
    captured(zmq.PUSH, zmq.PULL, push_all, capture)
    large = [place for place, (_, packet) in enumerate(capture.packets) if len(packet) == 1440]
    del capture.packets[large[3]]
    messages, printed = imported(tmp_path, capture.pcap())
    assert [message.frames for message in messages] == [[b"first"], [b"last"]]
    assert "1,400 bytes not captured (lost segments)" in printed
    assert "1 message incomplete for this reason" in printed


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"no capture", "it is no capture: neither pcap nor pcapng"), (None, "cannot be read: No such file")],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "a").write_bytes(content)
    finished = bench("import", str(tmp_path / "a"), "-o", str(tmp_path / "b.jsonl"))
    assert (finished.returncode, message in finished.stderr) == (2, True), finished.stderr
    finished = bench("import", str(tmp_path / "a"), "-o", str(tmp_path / "no" / "b.jsonl"))
    assert finished.returncode == 2
