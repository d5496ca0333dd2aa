"""``--debug`` and ``--log-file`` of the command line, and the library's log, with real sockets and processes."""

from __future__ import annotations

import json
import logging
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zmq

from bench_app import Output, ZmqClient
from bench_app.cli import logs
from bench_app.engine.result import RunResult
from tests.cli.command import bench, bench_inside, run_soundly, write
from tests.library.ends import connected, listening, written_until_read
from tests.runs import assert_sound, preset

EVERY_RECORD = ["time", "level", "logger", "process"]


def entries(file: Path) -> list[dict[str, Any]]:
    """The records of a log file. Checks that each record has the common fields."""
    found = [json.loads(line) for line in file.read_text().splitlines()]
    for entry in found:
        assert list(entry)[:4] == EVERY_RECORD
        assert list(entry)[-1] == "message"
        assert datetime.fromisoformat(entry["time"]).tzinfo is not None
    return found


def events_of(found: list[dict[str, Any]], unit: str) -> list[str]:
    return [entry["event"] for entry in found if entry.get("unit") == unit]


def is_in_order(wanted: list[str], found: list[str]) -> bool:
    rest = iter(found)
    return all(event in rest for event in wanted)


@pytest.mark.parametrize("before", [True, False])
def test_the_log_of_a_run_has_the_events_of_the_workers_sockets(tmp_path: Path, before: bool) -> None:
    file = write(tmp_path, preset({"socket_type": "PUB", "topic": "t"}, handler={"mode": "bind"}))
    log = tmp_path / "run.jsonl"
    options = ["--debug", "--log-file", str(log)]
    arguments = [*options, "run", file, "--quiet"] if before else ["run", file, "--quiet", *options]
    finished = bench(*arguments)
    # 3: this machine was too busy to judge the run.
    assert finished.returncode in (0, 3)
    assert finished.stderr == ""
    found = entries(log)
    handler = [entry for entry in found if entry.get("unit") == "h" and "worker" in entry]
    listener = [entry for entry in found if entry.get("unit") == "h/sub-1" and "worker" in entry]
    # The socket's monitor tells of the connection, the socket itself of the subscription: either may be read first.
    for wanted in (["bound", "accepted", "handshake_succeeded"], ["bound", "subscribed"]):
        assert is_in_order(["opened", *wanted, "closed"], [entry["event"] for entry in handler])
    assert is_in_order(["opened", "connecting", "connected", "closed"], [entry["event"] for entry in listener])
    pids = {entry["worker"]: entry["worker_pid"] for entry in found if entry["event"] == "worker_started"}
    for entries_of_unit in (handler, listener):
        assert {(entry["worker"], entry["process"]) for entry in entries_of_unit} <= set(pids.items())
        assert {entry["logger"] for entry in entries_of_unit} == {"zmq_bench.socket"}
    assert handler[0]["options"]["linger"] == 1000
    assert next(entry for entry in handler if entry["event"] == "accepted")["fd"] > 0
    # The messages of the session are in the log as well, with the session's own process.
    messages = [entry for entry in found if entry["event"] == "told"]
    assert any("a peer connected" in entry["message"] for entry in messages)
    assert {entry["process"] for entry in messages}.isdisjoint(pids.values())


def test_full_sockets_and_queues_are_logged_once_and_not_for_every_message(tmp_path: Path) -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 2, "queue_size": 2, "send_timeout": 5, "linger": 0}
    raw = preset(config, uri="zmq://tcp://127.0.0.1:9", handler={"paired": False, "immediate": True}, duration_s=0.5)
    log = tmp_path / "run.jsonl"
    run_soundly(tmp_path, raw, "--quiet", "--debug", "--log-file", str(log))
    events = events_of(entries(log), "h")
    assert (events.count("full"), events.count("queue_full")) == (1, 1)
    assert len(events) < 100


def test_a_log_without_debug_has_the_messages_of_the_session(tmp_path: Path) -> None:
    log = tmp_path / "run.jsonl"
    run_soundly(tmp_path, preset({"socket_type": "PUSH"}), "--quiet", f"--log-file={log}")
    found = entries(log)
    assert {(entry["level"], entry["event"]) for entry in found} == {("INFO", "told")}
    count = len(found)
    run_soundly(tmp_path, preset({"socket_type": "PUSH"}), "--quiet", f"--log-file={log}")
    assert len(entries(log)) > count, "a log is appended to"


def test_debug_goes_to_standard_error_in_a_readable_form(tmp_path: Path) -> None:
    finished = bench("run", write(tmp_path, preset({"socket_type": "PUSH"})), "--json", "-", "--quiet", "--debug")
    assert_sound(msgspec.json.decode(finished.stdout, type=RunResult))
    assert "DEBUG   h: PUSH socket opened to connect" in finished.stderr
    assert "[worker-" in finished.stderr


