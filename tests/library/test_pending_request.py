"""Requests and their replies: whom a reply reaches, what a failure says, and that no reply answers another request."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app import Message, Output, OutputHandler, ZmqClient
from bench_app.errors import RequestError, RequestTimeoutError, UsageError
from bench_app.handlers.request_end import RequestEnd, RequestOutcome
from bench_app.library.pending_request import PendingRequest, PendingRequests, failure_of, reply_of
from tests.library import until
from tests.library.ends import NOWHERE, listening

QUICK = {"socket_type": "REQ", "linger": 0}


@contextmanager
def requester(uri: str, **config: Any) -> Iterator[OutputHandler]:
    """A REQ handler."""
    with Output("o") as output:
        yield output.add_handler("ask", uri, "requests", QUICK | config)


@contextmanager
def serving(answer: Callable[[zmq.Socket[bytes], list[bytes]], None]) -> Iterator[str]:
    """A ROUTER in a thread of its own, which passes each request to ``answer``."""
    stop = threading.Event()
    with listening(zmq.ROUTER) as (router, uri):

        def serve() -> None:
            while not stop.is_set():
                if router.poll(5):
                    answer(router, router.recv_multipart())

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield uri
        finally:
            stop.set()
            server.join()


def echo(router: zmq.Socket[bytes], frames: list[bytes]) -> None:
    router.send_multipart(frames)


def ignore(router: zmq.Socket[bytes], frames: list[bytes]) -> None:
    """Never answer."""


def test_a_request_gets_its_reply_with_its_id() -> None:
    with serving(echo) as uri, requester(uri) as handler:
        for number in (1, 2, 3):
            reply = handler.request({"n": number})
            assert (reply.value, reply.request_id) == ({"n": number}, number)
        pending = [handler.start_request(number) for number in range(5)]
        assert [one.result(10).value for one in pending] == list(range(5))
        assert [one.request_id for one in pending] == [4, 5, 6, 7, 8]


def test_a_request_without_a_reply_fails_after_its_last_attempt() -> None:
    with serving(ignore) as uri, requester(uri, request_timeout=20, retries=2) as handler:
        with pytest.raises(
            RequestTimeoutError, match=r"ask: request 1 got no reply within \d+\.\d+ s \(3 attempts\)"
        ) as it:
            handler.request(1)
        assert (it.value.request_id, it.value.attempts) == (1, 3)
        assert it.value.elapsed_s >= 0.06
        assert handler.stats.request_timeout == 1


def test_the_callers_own_time_limit_frees_the_handler_for_the_next_request() -> None:
    silent = threading.Event()

    def answer(router: zmq.Socket[bytes], frames: list[bytes]) -> None:
        if silent.is_set():
            echo(router, frames)

    with serving(answer) as uri, requester(uri, request_timeout=60_000) as handler:
        in_flight, queued = [handler.start_request(name) for name in ("in flight", "queued")]
        until(lambda: handler.stats.in_flight == 1)
        with pytest.raises(RequestTimeoutError, match="never sent"):
            queued.result(0)
        with pytest.raises(RequestTimeoutError, match="1 attempt"):
            in_flight.result(0)
        silent.set()
        assert handler.request("answered", 10).value == "answered"
        assert handler.flush(10)
        stats = handler.stats
    assert (stats.replied, stats.request_timeout, stats.aborted, stats.in_flight) == (1, 1, 1, 0)


def test_a_request_that_cannot_be_sent_says_why() -> None:
    with requester(NOWHERE, queue_size=1, send_timeout=-1, request_timeout=60_000) as handler:
        # The socket takes one request, and the queue takes one.
        pending = [handler.start_request(1)]
        until(lambda: handler.stats.in_flight == 1)
        pending.append(handler.start_request(2))
        with pytest.raises(RequestError, match="not taken: the queue is full"):
            handler.start_request(3)
        handler.close()
        for one in pending:
            with pytest.raises(RequestError, match="was closed, or gave up") as it:
                one.result(10)
            assert not isinstance(it.value, RequestTimeoutError)


def test_only_a_req_sends_requests_and_no_callback_waits_for_one() -> None:
    with Output("o") as output, pytest.raises(UsageError, match="only a REQ"):
        output.add_handler("push", NOWHERE, "events", {"linger": 0}).request(1)
    raised: list[Exception] = []
    with serving(echo) as uri, requester(uri) as handler:

        def ask_again(_: object) -> None:
            try:
                handler.request(2)
            except UsageError as error:
                raised.append(error)

        handler.on_reply = ask_again
        handler.write(1)
        until(lambda: bool(raised))
    assert "a callback cannot wait" in str(raised[0])


def test_callbacks_get_replies_and_failures_of_written_requests_only() -> None:
    answered: list[Message] = []
    failed: list[RequestError] = []
    with serving(ignore) as uri, requester(uri, request_timeout=20, retries=0) as handler:
        handler.on_reply_message, handler.on_timeout = answered.append, failed.append
        handler.write("silent")
        until(lambda: len(failed) == 1)
        with pytest.raises(RequestTimeoutError):
            handler.request("asked")
    assert [(type(error), error.request_id, error.attempts) for error in failed] == [(RequestTimeoutError, 1, 1)]
    with serving(echo) as uri, requester(uri, request_timeout=60_000) as handler:
        handler.on_reply_message, handler.on_timeout = answered.append, failed.append
        assert handler.request("asked").value == "asked"
        handler.write("written")
        until(lambda: len(answered) == 1)
    assert [(reply.value, reply.request_id) for reply in answered] == [("written", 2)]
    assert len(failed) == 1


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 1))
def test_no_reply_answers_another_request(seed: int, retries: int) -> None:
    """The server is late at random, so that many replies come while a later request is under way."""
    delays = random.Random(seed)
    due: list[tuple[float, list[bytes]]] = []
    stop = threading.Event()
    outcomes = {"replied": 0, "failed": 0}
    with listening(zmq.ROUTER) as (router, uri):

        def serve() -> None:
            while not stop.is_set():
                if router.poll(1):
                    due.append((time.monotonic() + delays.choice((0, 0.004, 0.009, 0.03)), router.recv_multipart()))
                for one in [one for one in due if one[0] <= time.monotonic()]:
                    due.remove(one)
                    router.send_multipart(one[1])

        server = threading.Thread(target=serve)
        server.start()
        with ZmqClient("ask", QUICK | {"request_timeout": 8, "retries": retries}) as client:
            client.connect(uri)
            for number in range(1, 21):
                try:
                    if delays.random() < 0.5:
                        reply: Message | None = client.request(number, delays.choice((None, 0.004)))
                    else:
                        client.write_message("", number)
                        reply = client.read_message()
                except RequestTimeoutError as error:
                    assert error.request_id == number
                    outcomes["failed"] += 1
                else:
                    assert reply is not None
                    assert (reply.value, reply.request_id) == (number, number)
                    outcomes["replied"] += 1
        stop.set()
        server.join()
    assert sum(outcomes.values()) == 20


def test_ends_become_replies_and_failures() -> None:
    reply = reply_of(RequestEnd(4, RequestOutcome.REPLIED, 1, 5, (b"envelope", b"[1]")))
    assert (reply.value, reply.raw, reply.frames, reply.request_id) == ([1], b"[1]", (b"envelope", b"[1]"), 5)
    assert "send_timeout" in str(failure_of("h", RequestEnd(0, RequestOutcome.NOT_SENT)))
    once = failure_of("h", RequestEnd(0, RequestOutcome.NO_REPLY, 1, 5_000_000_000))
    assert str(once) == "h: request 1 got no reply within 5.000 s (1 attempt)"


def test_no_caller_waits_once_the_handler_has_ended() -> None:
    pending, one = PendingRequests(), PendingRequest("h", 1, lambda: 0)
    pending.add(one)
    assert not pending.settle("h", RequestEnd(7, RequestOutcome.ABORTED))
    pending.abort_all("h")
    with pytest.raises(RequestError, match="was closed"):
        one.result(10)
    assert one.withdraw() == 0


def test_a_reply_that_comes_at_the_end_of_the_time_is_not_lost() -> None:
    pending, one = PendingRequests(), PendingRequest("h", 1, lambda: 1)
    with pytest.raises(RequestTimeoutError, match="1 attempt"):
        one.late_result()
    pending.add(one)
    assert pending.settle("h", RequestEnd(0, RequestOutcome.REPLIED, 1, 5, (b"7",)))
    assert one.late_result().value == 7
