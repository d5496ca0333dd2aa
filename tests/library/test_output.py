"""Output: sinks to handlers, exact books, callbacks, threads, forks, and programs that forget to close."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import zmq

import bench_app
from bench_app import HandlerStats, Output, OutputHandler
from bench_app.errors import EngineError, InputError, PresetError, SocketSetupError
from bench_app.model import HandlerBench
from tests.library import until
from tests.library.ends import connected, listening, written_until_read

NOWHERE = "zmq://tcp://127.0.0.1:9"
"""A port where nobody listens."""


def balanced(stats: HandlerStats) -> bool:
    return stats.offered == (stats.queue_overflow + stats.send_timeout + stats.aborted + stats.queued + stats.accepted)


def test_every_event_of_a_sink_goes_to_each_of_its_handlers() -> None:
    with listening(zmq.PULL) as (first, uri), listening(zmq.PULL) as (second, other), Output("o") as output:
        output.add_handler("a", uri, "events")
        output.add_handler("b", other, "events")
        output.add_handler("c", other, "alerts")
        assert output.write("events", {"id": 1}) == 2
        assert output.write("nobody's", {"id": 2}) == 0
        assert json.loads(first.recv()) == json.loads(second.recv()) == {"id": 1}
        assert set(output.handlers) == {"a", "b", "c"}


def test_a_publisher_sends_topic_and_body_and_adds_the_dynamic_path() -> None:
    config = {"socket_type": "PUB", "topic": "analytics.events"}
    handler = OutputHandler("p", spec("zmq://tcp://127.0.0.1:*", config), bench=HandlerBench(mode="bind"))
    try:
        with connected(zmq.SUB, handler.endpoint, b"analytics") as sub:
            assert written_until_read(lambda: handler.write({"n": 1}), sub) == [b"analytics.events", b'{"n":1}']
            handler.write({"n": 2}, "camera-1")
            frames = sub.recv_multipart()
            while frames[0] == b"analytics.events":
                frames = sub.recv_multipart()
            assert frames == [b"analytics.events.camera-1", b'{"n":2}']
    finally:
        handler.close()


def test_a_full_queue_loses_the_newest_and_counts_them() -> None:
    config = {"queue_size": 10, "high_water_mark": 5, "send_timeout": -1, "linger": 0}
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", config)
        taken = sum(output.write("events", {"id": number}) for number in range(100))
        stats = handler.stats
    assert taken == 15
    assert (stats.accepted, stats.queued, stats.queue_overflow) == (5, 10, 85)
    after = handler.stats
    assert (after.aborted, after.queued) == (10, 0)
    assert balanced(after)


def test_the_send_timeout_loses_the_head_of_the_queue() -> None:
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", {"high_water_mark": 1, "send_timeout": 5, "linger": 0})
        for number in range(20):
            output.write("events", number)
        until(lambda: handler.stats.queued == 0)
        stats = handler.stats
        assert (stats.accepted, stats.send_timeout) == (1, 19)


def test_many_threads_write_and_all_of_it_arrives() -> None:
    threads, each = 8, 2000
    with listening(zmq.PULL) as (pull, uri):
        pull.set_hwm(0)
        with Output("o") as output:
            handler = output.add_handler("h", uri, "events", {"queue_size": threads * each})

            def write(number: int) -> None:
                for place in range(each):
                    assert output.write("events", [number, place]) == 1

            writers = [threading.Thread(target=write, args=(number,)) for number in range(threads)]
            for writer in writers:
                writer.start()
            received = [json.loads(pull.recv()) for _ in range(threads * each)]
            for writer in writers:
                writer.join()
            assert output.flush(10)
            stats = handler.stats
    assert stats.accepted == stats.offered == threads * each
    for number in range(threads):
        assert [place for who, place in received if who == number] == list(range(each))


def test_books_balance_whenever_they_are_read() -> None:
    config = {"queue_size": 50, "high_water_mark": 20, "send_timeout": 1, "linger": 0}
    done = threading.Event()
    with listening(zmq.PULL) as (pull, uri), Output("o") as output:
        pull.set_hwm(1)
        handler = output.add_handler("h", uri, "events", config)

        def write() -> None:
            for number in range(5000):
                output.write("events", {"id": number, "pad": "x" * 2000})
            done.set()

        threading.Thread(target=write).start()
        while not done.is_set():
            stats = handler.stats
            assert balanced(stats)
            assert 0 <= stats.queued <= 50


def test_requests_get_their_replies_in_turn() -> None:
    replies: list[Any] = []
    with listening(zmq.REP) as (rep, uri), Output("o") as output:
        handler = output.add_handler("h", uri, "service_requests", {"socket_type": "REQ"})
        handler.on_reply = replies.append
        for number in range(3):
            assert output.write("service_requests", {"id": number}) == 1
        for _ in range(3):
            rep.send(b'{"ok":%b}' % rep.recv())
        assert output.flush(10)
        until(lambda: len(replies) == 3)
        stats = handler.stats
    assert replies == [{"ok": {"id": number}} for number in range(3)]
    assert (stats.replied, stats.request_timeout, stats.in_flight) == (3, 0, 0)


def test_a_request_nobody_answers_is_retried_and_given_up() -> None:
    with listening(zmq.ROUTER) as (router, uri), Output("o") as output:
        config = {"socket_type": "REQ", "request_timeout": 30, "retries": 2, "linger": 0}
        handler = output.add_handler("h", uri, "s", config)
        output.write("s", {"id": 1})
        assert output.flush(10)
        stats = handler.stats
        attempts = [router.recv_multipart() for _ in range(3)]
    assert (stats.request_timeout, stats.retries) == (1, 2)
    assert {frames[-1] for frames in attempts} == {b'{"id":1}'}


def test_news_of_connections_are_told_and_a_bad_callback_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []

    def listen(state: bench_app.HandlerState, sentence: str) -> None:
        told.append(f"{state.state}: {sentence}")
        raise RuntimeError("somebody else's fault")

    with caplog.at_level(logging.ERROR, "zmq_bench"), listening(zmq.PULL) as (pull, uri):
        # Given from the start: a connection may be there before anyone could ask for its news.
        handler = OutputHandler("h", spec(uri, {}), on_connection=listen)
        try:
            until(lambda: bool(told))
            assert handler.write(1)
            assert pull.recv() == b"1"
        finally:
            handler.close()
    assert told[0].startswith("connected: connected to tcp://127.0.0.1:")
    assert "somebody else's fault" in caplog.text


def test_a_handler_that_gave_up_loses_what_it_has_and_what_comes() -> None:
    config = {"reconnect_interval": 5, "max_reconnect_attempts": 2, "high_water_mark": 1, "send_timeout": -1}
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", config | {"linger": 0})
        output.write("events", 1)
        output.write("events", 2)
        until(lambda: handler.state.state == "gave up")
        until(lambda: handler.stats.aborted > 0)
        assert output.write("events", 3) == 0
        assert balanced(handler.stats)


def test_stop_drains_up_to_linger_and_takes_nothing_more() -> None:
    with listening(zmq.PULL) as (pull, uri), Output("o") as output:
        handler = output.add_handler("h", uri, "events", {"linger": 10_000})
        for number in range(100):
            output.write("events", number)
        handler.stop()
        assert output.write("events", "late") == 0
        assert [json.loads(pull.recv()) for _ in range(100)] == list(range(100))
        handler.close()
        stats = handler.stats
    assert (stats.accepted, stats.aborted, stats.queued) == (100, 1, 0)


@pytest.mark.parametrize(
    ("uri", "config", "told"),
    [
        ("zmq://tcp://127.0.0.1", {}, "a port after the host"),
        ("zmq://tcp://127.0.0.1:1", {"socket_type": "DEALER", "linger": "x"}, "2 faults"),
        ("mqtt://broker", {}, "begins with zmq://"),
        ("no scheme", {}, "begins with zmq://"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(uri: str, config: dict[str, Any], told: str) -> None:
    with Output("o") as output:
        with pytest.raises(InputError, match=told):
            output.add_handler("h", uri, "events", config)
        assert not output.handlers


def test_names_are_taken_once_and_free_again_when_removed() -> None:
    with Output("o") as output:
        output.add_handler("h", NOWHERE, "events", {"linger": 0})
        with pytest.raises(InputError, match="already"):
            output.add_handler("h", NOWHERE, "events")
        output.remove_handler("h")
        assert output.write("events", 1) == 0
        with pytest.raises(InputError, match="no handler"):
            output.remove_handler("h")
        output.add_handler("h", NOWHERE, "events", {"linger": 0})


def test_an_address_in_use_is_a_sentence_and_leaves_nothing_open() -> None:
    with listening(zmq.PULL) as (_, uri), Output("o") as output:
        before = threading.active_count()
        taken = uri.removeprefix("zmq://")
        with pytest.raises(SocketSetupError, match="already in use"):
            OutputHandler("h", spec(f"zmq://{taken}", {"socket_type": "PUB"}), bench=HandlerBench(mode="bind"))
        assert threading.active_count() == before
        assert not output.handlers


@pytest.mark.parametrize("event", [object(), {1.5: {2}, "x": object()}, {"x": lambda: 1}])
def test_what_json_cannot_hold_is_refused_at_the_caller(event: Any) -> None:
    with Output("o") as output:
        handler = output.add_handler("h", NOWHERE, "events", {"linger": 0})
        with pytest.raises(InputError, match="JSON"):
            output.write("events", event)
        assert handler.stats.offered == 0


def test_a_production_file_is_loaded_as_it_stands(tmp_path: Path) -> None:
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


FORGETFUL = """
import sys
from bench_app import Output
output = Output("forgetful")
output.add_handler("h", sys.argv[1], "events", {"linger": int(sys.argv[2])})
for number in range(500):
    output.write("events", number)
