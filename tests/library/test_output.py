"""Output: events of sinks to handlers, names, configs, and production files."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zmq

import bench_app.library.output
from bench_app import Message, Output, ZmqClient
from bench_app.errors import ClosedError, EngineError, InputError, PresetError, UsageError
from bench_app.library import schemes, shared_socket
from tests.library import until
from tests.library.ends import NOWHERE, listening


def test_every_event_of_a_sink_goes_to_each_of_its_handlers() -> None:
    with listening(zmq.PULL) as (first, uri), listening(zmq.PULL) as (second, other), Output("o") as output:
        output.add_handler("a", uri, "events")
        output.add_handler("b", other, "events")
        output.add_handler("c", other, "alerts")
        assert output.write("events", {"id": 1}) == 2
        assert output.write("unused", {"id": 2}) == 0
        assert json.loads(first.recv()) == json.loads(second.recv()) == {"id": 1}
        assert set(output.handlers) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("uri", "config", "message"),
    [
        ("zmq://tcp://127.0.0.1", {}, "a port after the host"),
        ("zmq://tcp://127.0.0.1:1", {"socket_type": "DEALER", "linger": "x"}, "2 faults"),
        ("mqtt://broker", {}, "begins with zmq://"),
        ("no scheme", {}, "begins with zmq://"),
    ],
)
def test_a_handler_that_cannot_be_made_is_an_input_error(uri: str, config: dict[str, Any], message: str) -> None:
    with Output("o") as output:
        with pytest.raises(InputError, match=message):
            output.add_handler("h", uri, "events", config)
        assert not output.handlers


def test_a_name_can_be_used_again_after_its_handler_was_removed() -> None:
    with Output("o") as output:
        output.add_handler("h", NOWHERE, "events", {"linger": 0})
        with pytest.raises(InputError, match="already"):
            output.add_handler("h", NOWHERE, "events")
        output.remove_handler("h")
        assert output.write("events", 1) == 0
        with pytest.raises(InputError, match="no handler"):
            output.remove_handler("h")
        output.add_handler("h", NOWHERE, "events", {"linger": 0})


def test_a_production_file_is_loaded_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "production.json"
    with listening(zmq.PULL) as (pull, uri):
        handlers = {
            "on": {"uri": uri, "sink": "tasks"},
            "off": {"uri": "zmq://tcp://127.0.0.1:9", "enabled": False},
        }
        file.write_text(json.dumps({"output": {"handlers": handlers}}))
        with Output.from_preset(file) as output:
            assert list(output.handlers) == ["on"]
            assert output.write("tasks", {"task": 1}) == 1
            assert pull.recv() == b'{"task":1}'
    file.write_text('{"output": {"handlers": {}}}')
    with pytest.raises(PresetError):
        Output.from_preset(file)


def test_one_of_many_threads_gets_a_name() -> None:
    before = threading.active_count()
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def add(output: Output) -> None:
        start.wait()
        try:
            output.add_handler("h", NOWHERE, "events", {"linger": 0})
        except InputError as error:
            outcomes.append(str(error))

    with Output("o") as output:
        threads = [threading.Thread(target=add, args=(output,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes == ['o has a handler "h" already'] * 7
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_a_name_whose_handler_could_not_be_made_is_free() -> None:
    with Output("o") as output:
        with pytest.raises(InputError):
            output.add_handler("h", NOWHERE, "events", {"linger": "long"})
        output.add_handler("h", NOWHERE, "events", {"linger": 0})


def test_an_event_is_encoded_once_for_all_its_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Any] = []
    encode = bench_app.library.output.encode
    monkeypatch.setattr(bench_app.library.output, "encode", lambda event: encoded.append(event) or encode(event))
    with listening(zmq.PULL) as (first, uri), listening(zmq.PULL) as (second, other), Output("o") as output:
        output.add_handler("a", uri)
        output.add_handler("b", other)
        assert output.write("events", {"id": 1}) == 2
        assert first.recv() == second.recv() == b'{"id":1}'
    assert encoded == [{"id": 1}]


@pytest.mark.parametrize("config", [[1], "PUSH", 7])
def test_a_config_that_is_no_mapping_is_an_input_error(config: Any) -> None:
    with Output("o") as output, pytest.raises(InputError, match="expected a config"):
        output.add_handler("h", NOWHERE, "events", config)
    with pytest.raises(InputError, match="expected a config"):
        ZmqClient("c", config)


def test_a_misspelt_key_is_in_the_log(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    config = {"linger": 0, "hihg_water_mark": 5}
    file = tmp_path / "production.json"
    file.write_text(json.dumps({"output": {"handlers": {"filed": {"uri": NOWHERE, "config": config}}}}))
    with caplog.at_level(logging.WARNING, "zmq_bench"):
        with Output("o") as output:
            output.add_handler("direct", NOWHERE, "events", config)
        Output.from_preset(file).close()
        ZmqClient("client", {"hihg_water_mark": 5})
    warnings = [
        record.getMessage() for record in caplog.records if "did you mean high_water_mark" in record.getMessage()
    ]
    assert len(warnings) == 3


def test_the_error_of_a_forked_process_is_an_engine_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Output("o") as output:
        output.add_handler("h", NOWHERE, "events", {"linger": 0})
        with monkeypatch.context() as patched:
            patched.setattr(os, "getpid", lambda: -1)
            with pytest.raises(EngineError, match="another process"):
                output.write("events", 1)


def test_after_close_every_call_raises_the_same_error() -> None:
    output = Output("o")
    handler = output.add_handler("h", NOWHERE, "events", {"linger": 0})
    output.close()
    calls: list[Callable[[], object]] = [
        lambda: output.write("events", 1),
        lambda: output.add_handler("h", NOWHERE),
        lambda: output.remove_handler("h"),
        output.flush,
        lambda: handler.write(1),
        lambda: handler.write_body(b"1"),
        lambda: handler.request(1),
        handler.flush,
        handler.wait_for_subscriber,
        handler.reconnect,
    ]
    for call in calls:
        with pytest.raises(ClosedError, match=r"^[oh] is closed$"):
            call()
    output.close()
    handler.close()
    assert not output.handlers
    assert (handler.stats.offered, handler.state.sentence) == (0, "closed")


def test_side_connection_keys_and_callbacks_are_given_with_the_handler() -> None:
    reported: list[str] = []
    replies: list[Any] = []
    messages: list[Message] = []
    with Output("o") as output, ZmqClient("server", {"socket_type": "REP", "mode": "connect"}) as server:
        handler = output.add_handler(
            "ask",
            "zmq://tcp://127.0.0.1:*",
            "requests",
            {"socket_type": "REQ"},
            mode="bind",
            connection={"heartbeat_interval": 2000, "heartbeat_intervall": 1},
            on_connection=lambda state, message: reported.append(message),
            on_reply=replies.append,
            on_reply_message=messages.append,
        )
        assert "did you mean heartbeat_interval?" in handler.notes[0]
        server.connect(f"zmq://{handler.endpoint}")
        output.write("requests", 1)
        assert server.read_message(10) is not None and server.write_message("", 2)
        until(lambda: bool(replies and messages))
    assert replies == [2]
    assert [(message.request_id, message.value) for message in messages] == [(1, 2)]
    assert reported[0].startswith("a peer")


def test_a_scheme_without_these_callbacks_refuses_them() -> None:
    schemes.register("null", make_zmq_handler_of_another_scheme)
    try:
        with Output("o") as output, pytest.raises(UsageError, match="only zmq:// handlers have these callbacks"):
            output.add_handler("n", "null://", on_loss=print)
    finally:
        schemes.unregister("null")


def make_zmq_handler_of_another_scheme(*_: Any) -> Any:
    raise AssertionError("no handler is made")


@pytest.mark.parametrize("is_there", [False, True])
def test_a_publisher_that_connects_to_nobody_says_so_once(
    is_there: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_socket, "ALONE_AFTER_NS", 0)
    with caplog.at_level(logging.WARNING, "zmq_bench"), listening(zmq.SUB) as (_, uri), Output("o") as output:
        config = {"socket_type": "PUB", "linger": 0}
        handler = output.add_handler("p", uri if is_there else NOWHERE, "events", config, mode="connect")
        if is_there:
            until(lambda: handler.state.state == "connected")
        for number in range(3):
            output.write("events", number)
            handler.flush(10)
        if not is_there:
            until(lambda: bool(caplog.records))
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == (0 if is_there else 1)
    assert is_there or messages[0].startswith("p: nobody is at tcp://127.0.0.1:9, so this PUB drops its events")
