"""The command line as a user meets it: exit codes, messages, no tracebacks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runs import preset

LATENCY_KEYS = ["count", "mean", "p50", "p90", "p99", "p99_9", "p99_99", "max"]


def bench(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from bench_app.cli.commands import main; main()", *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, check=False)
    assert "Traceback" not in finished.stderr, finished.stderr
    return finished


def write(folder: Path, raw: dict[str, Any], name: str = "p.json") -> str:
    file = folder / name
    file.write_text(json.dumps(raw))
    return str(file)


@pytest.mark.parametrize(("checks", "code"), [(["drops == 0"], 0), (["drops == 1"], 1)])
def test_exit_codes_of_checks(tmp_path: Path, checks: list[str], code: int) -> None:
    file = write(tmp_path, preset({"socket_type": "PUSH"}, checks=checks))
    finished = bench("run", file)
    assert finished.returncode == code, finished.stderr
    assert ("passed" if code == 0 else "FAILED") in finished.stdout


def test_of_many_reasons_a_person_is_told_the_first_and_the_result_has_all(tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    checks = [f"drops == {number}" for number in range(1, 13)]
    finished = bench("run", write(tmp_path, preset({"socket_type": "PUSH"}, checks=checks)), "--json", str(out))
    assert "and 4 more such reasons; the JSON result has them all" in finished.stdout
    assert len(json.loads(out.read_text())["reasons"]) == 12


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
def test_the_result_has_every_key(tmp_path: Path, socket_type: str) -> None:
    out = tmp_path / "r.json"
    raw = preset({"socket_type": socket_type, "topic": "t"}, checks=["drops == 0"])
    assert bench("run", write(tmp_path, raw), "--json", str(out), "--quiet").returncode == 0
    result = json.loads(out.read_text())
    assert list(result) == [
        *("format", "preset", "started_at", "duration_s", "verdict", "reasons", "notes", "balanced", "handlers"),
        "checks",
        "machine",
    ]
    assert result["format"] == "zmq-bench-result/1"
    assert result["verdict"] == "pass"
    handler = result["handlers"]["h"]
    round_trip = ["round_trip_us"] if socket_type == "REQ" else []
    assert list(handler) == [
        *("socket_type", "endpoint", "offered", "queue_overflow", "send_timeout", "aborted", "accepted", "bytes"),
        *(
            "replied",
            "request_timeout",
            "retries",
            "lost",
            "seconds",
            "rate",
            "balanced",
            "lateness_us",
            *round_trip,
            "listeners",
        ),
    ]
    assert handler["bytes"] == handler["accepted"] * (512 + (1 if socket_type == "PUB" else 0))
    (listener,) = handler["listeners"].values()
    assert list(listener) == [
        *("received", "lost", "before_join", "duplicates", "reordered", "foreign", "malformed", "rate"),
        *("service_us", "response_us"),
    ]
    for summary in (handler["lateness_us"], listener["service_us"], listener["response_us"]):
        assert list(summary) == LATENCY_KEYS
    assert result["checks"] == [{"check": "drops == 0", "value": 0, "passed": True}]
    assert list(result["machine"]) == ["cpus", "python", "pyzmq", "libzmq"]


def test_the_result_on_standard_output_is_alone_there(tmp_path: Path) -> None:
    finished = bench("run", write(tmp_path, preset()), "--json", "-")
    assert json.loads(finished.stdout)["balanced"] is True
    assert "Ledger" in finished.stderr


def test_options_change_the_preset(tmp_path: Path) -> None:
    arguments = ["--duration", "0.3", "--rate", "500", "--set", "output.handlers.h.config.socket_type=PUB"]
    finished = bench("run", write(tmp_path, preset()), *arguments, "--json", "-", "--quiet")
    handler = json.loads(finished.stdout)["handlers"]["h"]
    assert (handler["socket_type"], handler["offered"]) == ("PUB", 150)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "no-such-preset"], "no-such-preset"),
        (["run", "basic-publsher"], "basic-publisher"),
        (["run"], "PRESET"),
        (["run", "basic-publisher", "--rate", "many"], "--rate"),
        (["run", "basic-publisher", "--rate", "-1"], "rate"),
        (["run", "basic-publisher", "--duration", "nan"], "bench.duration_s"),
        (["run", "basic-publisher", "--set", "nonsense"], "nonsense"),
        (["run", "basic-publisher", "--set", "bench.duration_s=soon"], "bench.duration_s"),
        (["run", "basic-publisher", "--json", "/no/such/folder/r.json"], "/no/such/folder"),
        (
            ["run", "basic-publisher", "--set", "output.handlers.nobody.config.linger=5"],
            "no such handler; there is zmq-p",
        ),
        (["run", "basic-publisher", "--log-file", "/no/such/folder/l.jsonl"], "/no/such/folder"),
        (["slow-joiner", "--screenshot", "zz.txt"], ".png, .jpg"),
        (["rn", "slow-joiner"], 'no command "rn"; did you mean run?'),
        (["frobnicate", "slow-joiner"], 'no command "frobnicate"; there are run, check'),
        (["slow-joinr", "--start"], "did you mean slow-joiner?"),
        (["rnu"], "did you mean run?"),
        (["check", "/"], "/"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_wrong_input(arguments: list[str], told: str) -> None:
    finished = bench(*arguments)
    assert finished.returncode == 2
    assert told in finished.stderr


@pytest.mark.parametrize("command", [[], ["open"], ["run"], ["check"], ["presets"], ["schema"], ["listen"], ["send"]])
def test_every_help_has_an_example_and_fits_the_terminal(command: list[str]) -> None:
    text = bench(*command, "--help").stdout
    lines = [line for line in text.splitlines() if line.startswith("  zmq-bench")]
    assert lines, "no example"
    assert all(word in text for word in (["Exit codes"] if command not in (["presets"], ["schema"]) else []))
    assert max(map(len, text.splitlines())) <= 100
    assert "..." not in text.partition("Commands:")[2], "a command's line is cut off"


def test_check_lists_all_faults_of_all_files(tmp_path: Path) -> None:
    bad = preset({"socket_type": "DEALER", "high_water_mark": True}, duration_s=-1)
    broken = tmp_path / "broken.json"
    broken.write_text('{\n  "output": {,}\n}')
    finished = bench("check", write(tmp_path, preset()), write(tmp_path, bad, "bad.json"), str(broken))
    assert finished.returncode == 2
    assert "good" in finished.stdout
    for told in ("config.socket_type", '"DEALER"', "config.high_water_mark", "bench.duration_s", "line 2, column"):
        assert told in finished.stderr


def test_schema_and_presets() -> None:
    assert json.loads(bench("schema").stdout)["$schema"]
    assert "slow-joiner" in bench("presets").stdout


def test_histograms_for_other_tools(tmp_path: Path) -> None:
    out = tmp_path / "run.hlog"
    assert bench("run", write(tmp_path, preset()), "--hdr", str(out), "--quiet").returncode == 0
    assert "Tag=h/pull-1/service" in out.read_text()


def test_an_address_in_use_is_a_sentence_and_the_others_go_on(tmp_path: Path) -> None:
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


def test_a_name_that_does_not_resolve_is_a_sentence(tmp_path: Path) -> None:
    config = {"socket_type": "PUSH", "reconnect_interval": 10, "max_reconnect_attempts": 3, "linger": 0}
    raw = preset(config, uri="zmq://tcp://no-such-host.invalid:5555", handler={"paired": False}, duration_s=1)
    finished = bench("run", write(tmp_path, raw), "--json", "-")
    assert finished.returncode == 0
    assert "the name no-such-host.invalid does not resolve" in finished.stderr
    assert finished.stderr.count("gave up on") == 1
    handler = json.loads(finished.stdout)["handlers"]["h"]
    assert handler["aborted"] > 0
    assert handler["lost"] == handler["accepted"]


def test_a_misspelt_key_is_told_when_a_preset_is_run(tmp_path: Path) -> None:
    misspelt = "output.handlers.h.config.high_watermark=5"
    finished = bench("run", write(tmp_path, preset()), "--quiet", "--set", misspelt)
    assert "did you mean high_water_mark?" in finished.stderr


def test_a_full_disk_behind_standard_output_is_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from bench_app.cli.commands import main; main()"]
    with Path("/dev/full").open("w") as full:
        arguments = ["run", write(tmp_path, preset()), "--quiet", "--json", "-"]
        finished = subprocess.run([*command, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert finished.returncode == 3
    assert "could not be written to standard output" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_reader_that_goes_is_no_failed_check(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench_app.start", "run", write(tmp_path, preset())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 3


@pytest.mark.parametrize("arguments", [["presets"], ["schema"], ["check", "slow-joiner"], ["run", "--help"]])
def test_a_reader_that_has_gone_before_hears_of_nothing(arguments: list[str]) -> None:
    read, written = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "bench_app.start", *arguments]
    finished = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(written)
    assert (finished.returncode, finished.stderr) == (3, "")


def test_no_line_of_progress_is_written_twice(tmp_path: Path) -> None:
    lines = bench("run", write(tmp_path, preset({"socket_type": "PUB"}, duration_s=1.2))).stdout.splitlines()
    progress = [line for line in lines if ": offered " in line]
    assert progress
    assert len(progress) == len(set(progress))


def test_progress_says_by_how_many_listeners_something_was_received(tmp_path: Path) -> None:
    both = [{"name": "a"}, {"name": "b"}]
    finished = bench("run", write(tmp_path, preset({"socket_type": "PUB"}, listeners=both, duration_s=1.2)))
    assert re.search(r"accepted [0-9,]+, received [0-9,]+ \(by 2\)", finished.stdout)
    assert " -0." not in finished.stdout, "time begins with 0"


def test_a_run_that_nobody_was_connected_to_says_so_in_terminal_and_result(tmp_path: Path) -> None:
    file = write(tmp_path, preset({"socket_type": "PUB"}, handler={"paired": False, "mode": "bind"}))
    out = tmp_path / "r.json"
    finished = bench("run", file, "--json", str(out))
    assert finished.returncode == 0
    assert "note  h: nobody was ever connected to it" in finished.stdout
    assert "nothing was lost" not in finished.stdout
    assert len(json.loads(out.read_text())["notes"]) == 1


def test_ctrl_c_while_it_loads_ends_without_a_traceback() -> None:
    program = (
        "import builtins, signal, os\n"
        # Whoever started the tests in the background may have had it ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "real = builtins.__import__\n"
        "def slow(name, *rest):\n"
        "    if name == 'bench_app.cli.commands':\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest)\n"
        "from bench_app.start import main\n"
        "builtins.__import__ = slow\n"
        "main()\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (130, "")


def test_a_histogram_log_needs_a_file(tmp_path: Path) -> None:
    finished = bench("run", write(tmp_path, preset()), "--hdr", "-")
    assert finished.returncode == 2
    assert "needs a file" in finished.stderr


def test_capacity_tells_where_messages_sit(tmp_path: Path) -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 5}
    raw = preset(config, uri="zmq://inproc://cli", listeners=[{"name": "l", "high_water_mark": 7}])
    raw["output"]["handlers"]["ask"] = {"uri": "zmq://inproc://ask", "config": {"socket_type": "REQ"}}
    file, out = write(tmp_path, raw), tmp_path / "c.json"
    finished = bench("capacity", file, "--json", str(out))
    assert finished.returncode == 0, finished.stderr
    told = " ".join(finished.stdout.split())
    assert "SNDHWM 5 + RCVHWM 7 = 12" in told
    assert "effective capacity 12" in told
    assert "A consumer that stalls is felt after 12 messages: at the preset's 2,000/s, after 6 ms." in told
    assert "a REQ has one request in flight" in told
    result = json.loads(out.read_text())
    assert list(result) == ["format", "preset", "connections", "machine"]
    assert result["format"] == "zmq-bench-capacity/1"
    push, request = result["connections"]
    assert list(push) == [
        *("handler", "listeners", "socket_type", "transport", "verdict", "messages", "received", "message_bytes"),
        *(
            "queue_size",
            "send_timeout",
            "send_high_water_mark",
            "receive_high_water_mark",
            "places",
            "rate",
            "fills_in_s",
            "step",
        ),
        *("drops", "reason", "notes"),
    ]
    assert (push["messages"], push["received"], push["verdict"]) == (12, 12, "measured")
    assert list(push["places"][0]) == ["place", "holds", "messages", "basis", "bytes"]
    assert (request["messages"], request["verdict"]) == (1, "by_design")


def test_capacity_of_one_handler_alone_on_standard_output(tmp_path: Path) -> None:
    raw = preset({"socket_type": "REQ"})
    raw["output"]["handlers"]["off"] = {"uri": "zmq://inproc://x", "enabled": False, "config": {"socket_type": "REQ"}}
    finished = bench("capacity", write(tmp_path, raw), "--handler", "off", "--json", "-")
    assert finished.returncode == 0, finished.stderr
    assert [one["handler"] for one in json.loads(finished.stdout)["connections"]] == ["off"]


def test_capacity_ends_with_the_exit_codes_of_the_others(tmp_path: Path) -> None:
    file = write(tmp_path, preset({"socket_type": "REQ"}))
    unknown = bench("capacity", file, "--handler", "nix")
    assert (unknown.returncode, "no handler “nix”: it has h" in unknown.stderr) == (2, True)
    assert bench("capacity", "no-such-preset").returncode == 2
    source = {"kind": "synthetic", "size": 20_000, "load": {"shape": "constant", "rate": 100_000}}
    config = {"socket_type": "PUSH", "high_water_mark": 5, "reconnect_interval": 0}
    listeners = [{"name": "strict", "max_message_size": 10_000}]
    unsound = bench("capacity", write(tmp_path, preset(config, source=source, listeners=listeners)))
    assert (unsound.returncode, "No sound figure" in unsound.stdout) == (3, True)


def test_the_package_is_the_command() -> None:
    command = [sys.executable, "-m", "bench_app", "presets"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "silent-pub-loss" in finished.stdout
