"""The page about error messages has them as libzmq writes them."""

from __future__ import annotations

import errno

import pytest
import zmq

from tests.docs.pages import DOCS

PAGE = (DOCS / "how-to" / "error-messages.md").read_text()
ERRORS = (
    *("EFSM", "EAGAIN", "EADDRINUSE", "EADDRNOTAVAIL", "ETERM", "ENODEV", "EINVAL", "EPROTONOSUPPORT"),
    *("ENOCOMPATPROTO", "ENOENT", "EACCES", "EMFILE", "ENOTSOCK", "EHOSTUNREACH", "EINTR"),
)


@pytest.mark.parametrize("name", ERRORS)
def test_a_message_has_a_row(name: str) -> None:
    number = int(getattr(zmq, name, 0) or getattr(errno, name))
    assert f"| `{zmq.strerror(number)}` | {name}" in PAGE


def test_a_req_that_sends_twice_gets_this_message() -> None:
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.bind("inproc://nobody-listens")
        with pytest.raises(zmq.ZMQError, match="Operation cannot be accomplished in current state"):
            socket.recv()
