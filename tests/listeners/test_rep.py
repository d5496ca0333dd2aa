"""REP listeners: replies, error replies and dropped replies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import zmq

from bench_app.handlers import LISTENER_KINDS
from bench_app.listeners.rep import RequestReplier
from bench_app.model import ListenerSpec

REP = LISTENER_KINDS["REP"]
WAIT_MS = 5000
NO_ANSWER_MS = 100


class Bench:
    """A plain REQ or DEALER, and the socket of a REP listener."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self._context = context
        self.rep = context.socket(REP.zmq_type)
        self._opened = [self.rep]
        REP.configure(self.rep, ListenerSpec(), b"token")
        self.rep.bind("inproc://rep")
        self.requester = self.connect(zmq.DEALER)

    def connect(self, kind: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.connect("inproc://rep")
        socket.rcvtimeo = WAIT_MS
        self._opened.append(socket)
        return socket

    def close(self) -> None:
        for socket in self._opened:
            socket.close(linger=0)

    def answer(self, replier: RequestReplier, request: list[bytes]) -> bool:
        """Send a request with its envelope, let the replier answer; True if a reply comes."""
        self.requester.send_multipart(request)
        assert self.rep.poll(WAIT_MS)
        replier.answer(self.rep, self.rep.recv_multipart())
        return bool(self.requester.poll(NO_ANSWER_MS))

    def is_answered(self, replier: RequestReplier) -> bool:
        """Whether a request gets a reply; the reply is received."""
        if not self.answer(replier, [b"", b"{}"]):
            return False
        self.requester.recv_multipart()
        return True

    def reply(self, spec: ListenerSpec, body: bytes) -> Any:
        """The reply to one request, decoded."""
        assert self.answer(RequestReplier(spec, 1), [b"", body])
        frames = self.requester.recv_multipart()
        assert frames[0] == b""
        return msgspec.json.decode(frames[1])


@pytest.fixture
def bench() -> Iterator[Bench]:
    with zmq.Context() as context:
        bench = Bench(context)
        yield bench
        bench.close()


@pytest.mark.parametrize("body", [b'{"a":' * 3000, b'{"request_id":' + b"[" * 100_000, b"\xff", b'"\\ud800"', b""])
@pytest.mark.parametrize("fails", [0.0, 1.0])
def test_a_request_that_is_not_json_gets_a_reply_without_an_id(bench: Bench, body: bytes, fails: float) -> None:
    assert bench.reply(ListenerSpec(error_replies=fails), body)["request_id"] is None


def test_the_reply_repeats_the_id_of_the_request(bench: Bench) -> None:
    assert bench.reply(ListenerSpec(), b'{"request_id": [1, "x"]}') == {
        "request_id": [1, "x"],
        "ok": True,
        "result": None,
    }


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"no JSON", b""])
def test_a_request_without_an_id_is_answered(bench: Bench, body: bytes) -> None:
    assert bench.reply(ListenerSpec(), body) == {"request_id": None, "ok": True, "result": None}


def test_the_reply_of_the_spec_is_sent_unchanged(bench: Bench) -> None:
    assert bench.reply(ListenerSpec(reply={"seen": 1}), b'{"request_id": 5}') == {"seen": 1}


def test_an_error_reply_replaces_the_reply_of_the_spec(bench: Bench) -> None:
    spec = ListenerSpec(reply={"seen": 1}, error_replies=1)
    reply = bench.reply(spec, b'{"request_id": 5}')
    assert (reply["request_id"], reply["ok"]) == (5, False)
    assert reply["error"]


def test_a_dropped_reply_never_comes(bench: Bench) -> None:
    replier = RequestReplier(ListenerSpec(drop_replies=1), 1)
    assert not bench.answer(replier, [b"", b"{}"])


def test_shares_are_kept_and_a_seed_repeats_the_draws(bench: Bench) -> None:
    spec = ListenerSpec(drop_replies=0.5)
    draws = []
    for _ in range(2):
        replier = RequestReplier(spec, 3)
        draws.append([bench.is_answered(replier) for _ in range(20)])
    assert draws[0] == draws[1]
    assert 3 <= sum(draws[0]) <= 17


def test_a_changed_spec_holds_for_the_next_request(bench: Bench) -> None:
    replier = RequestReplier(ListenerSpec(drop_replies=1), 1)
    assert not bench.answer(replier, [b"", b"{}"])
    replier.spec = ListenerSpec()
    assert bench.answer(replier, [b"", b"{}"])


def test_a_message_without_an_empty_frame_is_answered_to_its_sender(bench: Bench) -> None:
    replier = RequestReplier(ListenerSpec(), 1)
    assert bench.answer(replier, [b"1", b"2"])
    assert bench.answer(replier, [b""])
    assert bench.requester.recv_multipart() == [b'{"request_id":null,"ok":true,"result":null}']


def test_the_body_follows_the_envelope() -> None:
    replier = RequestReplier(ListenerSpec(), 1)
    assert replier.body_of([b"id", b"", b"1", b"2"]) == [b"1", b"2"]
    assert replier.body_of([b"id", b"hop", b"", b"1"]) == [b"1"]
    assert replier.body_of([b"id", b"1", b"2"]) == [b"1", b"2"]
    assert replier.body_of([b"id", b""]) == []
    assert replier.body_of([b"id"]) == []


def test_a_plain_req_receives_the_reply(bench: Bench) -> None:
    req = bench.connect(zmq.REQ)
    req.send(b'{"request_id": 1}')
    assert bench.rep.poll(WAIT_MS)
    RequestReplier(ListenerSpec(), 1).answer(bench.rep, bench.rep.recv_multipart())
    assert msgspec.json.decode(req.recv())["request_id"] == 1


def test_a_requester_that_reads_no_replies_does_not_block_the_listener() -> None:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    rep = context.socket(REP.zmq_type)
    rep.set_hwm(1)
    rep.bind("inproc://full")
    dealer = context.socket(zmq.DEALER)
    dealer.set_hwm(1)
    dealer.connect("inproc://full")
    replier = RequestReplier(ListenerSpec(), 1)
    for _ in range(20):
        dealer.send_multipart([b"", b"{}"])
        assert rep.poll(WAIT_MS)
        replier.answer(rep, rep.recv_multipart())
    context.destroy(linger=0)
