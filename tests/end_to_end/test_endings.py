"""Every way in which a run ends: the ledger balances, and no process is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from bench_app.engine.session import Phase, Session
from tests.runs import assert_balanced, preset, run, until, workers_left

LONG = {"duration_s": 60, "rate": 2000}
PATTERNS = ["PUB", "PUSH", "REQ"]


def long_preset(socket_type: str, **more: object) -> dict[str, object]:
    mode = {"mode": "bind" if socket_type == "PUB" else "connect"}
    # Find a restarted peer soon: with the default interval this takes up to ten seconds.
    config = {"socket_type": socket_type, "topic": "t", "reconnect_interval": 50}
    return preset(config, handler=mode, **{**LONG, **more})  # type: ignore[arg-type]


async def until_received(session: Session, count: int) -> None:
    await until(lambda: sum(s.counts.received for s in session.listeners.values()) >= count)


def pid_of(session: Session, unit: str) -> int:
    pid = session.pid_of(session.units[unit])
    assert pid is not None
    return pid


@pytest.mark.parametrize("socket_type", PATTERNS)
def test_stopped(socket_type: str) -> None:
    async def stop(session: Session) -> None:
        await until_received(session, 100)
        session.stop()

    finished = run(long_preset(socket_type), stop)
    assert_balanced(finished.result)
    assert finished.session.interrupted
    assert 100 <= finished.handler().accepted < 60 * 2000
    assert finished.handler().lost == 0
    assert not workers_left()


def test_stopped_while_one_of_two_sources_goes_on(tmp_path: Path) -> None:
    """The run lasted until it was stopped, and not only until the other source had ended."""
    recording = tmp_path / "events.jsonl"
    recording.write_text('{"n": 1}\n')
    raw = long_preset("PUSH")
    raw["output"]["handlers"]["short"] = {"uri": "zmq://tcp://127.0.0.1:*", "sink": "recorded"}  # type: ignore[index]
    raw["bench"]["sources"]["recorded"] = {"kind": "replay", "path": str(recording)}  # type: ignore[index]
    stopped_after: list[float] = []

    async def stop(session: Session) -> None:
        await until(lambda: session.handlers["short"].source_ended and session.handlers["h"].counts.accepted > 100)
        stopped_after.append(session.elapsed_s)
        session.stop()

    finished = run(raw, stop)
    assert_balanced(finished.result)
    assert finished.result.duration_s >= round(stopped_after[0], 3)


def test_stopped_while_opening() -> None:
    async def stop(session: Session) -> None:
        await until(lambda: session.phase is Phase.OPENING)
        session.stop()

    finished = run(long_preset("PUB"), stop)
    assert_balanced(finished.result)
    assert finished.handler().offered == 0


@pytest.mark.parametrize("socket_type", PATTERNS)
def test_ended_by_force(socket_type: str) -> None:
    async def stop(session: Session) -> None:
        await until_received(session, 100)
        session.stop()
        session.force_stop()

    finished = run(long_preset(socket_type), stop)
    assert_balanced(finished.result)
    assert finished.result.verdict == "invalid"
    assert finished.handler().accepted >= 100
    assert not workers_left()


# An inproc pair shares one worker, so there is one process to kill.
@pytest.mark.parametrize(
    ("uri", "unit"),
    [
        ("zmq://tcp://127.0.0.1:*", "handler-1"),
        ("zmq://tcp://127.0.0.1:*", "handler-1/listener-1"),
        ("zmq://inproc://x", "handler-1"),
    ],
)
@pytest.mark.parametrize("socket_type", PATTERNS)
def test_a_killed_worker_is_replaced_and_its_counts_continue(socket_type: str, unit: str, uri: str) -> None:
    async def kill(session: Session) -> None:
        await until_received(session, 100)
        assert (pid_of(session, "handler-1") == pid_of(session, "handler-1/listener-1")) == ("inproc" in uri)
        os.kill(pid_of(session, unit), signal.SIGKILL)
        await until(lambda: session.units[unit].restarts == 1)
        received = sum(s.counts.received for s in session.listeners.values())
        await until_received(session, received + 100)
        session.stop()

    finished = run(long_preset(socket_type, uri=uri), kill)
    assert_balanced(finished.result)
    assert finished.result.verdict == "invalid"
    assert "was killed by SIGKILL" in finished.messages()
    handler = finished.handler()
    (listener,) = handler.listeners.values()
    assert listener.duplicates <= handler.retries + 1
    assert listener.foreign == listener.malformed == 0


def test_a_worker_that_is_killed_again_and_again_is_given_up() -> None:
    async def kill(session: Session) -> None:
        for restart in range(4):
            await until(lambda restart=restart: session.units["handler-1"].restarts == restart)  # type: ignore[misc]
            received = sum(s.counts.received for s in session.listeners.values())
            await until_received(session, received + 10)
            os.kill(pid_of(session, "handler-1"), signal.SIGKILL)
        await until(lambda: session.units["handler-1"].crashed)

    finished = run(long_preset("PUSH"), kill)
    assert_balanced(finished.result)
    assert finished.result.verdict == "invalid"


def start_cli(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from bench_app.cli.commands import main; main()", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_first_events(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Read the output until events flow; returns the workers."""
    assert process.stdout is not None
    for line in process.stdout:
        if "received" in line and "received 0" not in line:
            return psutil.Process(process.pid).children(recursive=True)
    raise AssertionError("the run ended before events flowed")


