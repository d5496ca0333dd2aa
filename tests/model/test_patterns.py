"""The patterns: one entry for each socket type, and facts that agree with each other."""

from __future__ import annotations

from typing import get_args

import pytest

from bench_app.model import PATTERNS, Delivery, HandlerConfig, ListenerType, Pattern, SocketType, pattern_of

EVERY = pytest.mark.parametrize("pattern", PATTERNS.values(), ids=lambda pattern: pattern.socket_type)


def test_every_socket_type_that_a_preset_may_name_has_a_pattern() -> None:
    assert tuple(PATTERNS) == get_args(SocketType)
    assert tuple(pattern.listener_type for pattern in PATTERNS.values()) == get_args(ListenerType)


@EVERY
def test_a_pattern_is_found_by_the_type_of_either_end(pattern: Pattern) -> None:
    assert pattern_of(pattern.socket_type) is pattern
    assert pattern_of(pattern.listener_type) is pattern
    assert HandlerConfig(socket_type=pattern.socket_type).pattern is pattern


def test_an_unknown_type_has_no_pattern() -> None:
    with pytest.raises(KeyError):
        pattern_of("PAIR")


@EVERY
def test_only_one_kind_of_delivery_holds(pattern: Pattern) -> None:
    assert pattern.each_gets_all is (pattern.delivery is Delivery.EACH)
    assert pattern.gets_replies is (pattern.delivery is Delivery.REQUEST)
    assert not (pattern.each_gets_all and pattern.gets_replies)


def test_each_way_of_delivery_is_used() -> None:
    assert {pattern.delivery for pattern in PATTERNS.values()} == set(Delivery)


@EVERY
def test_who_joins_late_is_known_where_every_listener_should_get_all(pattern: Pattern) -> None:
    assert pattern.knows_subscribers or not pattern.sends_topic
