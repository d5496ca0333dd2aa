from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench_app.engine.control.messages import unit_identity
from bench_app.engine.plan import plan_handlers
from bench_app.errors import EngineError
from bench_app.measure.counters import read_counters
from bench_app.preset import documents
from tests.engine.units import a_roster
from tests.runs import preset


def two_handlers() -> dict[str, Any]:
    raw = preset({"socket_type": "PUSH"}, listeners=[{"name": "a"}, {"name": "b"}])
    raw["output"]["handlers"]["other"] = raw["output"]["handlers"]["h"]
    return raw


def test_every_unit_has_a_name_in_messages_and_counters_that_begin_at_0(tmp_path: Path) -> None:
    roster = a_roster(tmp_path, two_handlers())
    assert list(roster.handlers) == ["h", "other"]
    assert list(roster.units) == [
        "handler-1",
        "handler-1/listener-1",
        "handler-1/listener-2",
        "handler-2",
        "handler-2/listener-1",
    ]
    files = [unit.counters_file for unit in roster.units.values()]
    assert len(set(files)) == len(files)
    assert all(not any(read_counters(file).values()) for file in files)
    assert all(file.parent == tmp_path for file in files)


def test_handlers_come_with_their_listeners_in_the_order_of_the_preset(tmp_path: Path) -> None:
    roster = a_roster(tmp_path, two_handlers())
    handler, other = roster.handlers.values()
    assert [one.plan.name for one in roster.listeners_of(handler)] == ["a", "b"]
    assert roster.units_of([other, handler]) == [
        other,
        *roster.listeners_of(other),
        handler,
        *roster.listeners_of(handler),
    ]


def test_a_handler_that_departs_keeps_its_place_and_leaves_its_name_to_a_successor(tmp_path: Path) -> None:
    roster = a_roster(tmp_path, two_handlers())
    handler = roster.handlers["h"]
    roster.depart(handler, 1.25)
    assert list(roster.handlers) == ["h (until 1.2 s)", "other"]
    assert list(roster.present) == ["other"]
    preset_ = documents.parse(two_handlers(), "test").preset
    (plan,) = plan_handlers(preset_, {"h": roster.highest_number + 1})
    successor = roster.add(plan, tmp_path, tmp_path, joined_s=1.25)
    assert list(roster.handlers) == ["h (until 1.2 s)", "other", "h"]
    assert roster.handlers["h"] is successor is not handler
    assert successor.joined_s == 1.25
    assert roster.listeners_of(successor)[0] is not roster.listeners_of(handler)[0]


def test_two_departures_at_one_time_have_different_names(tmp_path: Path) -> None:
    roster = a_roster(tmp_path)
    preset_ = documents.parse(preset({"socket_type": "PUSH"}), "test").preset
    for number in (2, 3):
        roster.depart(roster.handlers["h"], 1.0)
        roster.add(plan_handlers(preset_, {"h": number})[0], tmp_path, tmp_path, joined_s=1.0)
    assert list(roster.handlers) == ["h (until 1.0 s)", "h (until 1.0 s, too)", "h"]


def test_the_number_of_a_handler_that_has_left_is_not_given_again(tmp_path: Path) -> None:
    roster = a_roster(tmp_path, two_handlers())
    assert roster.highest_number == 2
    roster.depart(roster.handlers["other"], 1.0)
    assert roster.highest_number == 2


def test_without_handlers_the_highest_number_is_0(tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUSH"})
    raw["output"]["handlers"]["h"]["enabled"] = False
    assert a_roster(tmp_path, raw).highest_number == 0


def test_a_sender_is_known_by_unit_and_incarnation(tmp_path: Path) -> None:
    roster = a_roster(tmp_path)
    handler = roster.handlers["h"]
    handler.restarts = 2
    assert roster.sender(unit_identity("handler-1", 2), "handler-1") is handler
    assert roster.sender(unit_identity("handler-1", 1), "handler-1") is None
    assert roster.sender(unit_identity("handler-1", 2), "handler-1/listener-1") is None
    assert roster.sender(unit_identity("handler-9", 0), "handler-9") is None


def test_a_file_of_counters_is_never_used_twice(tmp_path: Path) -> None:
    a_roster(tmp_path)
    with pytest.raises(EngineError):
        a_roster(tmp_path)