def write_preset(folder: Path) -> Path:
    file = folder / "long.json"
    file.write_bytes(msgspec.json.encode(long_preset("PUSH")))
    return file


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_to_the_command_line(tmp_path: Path, number: signal.Signals) -> None:
    result_file = tmp_path / "result.json"
    with start_cli("run", str(write_preset(tmp_path)), "--json", str(result_file)) as process:
        workers = wait_for_first_events(process)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Ledger" in output
    assert "Traceback" not in errors
    result = msgspec.json.decode(result_file.read_bytes())
    assert result["balanced"] is True
    handler = result["handlers"]["h"]
    assert handler["offered"] == handler["accepted"] == handler["listeners"]["pull-1"]["received"] > 0
    assert psutil.wait_procs(workers, timeout=60)[1] == []


def test_no_orphan_after_the_session_is_killed(tmp_path: Path) -> None:
    with start_cli("run", str(write_preset(tmp_path))) as process:
        workers = wait_for_first_events(process)
        assert len(workers) == 2
        process.kill()
        assert psutil.wait_procs(workers, timeout=60)[1] == []


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH"])
def test_a_rate_has_no_message_that_the_drain_read(socket_type: str) -> None:
    listener = {"name": "slow", "delay_ms": 2, "high_water_mark": 10_000}
    config = {"socket_type": socket_type, "high_water_mark": 10_000, "linger": 20_000}
    finished = run(preset(config, listeners=[listener], duration_s=2))
    assert_balanced(finished.result)
    slow = finished.handler().listeners["slow"]
    in_time = slow.received - slow.received_in_drain
    assert slow.received == finished.handler().accepted == 4000
    assert 0 < slow.rate <= 500
    # The result rounds the rate to 0.1/s and the duration to 1 ms, each by half of that at most.
    duration_s = finished.result.duration_s
    assert in_time / (duration_s + 0.0005) - 0.051 <= slow.rate <= in_time / (duration_s - 0.0005) + 0.051


def test_a_listener_that_stalls_for_the_whole_run_has_a_rate_of_0() -> None:
    listener = {"name": "s", "stall": [0, 3600], "high_water_mark": 10_000}
    config = {"socket_type": "PUSH", "high_water_mark": 10_000, "linger": 20_000}
    stalled = run(preset(config, listeners=[listener])).handler().listeners["s"]
    assert stalled.received == stalled.received_in_drain == 1000
    assert stalled.rate == 0
