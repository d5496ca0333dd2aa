"""The port of a handler that connects to nobody."""

from __future__ import annotations

import socket

import pytest

from bench_app.engine.free_port import at_free_port
from bench_app.engine.plan import HandlerPlan, make_plan
from bench_app.preset import documents
from tests.runs import preset


def planned(uri: str, **bench: object) -> HandlerPlan:
    raw = preset({"socket_type": "PUSH"}, uri=uri, handler=bench)
    return make_plan(documents.parse(raw, "test").preset).handlers[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_nobody_listens_at_the_port(host: str) -> None:
    endpoint = at_free_port(planned(f"zmq://tcp://{host}:*", paired=False)).endpoint
    assert endpoint.port
    with socket.socket(socket.AF_INET6 if endpoint.ipv6 else socket.AF_INET) as peer:
        peer.bind((host.strip("[]"), endpoint.port))


@pytest.mark.parametrize(
    ("uri", "bench"),
    [
        ("zmq://tcp://127.0.0.1:*", {}),
        ("zmq://tcp://127.0.0.1:5978", {"paired": False}),
        ("zmq://tcp://127.0.0.1:*", {"paired": False, "mode": "bind"}),
    ],
)
def test_other_handlers_keep_their_port(uri: str, bench: dict[str, object]) -> None:
    plan = planned(uri, **bench)
    assert at_free_port(plan) == plan
