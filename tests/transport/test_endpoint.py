import sys

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import InputError, UriError
from bench_app.transport.endpoint import Endpoint, binds, on_loopback, parse_listener_endpoint, parse_uri

LONGEST_IPC = "/" + "x" * (zmq.IPC_PATH_MAX_LEN - 1)


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("zmq://tcp://*:5555", Endpoint("tcp", "*", 5555)),
        ("zmq://tcp://localhost:5555", Endpoint("tcp", "localhost", 5555)),
        ("zmq://tcp://analytics-server:5556", Endpoint("tcp", "analytics-server", 5556)),
        ("zmq://tcp://work_queue.example.org.:1", Endpoint("tcp", "work_queue.example.org.", 1)),
        ("zmq://tcp://10.0.0.1:65535", Endpoint("tcp", "10.0.0.1", 65535)),
        ("zmq://tcp://0.0.0.0:*", Endpoint("tcp", "0.0.0.0", None)),
        ("zmq://tcp://*:0", Endpoint("tcp", "*", None)),
        ("zmq://tcp://[::]:5555", Endpoint("tcp", "[::]", 5555)),
        ("zmq://tcp://[fe80::1%eth0]:5555", Endpoint("tcp", "[fe80::1%eth0]", 5555)),
        ("zmq://ipc:///tmp/analytics.ipc", Endpoint("ipc", "/tmp/analytics.ipc")),
        (f"zmq://ipc://{LONGEST_IPC}", Endpoint("ipc", LONGEST_IPC)),
        ("zmq://inproc://analytics", Endpoint("inproc", "analytics")),
        ("zmq://inproc://" + "n" * 255, Endpoint("inproc", "n" * 255)),
    ],
)
def test_a_uri_that_libzmq_can_use_is_read(text: str, endpoint: Endpoint) -> None:
    assert parse_uri(text) == endpoint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "begins with zmq://"),
        ("tcp://*:5555", "begins with zmq://"),
        ("ZMQ://tcp://*:5555", "begins with zmq://"),
        (" zmq://tcp://*:5555", "begins with zmq://"),
        ("zmq://", "a transport and an address"),
        ("zmq://*:5555", "a transport and an address"),
        ("zmq://udp://*:5555", "one of the transports"),
        ("zmq://TCP://*:5555", "one of the transports"),
        ("zmq://tcp://localhost", "a port"),
        ("zmq://tcp://[::1]", "a port"),
        ("zmq://tcp://localhost:", "a port from 0 to 65535"),
        ("zmq://tcp://localhost:99999", "a port from 0 to 65535"),
        ("zmq://tcp://localhost:-1", "a port from 0 to 65535"),
        ("zmq://tcp://localhost:http", "a port from 0 to 65535"),
        ("zmq://tcp://localhost:5555/", "a port from 0 to 65535"),
        ("zmq://tcp://localhost:٥٥٥٥", "a port from 0 to 65535"),
        ("zmq://tcp://:5555", "a host name"),
        ("zmq://tcp://::1:5555", "a host name"),
        ("zmq://tcp://[::g]:5555", "a host name"),
        ("zmq://tcp://300.1.1.1:5555", "a host name"),
        ("zmq://tcp://a..b:5555", "a host name"),
        ("zmq://tcp://-a:5555", "a host name"),
        ("zmq://tcp://" + "a" * 254 + ":5555", "a host name"),
        ("zmq://tcp://local host:5555", "without blanks"),
        ("zmq://tcp://localhost:5555\n", "without blanks"),
        ("zmq://ipc:///tmp/a\0b", "without blanks"),
        ("zmq://ipc:///tmp/\ud800", "without blanks"),
        ("zmq://ipc://", "absolute path"),
        ("zmq://ipc://./analytics.ipc", "absolute path"),
        ("zmq://ipc://analytics.ipc", "absolute path"),
        ("zmq://ipc://*", "absolute path"),
        ("zmq://ipc:///tmp/", "absolute path"),
        (f"zmq://ipc://{LONGEST_IPC}x", f"at most {zmq.IPC_PATH_MAX_LEN} bytes"),
        ("zmq://ipc:///" + "é" * 54, f"at most {zmq.IPC_PATH_MAX_LEN} bytes; this one has 109"),
        ("zmq://inproc://", "a name"),
        ("zmq://inproc://" + "n" * 256, "at most 255 bytes"),
    ],
)
def test_a_refused_uri_names_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(UriError) as caught:
        parse_uri(text)
    assert expected in caught.value.expected
    assert isinstance(caught.value, InputError)
    assert caught.value.uri == text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="abstract names exist on Linux only")
def test_abstract_names_on_linux() -> None:
    assert parse_uri("zmq://ipc://@bench") == Endpoint("ipc", "@bench")
    with pytest.raises(UriError, match="a name after the @"):
        parse_uri("zmq://ipc://@")


def test_abstract_names_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    parse_uri.cache_clear()
    with pytest.raises(UriError, match="on Linux only"):
        parse_uri("zmq://ipc://@bench")


@pytest.mark.parametrize("text", ["tcp://*:5555", "tcp://[::1]:*", "ipc:///tmp/a.ipc", "inproc://analytics"])
def test_an_endpoint_is_written_as_libzmq_reads_it(text: str) -> None:
    endpoint = parse_uri(f"zmq://{text}")
    assert str(endpoint) == text
    assert parse_uri(endpoint.uri) == endpoint


