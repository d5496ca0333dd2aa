"""A client's settings: those of a handler, uri and mode."""

from __future__ import annotations

import msgspec
import pytest

from bench_app.library.client_config import ClientConfig, is_listener
from bench_app.model import PATTERNS, HandlerConfig, Pattern


def test_a_client_has_every_key_of_a_handler_and_uri_and_mode() -> None:
    added = set(ClientConfig.__struct_fields__) - set(HandlerConfig.__struct_fields__)
    assert added == {"uri", "mode"}


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