"""


def test_a_program_that_forgets_to_close_still_sends_and_ends() -> None:
    with listening(zmq.PULL) as (pull, uri):
        finished = subprocess.run([sys.executable, "-c", FORGETFUL, uri, "5000"], timeout=30, check=True)
        assert finished.returncode == 0
        assert [json.loads(pull.recv()) for _ in range(500)] == list(range(500))


def test_a_program_that_forgets_to_close_with_nobody_there_ends_within_linger() -> None:
    subprocess.run([sys.executable, "-c", FORGETFUL, NOWHERE, "100"], timeout=20, check=True)


FORKING = """
import os, sys
from bench_app import Output
from bench_app.errors import EngineError
output = Output("parent")
output.add_handler("h", sys.argv[1], "events")
child = os.fork()
if child == 0:
    try:
        output.write("events", "from the child")
    except EngineError as error:
        print(error, flush=True)
        sys.exit(7)
    sys.exit(0)
_, status = os.waitpid(child, 0)
output.write("events", "from the parent")
output.close()
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_is_told_and_the_parent_goes_on() -> None:
    with listening(zmq.PULL) as (pull, uri):
        command = [sys.executable, "-W", "ignore", "-c", FORKING, uri]
        finished = subprocess.run(command, timeout=30, capture_output=True, text=True, check=False)
        assert (finished.returncode, finished.stderr) == (7, "")
        assert "made in another process" in finished.stdout
        assert json.loads(pull.recv()) == "from the parent"


def test_the_error_of_a_forked_process_is_an_engine_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Output("o") as output:
        output.add_handler("h", NOWHERE, "events", {"linger": 0})
        with monkeypatch.context() as patched:
            patched.setattr(os, "getpid", lambda: -1)
            with pytest.raises(EngineError, match="another process"):
                output.write("events", 1)


def spec(uri: str, config: dict[str, Any]) -> Any:
    from bench_app.preset import documents

    raw = {"output": {"handlers": {"h": {"uri": uri, "config": config}}}}
    return documents.parse(raw, "test").preset.output.handlers["h"]
