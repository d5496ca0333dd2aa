"""``zmq-bench capacity``: its table, its JSON and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import bench, bench_inside, write
from tests.runs import preset


def test_capacity_prints_and_writes_the_places_of_messages(tmp_path: Path) -> None:
    config = {"socket_type": "PUSH", "high_water_mark": 5}
    raw = preset(config, uri="zmq://inproc://cli", listeners=[{"name": "l", "high_water_mark": 7}])
    raw["output"]["handlers"]["ask"] = {"uri": "zmq://inproc://ask", "config": {"socket_type": "REQ"}}
    file, out = write(tmp_path, raw), tmp_path / "c.json"
    finished = bench("capacity", file, "--json", str(out))
    assert finished.returncode == 0, finished.stderr
    printed = " ".join(finished.stdout.split())
    assert "SNDHWM 5 + RCVHWM 7 = 12" in printed
    assert "effective capacity 12" in printed
    assert "A stalled consumer fills the connection after 12 messages: at the preset's 2,000/s, after 6 ms." in printed
    assert "a REQ has only one request in flight" in printed
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


def test_capacity_has_the_exit_codes_of_other_commands(tmp_path: Path) -> None:
    file = write(tmp_path, preset({"socket_type": "REQ"}))
    unknown = bench_inside("capacity", file, "--handler", "nix")
    assert (unknown.returncode, "no handler “nix”: it has h" in unknown.stderr) == (2, True)
    assert bench_inside("capacity", "no-such-preset").returncode == 2
    source = {"kind": "synthetic", "size": 20_000, "load": {"shape": "constant", "rate": 100_000}}
    config = {"socket_type": "PUSH", "high_water_mark": 5, "reconnect_interval": 0}
    listeners = [{"name": "strict", "max_message_size": 10_000}]
    invalid = bench("capacity", write(tmp_path, preset(config, source=source, listeners=listeners)))
    assert (invalid.returncode, "No valid figure" in invalid.stdout) == (3, True)
