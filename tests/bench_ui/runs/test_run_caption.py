"""The caption of a picture names the run, its settings and the baseline."""

from __future__ import annotations

from bench_ui.runs.run_caption import LONGEST_LINE, MOST_UNITS, caption_lines
from bench_ui.scope import Scope
from bench_ui.widgets.number_format import local_time

WHEN = "2026-11-28T14:20:00+00:00"
PRESET = {
    "output": {
        "handlers": {
            "pub": {
                "uri": "zmq://tcp://*:5555",
                "sink": "events",
                "config": {"socket_type": "PUB", "high_water_mark": 35_000, "bind": True},
            },
            "off": {"uri": "zmq://tcp://*:5556", "sink": "events", "enabled": False, "config": {"socket_type": "PUSH"}},
            "req": {"uri": "zmq://tcp://*:5557", "sink": "other", "config": {"socket_type": "REQ"}},
        }
    },
    "bench": {
        "sources": {"events": {"kind": "synthetic", "load": {"shape": "constant", "rate": 5000}}},
        "listeners": {"pub": [{"name": "slow", "delay_ms": 2}, {"name": "fast"}, {"delay_ms": 0.5}]},
    },
}


def test_the_caption_names_run_settings_and_baseline() -> None:
    lines = caption_lines("multi", WHEN, 12.4, "pass", PRESET, Scope(("pub",)), "★ before, 2026-11-27 10:00")
    assert lines == [
        f"multi  ·  {local_time(WHEN)}  ·  00:12.4  ·  pass",
        "pub: uri zmq://tcp://*:5555, socket_type PUB, high_water_mark 35,000, bind true, shape constant, rate 5,000",
        "pub/slow: delay_ms 2",
        "pub/3: delay_ms 0.5",
        "dashed: ★ before, 2026-11-27 10:00",
    ]


def test_a_scope_of_one_listener_has_the_settings_of_this_listener() -> None:
    lines = caption_lines("multi", WHEN, 12.4, "", PRESET, Scope(("pub",), "slow"), "")
    assert [line.partition(":")[0] for line in lines[1:]] == ["pub", "pub/slow"]


def test_many_handlers_are_a_number_and_long_lines_are_short() -> None:
    handlers = {f"h{place}": {"uri": "zmq://tcp://*:1", "config": {"topic": "t" * 999}} for place in range(50)}
    lines = caption_lines("m", WHEN, 1.0, "", {"output": {"handlers": handlers}}, Scope(everything=True), "")
    assert len(lines) == 1 + MOST_UNITS + 1
    assert lines[-1] == f"and {50 - MOST_UNITS} more handlers and listeners"
    assert max(map(len, lines)) <= LONGEST_LINE
