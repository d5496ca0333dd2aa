"""Output at its edges: the end of a handler, names asked for at once, configs and topics that are none."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest
import zmq

import bench_app.library.output
import bench_app.library.output_handler
from bench_app import Output, OutputHandler, ZmqClient
from bench_app.errors import InputError
from bench_app.handlers.socket import HandlerSocket
from bench_app.model import HandlerBench
from tests.library import until
from tests.library.ends import connected, listening
from tests.library.test_output import NOWHERE, balanced, spec


@pytest.fixture
def lingers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The linger of each socket that was closed, in ms."""
    found: list[int] = []
    close = HandlerSocket.close

    def note(self: HandlerSocket, linger_ms: int) -> None:
        found.append(linger_ms)
        close(self, linger_ms)

    monkeypatch.setattr(HandlerSocket, "close", note)
    return found


def test_the_linger_is_for_queue_and_socket_together(lingers: list[int]) -> None:
    handler = OutputHandler("h", spec(NOWHERE, {"high_water_mark": 1, "send_timeout": -1, "linger": 50}))
    handler.write(1)
    handler.write(2)
    handler.close()
    # The queue never emptied, so it had all of it.
    assert lingers == [0]
    assert handler.stats.aborted == 1


def test_what_the_queue_does_not_need_of_the_linger_is_the_sockets(lingers: list[int]) -> None:
    with listening(zmq.PULL) as (pull, uri):
        handler = OutputHandler("h", spec(uri, {"linger": 60_000}))
        handler.write(1)
        assert pull.recv() == b"1"
        handler.close()
        forever = OutputHandler("h", spec(uri, {"linger": -1}))
        forever.write(2)
        assert pull.recv() == b"2"
        forever.close()
    assert 0 < lingers[0] <= 60_000
    assert lingers[1] == -1


def test_the_end_of_a_handler_is_told_once_also_to_who_asks_late() -> None:
    told: list[str] = []
    handler = OutputHandler("h", spec(NOWHERE, {"linger": 0}))
    handler.when_closed(lambda: told.append("early"))
    assert not told
    handler.close()
    handler.when_closed(lambda: told.append("late"))
    handler.close()
    assert told == ["early", "late"]


def test_a_name_is_given_to_one_of_many_who_ask_at_once() -> None:
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


def test_bytes_are_those_of_topic_and_body_as_sent() -> None:
    config = {"socket_type": "PUB", "topic": "a"}
    handler = OutputHandler("p", spec("zmq://tcp://127.0.0.1:*", config), bench=HandlerBench(mode="bind"))
    try:
        with connected(zmq.SUB, handler.endpoint) as sub:
            assert handler.wait_for_subscriber(10)
            handler.write({"n": 1})
            handler.write({"n": 2}, "kitchen.1")
            frames = [*sub.recv_multipart(), *sub.recv_multipart()]
            until(lambda: handler.stats.accepted == 2)
            assert frames[2] == b"a.kitchen.1"
            assert handler.stats.bytes == sum(map(len, frames))
    finally:
        handler.close()


def test_a_path_that_is_no_text_is_refused_at_the_caller() -> None:
    handler = OutputHandler(
        "p", spec("zmq://tcp://127.0.0.1:*", {"socket_type": "PUB"}), bench=HandlerBench(mode="bind")
    )
    try:
        with pytest.raises(InputError, match="cannot be part of a topic"):
            handler.write(1, "\ud800")
        assert handler.stats.offered == 0
    finally:
        handler.close()


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
def test_a_config_that_is_none_is_told_in_a_sentence(config: Any) -> None:
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
    told = [record.getMessage() for record in caplog.records if "did you mean high_water_mark" in record.getMessage()]
    assert len(told) == 3


def test_the_main_thread_and_others_share_a_handler_and_each_keeps_its_order() -> None:
    each = 3000
    with listening(zmq.PULL) as (pull, uri), Output("o") as output:
        pull.set_hwm(0)
        handler = output.add_handler("h", uri, "events", {"queue_size": 2 * each})
        assert isinstance(handler, OutputHandler)

        def write(who: str) -> None:
            for place in range(each):
                assert output.write("events", [who, place]) == 1

        other = threading.Thread(target=write, args=("other",))
        other.start()
        write("main")
        received = [json.loads(pull.recv()) for _ in range(2 * each)]
        other.join()
        assert balanced(handler.stats)
    for name in ("main", "other"):
        assert [place for who, place in received if who == name] == list(range(each))


def test_a_handler_made_where_one_was_just_closed_finds_its_bell_free() -> None:
    with zmq.Context() as context:
        for _ in range(500):
            for end in bench_app.library.output_handler._pair(context):
                end.close(0)
