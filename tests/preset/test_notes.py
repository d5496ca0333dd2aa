"""A key that is allowed and has no effect gets a note."""

from __future__ import annotations

import json

import pytest

from bench_app.preset.documents import parse
from tests.preset.presets import SPECIFICATION, pub_preset


def test_keys_without_effect_get_a_note() -> None:
    raw = pub_preset(
        listners={},
        handlers={"pub": {"paired": False}},
        listeners={"pub": [{"drop_replies": 0.5}], "push": [{"topics": ["a"]}], "req": [{"reply": {}}]},
        checks=["req: drops == 0"],
    )
    raw["output"]["handlers"]["req"]["enabled"] = False
    raw["output"]["handlers"]["push"]["config"] = {"retires": 5}
    raw["output"]["other"] = raw["inference"] = {"kept": True}
    raw["bnech"] = {}
    document = parse(raw, "test")
    assert [str(note) for note in document.notes] == [
        "output.handlers.push.config.retires: unknown key, kept but not used; did you mean retries?",
        "bench.listners: unknown key, kept but not used; did you mean listeners?",
        "bnech: unknown key, kept but not used; did you mean bench?",
        "bench.listeners.pub[0].drop_replies: has no effect on the listener of a PUB, only of a REQ",
        "bench.listeners.pub[0]: does not run, because its handler is not paired and it has no endpoint of its own",
        "bench.listeners.push[0].topics: has no effect on the listener of a PUSH, only of a PUB",
        "bench.checks[0]: req is not enabled, so nothing is measured and the check will fail",
    ]


def test_a_preset_without_an_enabled_handler_gets_a_note() -> None:
    raw = json.loads(SPECIFICATION["basic"])
    raw["output"]["handlers"]["zmq-publisher"]["enabled"] = False
    assert list(map(str, parse(raw, "test").notes)) == ["output.handlers: no handler is enabled, so nothing will run"]


def test_a_system_that_pins_no_process_gets_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench_app.preset.notes.allowed_processors", lambda: None)
    monkeypatch.setattr("bench_app.preset.cross_checks.allowed_processors", lambda: None)
    expected = "bench.cpu_affinity: has no effect here: this system pins no process to a processor"
    for affinity in ("spread", [0, 99]):
        assert list(map(str, parse(pub_preset(cpu_affinity=affinity), "test").notes)) == [expected]
    assert parse(pub_preset(cpu_affinity="off"), "test").notes == []


def test_a_pinned_listener_that_spins_gets_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench_app.preset.notes.allowed_processors", lambda: (0, 1))
    spinning = {"pub": [{"wait": "spin"}]}
    expected = "a listener that spins shares its one processor with the I/O thread that brings its messages"
    notes = parse(pub_preset(cpu_affinity="spread", listeners=spinning), "test").notes
    assert list(map(str, notes)) == [f"bench.cpu_affinity: {expected}"]
    assert parse(pub_preset(cpu_affinity="off", listeners=spinning), "test").notes == []
    assert parse(pub_preset(cpu_affinity="spread", listeners={"pub": [{"wait": "poll"}]}), "test").notes == []


def test_two_handlers_that_bind_one_address_get_a_note() -> None:
    def notes(*uris: str, mode: str = "bind") -> list[str]:
        handlers = {f"h{n}": {"uri": uri, "config": {"socket_type": "PUSH"}} for n, uri in enumerate(uris)}
        bench = {"version": 1, "handlers": {name: {"mode": mode} for name in handlers}}
        document = parse({"output": {"handlers": handlers}, "bench": bench}, "test")
        return [str(note) for note in document.notes]

    assert notes("zmq://tcp://*:5555", "zmq://tcp://10.0.0.7:5555", "zmq://tcp://*:5556") == [
        "output.handlers.h1.uri: tcp://127.0.0.1:5555 is bound by h0 already, so only one of the two will run"
    ]
    assert len(notes("zmq://ipc:///tmp/a", "zmq://ipc:///tmp/a", "zmq://ipc:///tmp/b")) == 1
    assert not notes("zmq://tcp://*:*", "zmq://tcp://*:*", "zmq://tcp://127.0.0.2:5555", "zmq://tcp://*:5555")
    assert not notes("zmq://tcp://10.0.0.7:5555", "zmq://tcp://10.0.0.8:5555", mode="connect")
