"""Transport, address, host and port of an endpoint's text."""

from __future__ import annotations

import pytest

from bench_app.transport.endpoint_parts import EndpointParts, ipc_path, is_inproc, parts_of, unix_address


@pytest.mark.parametrize(
    ("endpoint", "parts"),
    [
        ("tcp://127.0.0.1:5555", EndpointParts("tcp", "127.0.0.1:5555", "127.0.0.1", "5555")),
        ("tcp://[::1]:*", EndpointParts("tcp", "[::1]:*", "[::1]", "*")),
        ("ipc:///tmp/a:1", EndpointParts("ipc", "/tmp/a:1")),
        ("inproc://name", EndpointParts("inproc", "name")),
    ],
)
def test_the_parts_of_an_endpoint(endpoint: str, parts: EndpointParts) -> None:
    assert parts_of(endpoint) == parts
    assert is_inproc(endpoint) == (parts.transport == "inproc")
    assert ipc_path(endpoint) == (parts.address if parts.transport == "ipc" else None)


def test_an_abstract_name_begins_with_a_zero_byte_for_the_system() -> None:
    assert (unix_address("/tmp/a"), unix_address("@a")) == ("/tmp/a", "\0a")
