"""Whether ``zmq-bench import`` reads the same messages out of a capture as Wireshark's dissector of ZMTP.

``python -m benchmarks.wireshark zmtp-dissector.lua`` captures PUB, PUSH, REQ and DEALER on loopback, with bodies of 0
to 250,000 bytes, and compares the frames of each sender. It needs root, Debian's package ``tshark``, and the dissector
in Lua of whitequark/zmtp-wireshark, because Wireshark 4.0 has none of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import zmq

from bench_app.captures.connections import Connections
from bench_app.captures.import_capture import import_capture
from bench_app.recording.message import read_line
from benchmarks.relay import free_endpoint

Messages = dict[str, list[list[bytes]]]
"""The messages of each sender, by its number of the connection and its port."""

SIZES = (0, 1, 10, 200, 254, 255, 256, 300, 5_000, 70_000, 250_000)
_SETTLED_S = 2.0
_GREETING, _MORE, _LONG, _COMMAND = 0xFF, 1, 2, 4


def main() -> int:
    """Returns 0 if both read the same messages of each sender."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dissector", type=Path, help="zmtp-dissector.lua")
    parser.add_argument("--rounds", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "traffic.pcapng"
        ports = [free_endpoint().rpartition(":")[2] for _ in range(4)]
        _capture(capture, ports, options.rounds)
        theirs, ours = _of_tshark(capture, ports, options.dissector), _of_import(capture)
    for sender in sorted(theirs | ours):
        is_equal = theirs.get(sender) == ours.get(sender)
        count = len(theirs.get(sender, ()))
        fault = "" if is_equal else "FAULT "
        print(f"{fault}{sender}: {count:,} messages of tshark, {len(ours.get(sender, ())):,} of import")
    return 0 if theirs == ours and theirs else 1


def _capture(path: Path, ports: list[str], rounds: int) -> None:
    wanted = " or ".join(f"tcp port {port}" for port in ports)
    command = ["dumpcap", "-q", "-i", "lo", "-B", "64", "-f", wanted, "-w", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as dumpcap:
        assert dumpcap.stderr is not None
        # It prints the name of the file as soon as it captures.
        while "File:" not in dumpcap.stderr.readline():
            pass
        _exchange([f"tcp://127.0.0.1:{port}" for port in ports], rounds)
        # It takes packets out of its buffer now and then.
        size = -1
        while size != (size := path.stat().st_size):
            time.sleep(_SETTLED_S)
        dumpcap.terminate()


def _exchange(endpoints: list[str], rounds: int) -> None:
    randomly = random.Random(1)

    def body() -> bytes:
        return randomly.randbytes(randomly.choice(SIZES))

    with zmq.Context() as context:
        context.setsockopt(zmq.SNDHWM, 0)
        context.setsockopt(zmq.RCVHWM, 0)
        context.setsockopt(zmq.HEARTBEAT_IVL, 100)
        kinds = ((zmq.XPUB, zmq.SUB), (zmq.PULL, zmq.PUSH), (zmq.REP, zmq.REQ), (zmq.ROUTER, zmq.DEALER))
        bound, connected = [], []
        for endpoint, (binding, connecting) in zip(endpoints, kinds, strict=True):
            bound.append(context.socket(binding))
            connected.append(context.socket(connecting))
            bound[-1].bind(endpoint)
            connected[-1].connect(endpoint)
        (pub, pull, rep, router), (sub, push, req, dealer) = bound, connected
        sub.subscribe(b"a")
        pub.recv()
        for number in range(rounds):
            pub.send_multipart([b"a.%d" % number, body(), body()][: randomly.randint(1, 3)])
            sub.recv_multipart()
            push.send_multipart([body() for _ in range(randomly.randint(1, 3))])
            pull.recv_multipart()
            req.send_multipart([body(), b"request"])
            rep.recv_multipart()
            rep.send_multipart([b"reply", body()])
            req.recv_multipart()
            dealer.send_multipart([b"", body()])
            router.send_multipart([router.recv_multipart()[0], body()])
            dealer.recv_multipart()
        for socket in (*bound, *connected):
            socket.close(linger=0)


def _of_tshark(capture: Path, ports: list[str], dissector: Path) -> Messages:
    decode = [part for port in ports for part in ("-d", f"tcp.port=={port},zmtp")]
    fields = ["-T", "fields", "-e", "tcp.stream", "-e", "tcp.srcport", "-e", "zmtp.frame"]
    command = ["tshark", "-r", str(capture), "-X", f"lua_script:{dissector}", *decode, *fields]
    text = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout
    frames: dict[str, list[bytes]] = defaultdict(list)
    for line in text.splitlines():
        stream, port, found = line.split("\t")
        frames[f"{int(stream) + 1} {port}"] += map(bytes.fromhex, filter(None, found.split(",")))
    return {sender: messages for sender, each in frames.items() if (messages := _joined(each))}


def _joined(frames: Iterable[bytes]) -> list[list[bytes]]:
    """The messages of one sender, from the frames as they were on the wire, greeting and commands included."""
    messages: list[list[bytes]] = []
    parts: list[bytes] = []
    for frame in frames:
        flags = frame[0]
        if flags == _GREETING or flags & _COMMAND:
            continue
        parts.append(frame[9:] if flags & _LONG else frame[2:])
        if not flags & _MORE:
            messages.append(parts)
            parts = []
    return messages


def _of_import(capture: Path) -> Messages:
    recording = capture.with_suffix(".jsonl")
    import_capture(capture, recording, Connections())
    found: Messages = defaultdict(list)
    with recording.open("rb") as file:
        for line in file:
            message = read_line(line)
            number, socket_type, address = message.source.split()
            # A recording has what the program sent. On the wire a request and a reply begin with an empty frame.
            envelope = [b""] if socket_type in ("REQ", "REP") else []
            found[f"{number} {address.rpartition(':')[2]}"].append([*envelope, *message.frames])
    return dict(found)


if __name__ == "__main__":
    sys.exit(main())
