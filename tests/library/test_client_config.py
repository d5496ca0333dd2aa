"""A client's settings: those of a handler, uri and mode."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench_app.library.client_config import ClientConfig, is_listener
from bench_app.model import PATTERNS, HandlerBench, HandlerConfig, ListenerSpec, Pattern
from bench_app.model.key_info import Group
from bench_app.model.keys import form_keys

CONNECTION = set(form_keys(HandlerBench, Group.CONNECTION))


def test_a_client_has_every_key_of_a_handler_and_uri_and_mode() -> None:
    added = set(ClientConfig.__struct_fields__) - set(HandlerConfig.__struct_fields__)
    assert added == {"uri", "mode", "framing"} | CONNECTION
    assert "heartbeat_interval" in CONNECTION


def test_the_connection_keys_reach_handler_and_listener() -> None:
    keys = {"heartbeat_interval": 2000, "heartbeat_timeout": 1500, "send_buffer": 4096, "tcp_keepalive": "on"}
    for made in (ClientConfig(**keys).for_handler_bench, ClientConfig(**keys).for_listener):  # type: ignore[arg-type]
        plain = msgspec.to_builtins(made)
        assert {name: plain[name] for name in keys} == keys
    assert ClientConfig().for_listener == ListenerSpec()
    assert ClientConfig(max_message_size=7).for_listener.max_message_size == 7


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"heartbeat_timeout": 5}, ["heartbeat_timeout"]),
        ({"immediate": True, "no_drop": True}, ["immediate", "no_drop"]),
        ({"conflate": True}, ["conflate"]),
        ({"conflate": True, "framing": "joined"}, []),
        ({"socket_type": "PUB", "conflate": True}, ["conflate"]),
        ({"socket_type": "PUB", "no_drop": True}, []),
        ({"socket_type": "PUSH", "immediate": True, "conflate": True}, []),
        ({"socket_type": "REP", "conflate": True}, ["conflate"]),
        ({"reconnect_interval_max": 10, "socket_type": "PUSH"}, ["reconnect_interval_max"]),
    ],
)
def test_keys_that_contradict_each_other_are_faults(keys: dict[str, Any], named: list[str]) -> None:
    assert [fault.path for fault in ClientConfig(**keys).faults()] == [f"config.{name}" for name in named]


def test_a_client_reads_by_default() -> None:
    assert ClientConfig().socket_type == "SUB"


def test_the_handler_gets_all_keys_that_it_has() -> None:
    config = ClientConfig(socket_type="REQ", uri="zmq://tcp://a:1", linger=7, high_water_mark=3, retries=9)
    handler = config.for_handler
    assert type(handler) is HandlerConfig
    plain = msgspec.to_builtins(config)
    assert msgspec.to_builtins(handler) == {key: plain[key] for key in HandlerConfig.__struct_fields__}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=lambda pattern: pattern.socket_type)
def test_the_listeners_end_of_a_pattern_receives(pattern: Pattern) -> None:
    assert is_listener(pattern.listener_type) and not is_listener(pattern.socket_type)
    assert ClientConfig(socket_type=pattern.listener_type).pattern is pattern
