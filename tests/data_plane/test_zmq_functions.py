"""The table of libzmq's functions refuses to be made of less than all of them."""

from __future__ import annotations

import pytest
import zmq

from bench_app.data_plane import plane
from tests.compiled import compiled

zmq_functions = compiled("zmq_functions")


@pytest.mark.parametrize("name", zmq_functions.NAMES)
def test_a_table_needs_every_function(name: str) -> None:
    addresses = dict.fromkeys(zmq_functions.NAMES, 1)
    zmq_functions.ZmqFunctions(addresses)
    with pytest.raises(ValueError, match=name):
        zmq_functions.ZmqFunctions({**addresses, name: 0})
    del addresses[name]
    with pytest.raises(KeyError, match=name):
        zmq_functions.ZmqFunctions(addresses)


def test_a_message_is_received_with_all_frames() -> None:
    functions = plane.find_plane("compiled").functions
    assert functions is not None
    with zmq.Context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        push.linger = 0
        pull.bind("inproc://frames")
        push.connect("inproc://frames")
        assert functions.receive(pull.underlying) is None
        push.send_multipart([b"a\0b", b"", b"x" * 100])
        push.send(b"")
        assert pull.poll(10_000)
        assert functions.receive(pull.underlying) == (b"a\0b", b"", b"x" * 100)
        assert functions.receive(pull.underlying) == (b"",)
        with pytest.raises(zmq.ZMQError) as it:
            functions.receive(push.underlying)
        assert it.value.errno == zmq.ENOTSUP
