"""A run in the terminal: what it prints, what it writes, and its exit code."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench_app.cli import terminal_run
from bench_app.cli.command_console import CommandConsole
from bench_app.cli.terminal_run import run_in_terminal, run_to_end
from bench_app.data_plane.choice import AS_INSTALLED
from bench_app.engine.result import RunResult, to_json
from bench_app.preset import documents
from bench_app.system.signals import ENDING_SIGNALS, CaughtSignals
from tests.cli.command import bench, bench_inside, run_soundly, write
from tests.runs import doubts, notes_of, preset

LATENCY_KEYS = ["count", "mean", "p50", "p90", "p99", "p99_9", "p99_99", "max"]


@pytest.mark.parametrize(("checks", "code"), [(["drops == 0"], 0), ([f"drops == {n}" for n in range(1, 13)], 1)])
def test_exit_codes_of_checks_and_the_first_reasons(tmp_path: Path, checks: list[str], code: int) -> None:
    out = tmp_path / "r.json"
    finished = bench("run", write(tmp_path, preset({"socket_type": "PUSH"}, checks=checks)), "--json", str(out))
    result = msgspec.json.decode(out.read_bytes(), type=RunResult)
    assert doubts(result) == []
    assert result.verdict in (("pass", "fail")[code], "invalid")
    assert finished.returncode == (3 if result.verdict == "invalid" else code), finished.stderr
    assert ("passed" if code == 0 else "FAILED") in finished.stdout or result.verdict == "invalid"
    # The terminal shows the first reasons, and the result has all.
    failed = [reason for reason in result.reasons if reason.startswith("check failed")]
    assert len(failed) == (12 if code else 0)
    if code:
        assert re.search(r"and [4-9] more such reasons; the JSON result has them all", finished.stdout)


def test_the_result_has_every_key(tmp_path: Path) -> None:
    types = {"pub": "PUB", "push": "PUSH", "req": "REQ"}
    raw = preset(rate=500, checks=["drops == 0"])
    raw["output"]["handlers"] = {
        name: {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": socket_type, "topic": "t"}}
        for name, socket_type in types.items()
    }
    raw["bench"]["handlers"] = {}
    _, sound = run_soundly(tmp_path, raw, "--quiet", "--hdr", str(tmp_path / "run.hlog"))
    result = json.loads(to_json(sound))
    assert list(result) == [
        *("format", "preset", "started_at", "duration_s", "verdict", "reasons", "notes", "balanced", "handlers"),
        *(
            "checks",
            "machine",
            "sources",
            "workers",
            "findings",
            "advice",
            "run",
            "start_ns",
            "start_wall_ns",
            "warmup_s",
        ),
    ]
    assert result["format"] == "zmq-bench-result/1"
    assert {name: one["socket_type"] for name, one in result["handlers"].items()} == types
    for handler in result["handlers"].values():
        assert_every_key(handler)
    assert result["checks"] == [{"check": "drops == 0", "value": 0, "passed": True}]
    assert list(result["machine"]) == [
        *("cpus", "python", "pyzmq", "libzmq", "data_plane", "libzmq_path"),
        *("cpu_pressure_pct", "steal_pct", "throttled_ms"),
        *("io_threads", "cpu_affinity"),
    ]
    of_units = {f"{name}/{one}" for name, handler in result["handlers"].items() for one in handler["listeners"]}
    assert {unit for worker in result["workers"].values() for unit in worker["units"]} == {*types, *of_units}
    for worker in result["workers"].values():
        assert list(worker) == [
            *("units", "processor", "cpu_s", "run_wait_s", "stall_us", "rss_mb"),
            *("switches_voluntary", "switches_involuntary", "page_faults", "per_second"),
        ]
        assert list(worker["stall_us"]) == ["p50", "p99", "max"]
    tags = set(re.findall(r"Tag=[^,]+", (tmp_path / "run.hlog").read_text()))
    assert {f"Tag={unit}/service" for unit in of_units} <= tags


def assert_every_key(handler: dict[str, Any]) -> None:
    """The keys of one handler of the JSON result, and of its only listener."""
    round_trip = ["round_trip_us"] if handler["socket_type"] == "REQ" else []
    assert list(handler) == [
        *(
            "number",
            "socket_type",
            "endpoint",
            "offered",
            "queue_overflow",
            "send_timeout",
            "aborted",
            "accepted",
            "bytes",
        ),
        *("replied", "request_timeout", "retries", "lost", "seconds", "rate", "balanced", "lateness_us"),
        *round_trip,
        "listeners",
    ]
    assert handler["bytes"] == handler["accepted"] * (512 + (1 if handler["socket_type"] == "PUB" else 0))
    ((_, listener),) = handler["listeners"].items()
    assert list(listener) == [
        *("received", "lost", "before_join", "duplicates", "reordered", "foreign", "malformed"),
        *("received_in_drain", "rate", "wait", "service_us", "response_us"),
    ]
    for summary in (handler["lateness_us"], listener["service_us"], listener["response_us"]):
        assert list(summary) == LATENCY_KEYS


def test_a_histogram_log_needs_a_file(tmp_path: Path) -> None:
    finished = bench_inside("run", write(tmp_path, preset()), "--hdr", "-")
    assert finished.returncode == 2
    assert "needs a file" in finished.stderr


def test_an_address_in_use_gives_a_message_and_other_handlers_go_on(tmp_path: Path) -> None:
    raw = preset({"socket_type": "PUB", "topic": "t"}, uri="zmq://tcp://*:5581")
    raw["output"]["handlers"]["twin"] = {"uri": "zmq://tcp://*:5581", "config": {"socket_type": "PUB"}}
    raw["output"]["handlers"]["other"] = {"uri": "zmq://tcp://a-server:5582", "config": {"socket_type": "PUSH"}}
    finished = bench("run", write(tmp_path, raw), "--json", "-")
    assert finished.returncode == 3
    result = json.loads(finished.stdout)
    assert "address already in use" in finished.stderr
    offered = {name: handler["offered"] for name, handler in result["handlers"].items()}
    assert sorted(offered.values()) == [0, 1000, 1000]
    assert offered["other"] == result["handlers"]["other"]["accepted"] == 1000
    assert result["balanced"] is True


def test_a_name_that_does_not_resolve_gives_a_message(tmp_path: Path) -> None:
    config = {"socket_type": "PUSH", "reconnect_interval": 10, "max_reconnect_attempts": 3, "linger": 0}
    raw = preset(config, uri="zmq://tcp://no-such-host.invalid:5555", handler={"paired": False}, duration_s=1)
    finished, result = run_soundly(tmp_path, raw)
    assert "the name no-such-host.invalid does not resolve" in finished.stdout
    assert finished.stdout.count("gave up on") == 1
    handler = result.handlers["h"]
    assert handler.aborted > 0
    assert handler.lost == handler.accepted


def test_progress_has_no_line_twice_and_shows_the_number_of_several_listeners(tmp_path: Path) -> None:
    both = [{"name": "a"}, {"name": "b"}]
    finished = bench("run", write(tmp_path, preset({"socket_type": "PUB"}, listeners=both, duration_s=1.2)))
    progress = [line for line in finished.stdout.splitlines() if ": offered " in line]
    assert progress
    assert len(progress) == len(set(progress))
    assert re.search(r"accepted [0-9,]+, received [0-9,]+ \(by 2\)", finished.stdout)
    assert " -0." not in finished.stdout, "time begins with 0"


def test_a_run_without_a_connection_has_a_note_in_terminal_and_result(tmp_path: Path) -> None:
    finished, result = run_soundly(tmp_path, preset({"socket_type": "PUB"}, handler={"paired": False, "mode": "bind"}))
    assert "note  h: no peer was ever connected" in finished.stdout
    assert "nothing was lost" not in finished.stdout
    assert len(notes_of(result)) == 1


def test_quiet_output_has_the_notes_on_the_source(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text('{"a":1}\n' * 5 + "x\n")
    source = {"kind": "replay", "path": "e.jsonl", "load": {"shape": "constant", "rate": 500}}
    finished = bench("run", write(tmp_path, preset({"socket_type": "PUSH"}, source=source)), "--quiet")
    assert "note  h: 1 record of its file was skipped (1 not JSON)" in finished.stdout
    assert "note  h: its file ended before the run" in finished.stdout


def test_a_signal_that_comes_before_the_loop_of_the_run_ends_the_run() -> None:
    document = documents.parse(preset({"socket_type": "PUSH"}, duration_s=600), "test")
    with CaughtSignals() as caught:
        signal.raise_signal(signal.SIGTERM)
        finished = run_to_end(document, CommandConsole(quiet=True), True, AS_INSTALLED, caught)
    assert finished.interrupted
    assert (finished.result.handlers["h"].offered, finished.result.balanced) == (0, True)


@pytest.mark.parametrize("number", ENDING_SIGNALS)
def test_a_signal_that_comes_when_the_run_is_over_waits_for_the_result(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json = terminal_run.write_json

    def write_late(result: bytes, file: Path | None) -> None:
        signal.raise_signal(number)
        write_json(result, file)

    monkeypatch.setattr(terminal_run, "write_json", write_late)
    document, file = documents.parse(preset({"socket_type": "PUSH"}), "test"), tmp_path / "r.json"
    with pytest.raises(SystemExit) as ended:
        run_in_terminal(document, file, None, quiet=True)
    assert ended.value.code in (0, 3)
    assert msgspec.json.decode(file.read_bytes(), type=RunResult).handlers["h"].offered == 1000
    # Nothing ends the process with another exit code from here on.
    signal.raise_signal(number)


def test_a_second_signal_does_not_wait_for_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(result: bytes, file: Path | None) -> None:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("it goes on")

    monkeypatch.setattr(terminal_run, "write_json", hang)
    document = documents.parse(preset({"socket_type": "PUSH"}), "test")
    with pytest.raises(KeyboardInterrupt):
        run_in_terminal(document, tmp_path / "r.json", None, quiet=True)
