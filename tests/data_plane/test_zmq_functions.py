"""The table of libzmq's functions refuses to be made of less than all of them."""

from __future__ import annotations

import pytest

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