@given(st.text())
def test_any_text_is_an_endpoint_or_an_error_with_a_message(text: str) -> None:
    for candidate in (text, f"zmq://tcp://{text}", f"zmq://ipc://{text}", f"zmq://inproc://{text}"):
        try:
            endpoint = parse_uri(candidate)
        except UriError as error:
            assert error.expected
        else:
            assert parse_uri(endpoint.uri) == endpoint


@pytest.mark.parametrize(
    ("uri", "pub", "push", "req"),
    [
        ("zmq://tcp://*:5555", True, True, True),
        ("zmq://tcp://0.0.0.0:5555", True, True, True),
        ("zmq://tcp://[::]:5555", True, True, True),
        ("zmq://tcp://[0::0]:5555", True, True, True),
        ("zmq://tcp://localhost:5555", False, False, False),
        ("zmq://tcp://127.0.0.1:5555", False, False, False),
        ("zmq://ipc:///tmp/a.ipc", True, False, False),
        ("zmq://inproc://a", True, False, False),
    ],
)
def test_bind_or_connect(uri: str, pub: bool, push: bool, req: bool) -> None:
    endpoint = parse_uri(uri)
    assert [binds(endpoint, "auto", kind) for kind in ("PUB", "PUSH", "REQ")] == [pub, push, req]
    assert all(binds(endpoint, "bind", kind) for kind in ("PUB", "PUSH", "REQ"))
    assert not any(binds(endpoint, "connect", kind) for kind in ("PUB", "PUSH", "REQ"))


@pytest.mark.parametrize(
    ("uri", "replacement"),
    [
        ("zmq://tcp://work-queue:5556", "tcp://127.0.0.1:5556"),
        ("zmq://tcp://*:5555", "tcp://127.0.0.1:5555"),
        ("zmq://tcp://[::]:*", "tcp://127.0.0.1:*"),
        ("zmq://tcp://localhost:5555", "tcp://127.0.0.1:5555"),
        ("zmq://tcp://[::1]:5555", "tcp://127.0.0.1:5555"),
        ("zmq://tcp://127.0.0.2:5555", "tcp://127.0.0.2:5555"),
        ("zmq://tcp://127.example.org:5555", "tcp://127.0.0.1:5555"),
        ("zmq://ipc:///tmp/a.ipc", "ipc:///tmp/a.ipc"),
        ("zmq://inproc://a", "inproc://a"),
    ],
)
def test_loopback_replacement(uri: str, replacement: str) -> None:
    assert str(on_loopback(parse_uri(uri))) == replacement


@pytest.mark.parametrize(
    ("text", "endpoint", "binding"),
    [
        ("tcp://127.0.0.1:7000", "tcp://127.0.0.1:7000", None),
        ("zmq://tcp://127.0.0.1:7000", "tcp://127.0.0.1:7000", None),
        ("bind:tcp://*:*", "tcp://*:*", True),
        ("connect:zmq://ipc:///tmp/a.ipc", "ipc:///tmp/a.ipc", False),
        ("connect:inproc://*", "inproc://*", False),
    ],
)
def test_listener_endpoint(text: str, endpoint: str, binding: bool | None) -> None:
    parsed, binds_itself = parse_listener_endpoint(text)
    assert (str(parsed), binds_itself) == (endpoint, binding)


@pytest.mark.parametrize("text", ["", "bind:", "listen:tcp://a:1", "connect:tcp://a:*", "connect:tcp://*:1", "tcp://a"])
def test_listener_endpoint_refused(text: str) -> None:
    with pytest.raises(UriError):
        parse_listener_endpoint(text)


@pytest.mark.skipif(not zmq.has("ipc"), reason="no ipc here")
def test_libzmq_refuses_a_path_one_byte_longer() -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as socket, pytest.raises(zmq.ZMQError) as caught:
        socket.bind(f"ipc://{LONGEST_IPC}x")
    # pyzmq says so only for ENAMETOOLONG. Its error may have lost the number by then.
    assert "is longer than" in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "is_open"),
    [
        ("zmq://tcp://*:5555", True),
        ("zmq://tcp://0.0.0.0:*", True),
        ("zmq://tcp://[::]:5555", True),
        ("zmq://tcp://192.168.1.5:5555", True),
        ("zmq://tcp://eth0:5555", True),
        ("zmq://tcp://127.0.0.1:5555", False),
        ("zmq://tcp://127.1.2.3:5555", False),
        ("zmq://tcp://[::1]:5555", False),
        ("zmq://tcp://localhost:5555", False),
        ("zmq://ipc:///tmp/x", False),
        ("zmq://inproc://x", False),
    ],
)
def test_only_addresses_beyond_loopback_are_open_to_the_network(uri: str, is_open: bool) -> None:
    assert parse_uri(uri).is_open_to_network is is_open


@pytest.mark.parametrize(
    ("uri", "binds", "opens"),
    [
        ("tcp://*:5555", None, True),
        ("tcp://*:5555", True, True),
        ("tcp://eth0:*", None, True),
        ("tcp://eth0:5555", None, False),
        ("tcp://eth0:5555", True, True),
        ("tcp://eth0:5555", False, False),
        ("tcp://127.0.0.1:*", None, False),
        ("tcp://127.0.0.1:5555", True, False),
        ("ipc:///tmp/x", None, False),
        ("ipc:///tmp/x", True, False),
    ],
)
def test_only_a_socket_that_binds_opens_this_machine_to_others(uri: str, binds: bool | None, opens: bool) -> None:
    assert parse_uri(f"zmq://{uri}").opens_to_network(binds) is opens
