"""The file that users copy into their consumer: it finds the stamp, keeps receipts in order, and never waits."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from bench_app import Receipts, receipts
from bench_app.transport import stamp
from tests.library import until

IDENTITY = stamp.Identity(7, 1)


def body(number: int = 1) -> bytes:
    text = stamp.wrap(IDENTITY, b'{"a": "\xc3\xa4"}')
    text[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(number, 20, 30)
    return bytes(text)


def text_of(number: int = 1) -> bytes:
    return IDENTITY.text + stamp.times(number, 20, 30)


@pytest.fixture
def bench() -> Iterator[zmq.Socket[bytes]]:
    """The socket at which a bench awaits receipts."""
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.linger = 0
        socket.rcvtimeo = 60_000
        socket.bind("tcp://127.0.0.1:*")
        yield socket


def received(bench: zmq.Socket[bytes], amount: int) -> list[bytes]:
    lines: list[bytes] = []
    while len(lines) < amount:
        head, text = bench.recv_multipart()
        assert head.startswith(receipts.FORMAT + b" ")
        lines += text.split(b"\n")
    return lines


def test_it_needs_the_standard_library_and_pyzmq_only() -> None:
    tree = ast.parse(Path(receipts.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"zmq"}


def test_its_stamp_is_that_of_the_bench() -> None:
    assert receipts.STAMP.fullmatch(text_of())
    assert len(text_of()) == stamp.TEXT_LENGTH


@pytest.mark.parametrize(
    ("message", "size"),
    [
        (body(), len(body())),
        (bytearray(body()), len(body())),
        (memoryview(body()), len(body())),
        (body().decode(), len(body())),
        (zmq.Frame(body()), len(body())),
        ([b"topic", body()], 5 + len(body())),
        ((b"topic", b'{"a": 1}', text_of()), 5 + 8 + stamp.TEXT_LENGTH),
        (b"topic " + body(), 6 + len(body())),
        (json.loads(body()), 0),
    ],
    ids=["bytes", "bytearray", "memoryview", "str", "frame", "frames", "stamp frame", "joined", "object"],
)
def test_it_finds_the_stamp_in_every_form_of_a_message(bench: zmq.Socket[bytes], message: object, size: int) -> None:
    with Receipts(bench.last_endpoint.decode()) as sender:
        assert sender.seen(message)
        (line,) = received(bench, 1)
    found, arrived_ns, sent_size = line.split(b" ")
    assert (found, int(sent_size)) == (text_of(), size)
    assert int(arrived_ns) > 0


@pytest.mark.parametrize(
    "message", [b"", b"no stamp", "", [], {"a": 1}, {"_bench": "1-x"}, {"_bench": 7}, [b"a", b"b"]]
)
def test_a_message_without_a_stamp_has_no_receipt(bench: zmq.Socket[bytes], message: object) -> None:
    with Receipts(bench.last_endpoint.decode()) as sender:
        assert not sender.seen(message)
        assert sender.unstamped == 1


def test_closing_sends_what_waits_and_the_order_stays(bench: zmq.Socket[bytes]) -> None:
    with Receipts(bench.last_endpoint.decode()) as sender:
        for number in range(1, 25_001):
            sender.seen(body(number))
    assert sender.sent == 25_000
    assert [line.split()[0] for line in received(bench, 25_000)] == [text_of(n) for n in range(1, 25_001)]


def test_without_a_bench_it_keeps_so_many_and_then_says_how_many_it_dropped(
    bench: zmq.Socket[bytes], tmp_path: Path
) -> None:
    # A tcp port that nobody has bound yet may be another's when the bench binds it. A path of this test is its own.
    endpoint = f"ipc://{tmp_path}/receipts"
    with Receipts(endpoint, most_kept=10) as sender:
        for number in range(1, 16):
            sender.seen(body(number))
        assert sender.dropped == 5
        bench.bind(endpoint)
        assert [line.split()[0] for line in received(bench, 10)] == [text_of(n) for n in range(1, 11)]
        # Until then they count as kept, and there is no room for one more.
        until(lambda: sender.sent == 10)
        sender.seen(body(20))
        head, _ = bench.recv_multipart()
    assert head.split(b" ")[3] == b"5"


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        Receipts("nowhere")


def test_a_second_close_does_nothing(bench: zmq.Socket[bytes]) -> None:
    sender = Receipts(bench.last_endpoint.decode())
    sender.close()
    sender.close()
