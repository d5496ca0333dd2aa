"""Why a handshake failed: what each event means, and what real sockets with and without CURVE give."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import pytest
import zmq

from bench_app.transport import handshake
from bench_app.transport.connection import ConnectionState
from tests.transport.connections import LIMIT_S, Socket, Watched, listener

SERVER_KEYS, CLIENT_KEYS = zmq.curve_keypair(), zmq.curve_keypair()


def serve_with_curve(socket: Socket) -> None:
    socket.curve_server = True
    socket.curve_publickey, socket.curve_secretkey = SERVER_KEYS


def expect_key(key: bytes) -> Callable[[Socket], None]:
    def prepare(socket: Socket) -> None:
        socket.curve_serverkey = key
        socket.curve_publickey, socket.curve_secretkey = CLIENT_KEYS

    return prepare


@pytest.mark.parametrize(
    ("event", "value", "reason"),
    [
        (zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400, "not authorized (ZAP status 400)"),
        (
            zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
            zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH,
            "the two sides use different security (CURVE, PLAIN or none)",
        ),
        (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC, "the CURVE keys do not match"),
        (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, 0x10000000, "protocol error 0x10000000"),
        *(
            (
                zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
                number,
                "the other side hung up (another CURVE key is expected, or no ZeroMQ there)",
            )
            for number in (errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED)
        ),
        (zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)),
    ],
)
def test_an_event_gives_its_reason(event: int, value: int, reason: str) -> None:
    assert handshake.failure_of(event, value) == f"the handshake failed: {reason}"


def test_any_other_event_has_no_reason() -> None:
    failures = {event for event in zmq.Event if "HANDSHAKE_FAILED" in str(event.name)}
    assert len(failures) == 3
    assert [event for event in zmq.Event if event not in failures and handshake.failure_of(event, 111)] == []


def test_libzmq_does_not_try_again_after_a_final_refusal() -> None:
    assert {zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL} == handshake.FINAL


def test_a_wrong_curve_key_is_given_up_and_reported_once(
    watch: Callable[..., Watched], context: zmq.Context[Socket]
) -> None:
    with context.socket(zmq.PULL) as pull:
        serve_with_curve(pull)
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        watched = watch(f"tcp://127.0.0.1:{port}", 10, prepare=expect_key(CLIENT_KEYS[0]))
        watched.drain_until(lambda: watched.tracker.gave_up)
    # The server hangs up. Which error libzmq reports depends on how far the handshake got.
    assert len(watched.messages) <= 3
    assert "the limit of 10 attempts is reached; the handshake failed: the other side hung up" in watched.messages[-1]


def test_curve_against_none_is_refused(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    pull, port = listener(context)
    with pull:
        watched = watch(f"tcp://127.0.0.1:{port}", prepare=expect_key(SERVER_KEYS[0]))
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.FAILED)
    assert watched.messages == [
        f"handshake refused by tcp://127.0.0.1:{port} "
        "(the handshake failed: the two sides use different security (CURVE, PLAIN or none))"
    ]
    assert watched.tracker.label == "refused"


def test_a_peer_that_is_not_authorized_is_refused(watch: Callable[..., Watched], context: zmq.Context[Socket]) -> None:
    authenticator = context.socket(zmq.REP)
    authenticator.bind("inproc://zeromq.zap.01")
    with authenticator, context.socket(zmq.PULL) as pull:
        pull.zap_domain = b"bench"
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        watched = watch(f"tcp://127.0.0.1:{port}")
        assert authenticator.poll(int(LIMIT_S * 1000))
        version, request = authenticator.recv_multipart()[:2]
        authenticator.send_multipart([version, request, b"400", b"no", b"", b""])
        watched.drain_until(lambda: watched.tracker.state is ConnectionState.FAILED)
    assert "not authorized (ZAP status 400)" in watched.messages[-1]
