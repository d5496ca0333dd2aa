"""Schemes: which handler a uri makes, those that programs and packages add included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from bench_app import Output, OutputHandler
from bench_app.errors import InputError, UsageError
from bench_app.library import schemes
from bench_app.library.schemes import SchemeRegistry, make_zmq_handler

NOWHERE = "zmq://tcp://127.0.0.1:9"


class Memory:
    """A handler of another scheme."""

    def __init__(self, name: str, uri: str, sink: str, config: Any, bench: Any) -> None:
        self.name, self.uri, self.sink, self.config, self.bench = name, uri, sink, config, bench
        self.events: list[Any] = []
        self.closed = False

    def write(self, event: Any, dynamic_path: str = "") -> bool:
        self.events.append((event, dynamic_path))
        return True

    def flush(self, timeout_s: float | None = None) -> bool:
        return True

    def stop(self) -> None:
        self.close()

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def memory_scheme() -> Iterator[None]:
    """Registers ``memory://``, and removes the schemes that a test adds."""
    schemes.register("memory", Memory)
    yield
    for scheme in ("memory", "disk"):
        schemes.unregister(scheme)


def test_other_schemes_by_program_and_by_entry_point(memory_scheme: None, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("disk", "tests.library.test_schemes:Memory", schemes.GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [entry])
    with Output("o") as output:
        memory = output.add_handler("m", "memory://here", "events", {"depth": 3}, {"mode": "bind"}, handler_type=Memory)
        disk = output.add_handler("d", "disk://there", "events", handler_type=Memory)
        assert output.write("events", 1, "path") == 2
        assert isinstance(memory, Memory) and isinstance(disk, Memory)
        assert memory.events == disk.events == [(1, "path")]
        assert (memory.config, memory.bench, disk.bench) == ({"depth": 3}, {"mode": "bind"}, {})
        with pytest.raises(InputError, match="disk://, memory://, zmq://"):
            output.add_handler("x", "nowhere://", "events")
    assert memory.closed and disk.closed


def test_a_file_with_handlers_of_several_schemes(memory_scheme: None, tmp_path: Path) -> None:
    handlers = {
        "zmq": {"uri": "zmq://tcp://127.0.0.1:1", "config": {"linger": 0}},
        "memory": {"uri": "memory://here", "config": {"depth": 3}},
        "off": {"uri": "memory://there", "enabled": False},
    }
    (tmp_path / "p.json").write_text(json.dumps({"output": {"handlers": handlers}}))
    with Output.from_preset(tmp_path / "p.json") as output:
        assert set(output.handlers) == {"zmq", "memory"}
        memory = output.handlers["memory"]
        assert isinstance(memory, Memory) and (memory.sink, memory.config) == ("events", {"depth": 3})
    handlers["disk"] = {"uri": "disk://x"}
    (tmp_path / "p.json").write_text(json.dumps({"output": {"handlers": handlers}}))
    with pytest.raises(InputError, match="begins with memory://, zmq://"):
        Output.from_preset(tmp_path / "p.json")
    assert memory.closed


def test_a_scheme_whose_package_is_broken_is_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [EntryPoint("gone", "no_such_package:make", schemes.GROUP), EntryPoint("bare", "json:no", schemes.GROUP)]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: entries)
    for uri in ("gone://x", "bare://x"):
        with Output("o") as output, pytest.raises(InputError, match="cannot be used"):
            output.add_handler("h", uri)


def test_a_uri_that_is_no_text_is_an_input_error() -> None:
    uri: Any = None
    with Output("o") as output, pytest.raises(InputError, match="begins with zmq://"):
        output.add_handler("h", uri)


def test_a_zmq_uri_makes_an_output_handler() -> None:
    assert schemes.factory_for("zmq://tcp://127.0.0.1:1") is make_zmq_handler
    handler = make_zmq_handler("h", NOWHERE, "events", {"linger": 0}, {})
    assert isinstance(handler, OutputHandler)
    handler.close()


def test_a_scheme_can_be_replaced_and_removed() -> None:
    registry = SchemeRegistry({})
    registry.register("memory", Memory)
    assert registry.factory_for("memory://x") is Memory
    registry.register("memory", make_zmq_handler)
    assert registry.factory_for("memory://x") is make_zmq_handler
    registry.unregister("memory")
    with pytest.raises(InputError):
        registry.factory_for("memory://x")


def test_a_handler_of_another_class_than_asked_for_is_closed(memory_scheme: None) -> None:
    made: list[Memory] = []

    def make(*arguments: Any) -> Memory:
        made.append(Memory(*arguments))
        return made[0]

    schemes.register("memory", make)
    with Output("o") as output:
        with pytest.raises(UsageError, match="the handler m is of the class Memory, not OutputHandler"):
            output.add_handler("m", "memory://here", handler_type=OutputHandler)
        assert made[0].closed
        assert set(output.handlers) == set()
        assert output.add_handler("m", "memory://here", handler_type=Memory).events == []