def test_a_log_that_cannot_be_written_any_more_gives_a_message_and_the_run_goes_on(tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUSH"}, checks=["drops == 1"])
    finished = bench("run", write(tmp_path, raw), "--quiet", "--debug", "--log-file", "/dev/full")
    # 3: this machine was too busy to judge the run.
    assert finished.returncode in (1, 3)
    assert finished.stderr.count("the log file /dev/full cannot be written: No space left") == 1
    assert "check failed: drops == 1" in finished.stdout


def test_a_log_that_cannot_be_opened_is_an_error_before_the_run(tmp_path: Path) -> None:
    finished = bench_inside("run", write(tmp_path, preset({"socket_type": "PUSH"})), "--log-file", "/nowhere/x.jsonl")
    assert finished.returncode == 2
    assert "the log file /nowhere/x.jsonl cannot be written: No such file" in finished.stderr
    assert finished.stdout == ""


def test_listen_and_send_log_what_their_sockets_do(tmp_path: Path) -> None:
    log = tmp_path / "both.jsonl"
    logged = ["--debug", "--log-file", str(log)]
    with listening(zmq.PULL) as (pull, uri):
        assert bench("send", uri, "--type", "PUSH", "{}", *logged).returncode == 0
        assert pull.recv() == b"{}"
        endpoint = uri.removeprefix("zmq://")
        # The PULL turns the SUB away, and the log has it.
        assert bench("listen", endpoint, "--type", "SUB", "--for", "0.5", *logged).returncode == 0
    found = entries(log)
    assert is_in_order(
        ["opened", "connecting", "handshake_succeeded", "connection", "closed"], events_of(found, "send")
    )
    assert is_in_order(["opened", "connecting", "disconnected", "connection", "closed"], events_of(found, "listen"))
    assert {entry["logger"] for entry in found} == {"zmq_bench.output", "zmq_bench.client"}


def test_the_library_logs_with_fields_and_configures_nothing(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    logger = logging.getLogger("zmq_bench")
    before = (list(logger.handlers), logger.level)
    with caplog.at_level(logging.DEBUG, "zmq_bench"), Output("o") as output:
        handler = output.add_handler("pub", "zmq://" + f"ipc://{tmp_path}/pub.ipc", config={"socket_type": "PUB"})
        with connected(zmq.SUB, handler.endpoint, b"") as sub:  # type: ignore[attr-defined]
            written_until_read(lambda: output.write("events", {}), sub)
    records = [record for record in caplog.records if record.name == "zmq_bench.output"]
    events = [record.__dict__["event"] for record in records]
    assert is_in_order(["opened", "bound", "accepted", "subscribed", "closed"], events)
    assert {record.__dict__["unit"] for record in records} == {"pub"}
    assert "connection" in [record.__dict__["event"] for record in records if record.levelno == logging.INFO]
    assert (list(logger.handlers), logger.level) == before
    assert any(isinstance(one, logging.NullHandler) for one in logger.handlers)


def test_a_reading_client_reports_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "zmq_bench.client"), listening(zmq.PUB) as (_, uri):
        client = ZmqClient("c", {"socket_type": "SUB"})
        assert client.sentence == ""
        with client:
            client.connect(uri)
            deadline = time.monotonic() + 10
            while not client.is_connected and time.monotonic() < deadline:
                client.read_message(0.01)
            assert client.sentence == f"connected to {uri.removeprefix('zmq://')}"
    (record,) = caplog.records
    assert (record.__dict__["unit"], record.__dict__["event"]) == ("c", "connection")


def test_the_log_ends_with_the_context_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("zmq_bench")
    # pytest could not pass a report with half a surrogate pair from one process to another.
    monkeypatch.setattr(logger, "propagate", False)
    before = (list(logger.handlers), logger.level)
    file = tmp_path / "log.jsonl"
    with logs.logging_to(file, True, pytest.fail):
        assert not logs.to_standard_error()
        logger.debug("odd %s", "é\ud800", extra={"unit": "u", "event": "e", "path": tmp_path})
        try:
            raise ValueError("x")
        except ValueError:
            logger.exception("failed", extra={"event": "f"})
    logger.debug("not heard")
    assert (list(logger.handlers), logger.level) == before
    odd, failed = (json.loads(line) for line in file.read_text().splitlines())
    assert (odd["message"], odd["unit"], odd["path"]) == ("odd é\ud800", "u", str(tmp_path))
    assert odd["process"] == os.getpid()
    assert "ValueError: x" in failed["exception"]


def test_standard_error_without_a_reader_raises_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    broken = os.fdopen(write_end, "w")
    monkeypatch.setattr("sys.stderr", broken)
    with logs.logging_to(None, True, pytest.fail):
        assert logs.to_standard_error()
        logging.getLogger("zmq_bench").debug("one")
        logging.getLogger("zmq_bench").debug("two")
    monkeypatch.undo()
    # The unwritten text is still in the buffer.
    with pytest.raises(BrokenPipeError):
        broken.close()
