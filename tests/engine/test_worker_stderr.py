"""The standard error of a worker that crashed is in the events, in the reasons of the result, and in the log."""

from __future__ import annotations

import json
import logging
import os
import signal
from pathlib import Path

import pytest

from bench_app.engine.result import to_json
from bench_app.engine.session import Session
from bench_app.engine.worker_stderr import KEPT_BYTES, last_error_lines, read_stderr
from tests.runs import assert_balanced, preset, run, until

ASSERTION = "Assertion failed: !_io_error (src/stream_engine_base.cpp:310)"


async def abort(session: Session, unit: str, words: str) -> None:
    """What libzmq does when an assertion of its own fails: a line on standard error, then SIGABRT."""
    state = session.units[unit]
    pid = session.pid_of(state)
    assert pid is not None
    with (state.counters_file.parent / f"{state.worker}.stderr").open("a") as errors:
        errors.write(words)
    os.kill(pid, signal.SIGABRT)
    await until(lambda: state.restarts == 1)


def test_event_reason_and_log_have_the_assertion(caplog: pytest.LogCaptureFixture) -> None:
    async def meanwhile(session: Session) -> None:
        await until(lambda: any(s.counts.received for s in session.listeners.values()))
        await abort(session, "handler-1/listener-1", f"a first line\n{ASSERTION}\n")
        session.stop()

    with caplog.at_level(logging.INFO, logger="zmq_bench.run"):
        finished = run(preset({"socket_type": "PUSH"}, duration_s=60), meanwhile)
    assert_balanced(finished.result)
    ending = f"was killed by SIGABRT; its last output: a first line / {ASSERTION}"
    assert f"h/pull-1: its worker {ending}" in finished.messages()
    reason = f"h/pull-1: its worker process ended unexpectedly: it {ending}"
    assert reason in json.loads(to_json(finished.result))["reasons"]
    assert [record.getMessage() for record in caplog.records if getattr(record, "event", "") == "worker_stderr"] == [
        f"worker-2 wrote to standard error: a first line\n{ASSERTION}"
    ]


def test_the_output_of_a_worker_with_many_units_is_in_one_event() -> None:
    async def meanwhile(session: Session) -> None:
        await until(lambda: all(s.counts.received for s in session.listeners.values()))
        await abort(session, "handler-1", f"{ASSERTION}\n")
        session.stop()

    listeners = [{"name": f"l{number}"} for number in range(4)]
    raw = preset({"socket_type": "PUSH"}, uri="zmq://inproc://x", duration_s=60, listeners=listeners)
    finished = run(raw, meanwhile)
    assert_balanced(finished.result)
    assert finished.messages().count("was killed by SIGABRT") == 5
    assert finished.messages().count(ASSERTION) == 1
    assert str(finished.result.reasons).count(ASSERTION) == 1


def test_a_kill_by_the_user_is_no_reason() -> None:
    async def meanwhile(session: Session) -> None:
        await until(lambda: any(s.counts.received for s in session.listeners.values()))
        session.kill_unit(session.units["handler-1/listener-1"])
        await until(lambda: session.units["handler-1/listener-1"].restarts == 1)
        session.stop()

    finished = run(preset({"socket_type": "PUSH"}, duration_s=60), meanwhile)
    assert "its worker was killed by SIGKILL" in finished.messages()
    assert "ended unexpectedly" not in str(finished.result.reasons)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("\n \n", ""),
        ("one", "one"),
        ("one\n\n  two  \n", "one / two"),
        ("1\n2\n3\n4\n5", "3 / 4 / 5"),
        ("\x1b[31mred\x1b[0m\x07", "[31mred[0m"),
        ("x" * 1000, "x" * 200),
    ],
)
def test_the_last_lines_of_the_output(text: str, expected: str) -> None:
    assert last_error_lines(text) == expected


def test_only_the_end_of_a_long_output_is_read(tmp_path: Path) -> None:
    file = tmp_path / "errors"
    file.write_bytes(b"x" * KEPT_BYTES + b"\xff\nthe end\n")
    assert read_stderr(file).endswith("x\ufffd\nthe end")
    assert len(read_stderr(file)) <= KEPT_BYTES
    assert read_stderr(tmp_path / "nothing") == ""
