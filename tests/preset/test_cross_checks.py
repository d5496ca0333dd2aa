"""Faults that are found only by comparing several values of a preset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench_app.preset.documents import parse
from tests.preset.presets import faults_of, only_fault, pub_preset, write


@pytest.mark.parametrize(
    ("bench", "fault"),
    [
        (
            {"handlers": {"pup": {}}},
            ("bench.handlers.pup", '"pup"', "the name of a handler: pub, push, req; did you mean pub?"),
        ),
        (
            {"listeners": {"x.y": []}},
            ('bench.listeners["x.y"]', '"x.y"', "the name of a handler: pub, push, req"),
        ),
        (
            {"sources": {"event": {"kind": "synthetic"}}},
            (
                "bench.sources.event",
                '"event"',
                "the sink of a handler: events, tasks, requests; did you mean events?",
            ),
        ),
        (
            {"listeners": {"pub": [{"name": "sub-2"}, {}]}},
            ("bench.listeners.pub[1].name", "", 'a name of its own: "sub-2" is already the name of [0]'),
        ),
        (
            {"listeners": {"pub": [{"stall": [2, 2]}]}},
            ("bench.listeners.pub[0].stall", "[2,2]", "[from, to] with from before to"),
        ),
        ({"warmup_s": 10}, ("bench.warmup_s", "10", "less than duration_s, which is 10")),
        (
            {"checks": ["drops = 0"]},
            ("bench.checks[0]", '"drops = 0"', "at column 7, one of < <= > >= == !="),
        ),
        (
            {"checks": ["push: replied == 0"]},
            ("bench.checks[0]", '"push: replied == 0"', "a metric of PUSH; replied is not one"),
        ),
    ],
)
def test_names_and_times(bench: dict[str, Any], fault: tuple[str, str, str]) -> None:
    assert only_fault(pub_preset(**bench)) == fault


@pytest.mark.parametrize(
    ("affinity", "fault"),
    [
        ([2, 7, 0], ("[1]", "7", "a processor that this process may use, which are 0, 2-4")),
        ([2, 3, 2], ("[2]", "2", "each processor once")),
    ],
)
def test_processors_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, affinity: list[int], fault: tuple[str, str, str]
) -> None:
    monkeypatch.setattr("bench_app.preset.cross_checks.allowed_processors", lambda: (0, 2, 3, 4))
    place, value, expected = fault
    assert only_fault(pub_preset(cpu_affinity=affinity)) == (f"bench.cpu_affinity{place}", value, expected)
    assert parse(pub_preset(cpu_affinity=[4, 0, 2, 3]), "test").preset.bench.cpu_affinity == (4, 0, 2, 3)


@pytest.mark.parametrize(
    ("bench", "path", "expected"),
    [
        ({"io_threads": 0}, "bench.io_threads", "an integer from 1 to 64"),
        ({"io_threads": 1.5}, "bench.io_threads", "an integer from 1 to 64"),
        ({"cpu_affinity": "on"}, "bench.cpu_affinity", "one of off, spread"),
        ({"cpu_affinity": []}, "bench.cpu_affinity", "a list of at least 1 item"),
        ({"cpu_affinity": ["0"]}, "bench.cpu_affinity[0]", "an integer from 0 to 65535"),
        ({"cpu_affinity": 1}, "bench.cpu_affinity", "one of off, spread or a list of at least 1 item"),
        ({"listeners": {"pub": [{"wait": "sleep"}]}}, "bench.listeners.pub[0].wait", "one of block, poll, spin"),
    ],
)
def test_keys_of_the_processors_are_in_their_range(bench: dict[str, Any], path: str, expected: str) -> None:
    assert only_fault(pub_preset(**bench))[::2] == (path, expected)


@pytest.mark.parametrize(
    ("load_", "key", "expected"),
    [
        ({"shape": "burst", "rate": 10, "events": 100, "every_s": 5}, "every_s", "at least 10"),
        ({"shape": "ramp", "start": 0, "end": 0, "over_s": 5}, "end", "above 0"),
        ({"shape": "steps", "rates": [0, 0], "each_s": 5}, "rates", "above 0"),
        ({"shape": "sine", "mean": 5, "amplitude": 6, "period_s": 1}, "amplitude", "at most the mean, which is 5"),
        ({"shape": "recorded"}, "shape", "no recorded times"),
    ],
)
def test_loads_that_contradict_themselves(load_: dict[str, Any], key: str, expected: str) -> None:
    path, _, words = only_fault(pub_preset(sources={"events": {"kind": "synthetic", "load": load_}}))
    assert path == f"bench.sources.events.load.{key}"
    assert expected in words


@pytest.mark.parametrize(
    "load_",
    [
        {"shape": "burst", "rate": 10, "events": 100, "every_s": 10},
        {"shape": "ramp", "start": 0, "end": 1, "over_s": 5},
        {"shape": "sine", "mean": 5, "amplitude": 5, "period_s": 1},
        {"shape": "max"},
    ],
)
def test_loads_at_the_limit(load_: dict[str, Any]) -> None:
    parse(pub_preset(sources={"events": {"kind": "synthetic", "load": load_}}), "test")


@pytest.mark.parametrize(
    ("size", "key"),
    [
        ({"distribution": "uniform", "min": 5, "max": 4}, "min"),
        ({"distribution": "choice", "sizes": [1, 2], "weights": [1]}, "weights"),
    ],
)
def test_sizes(size: dict[str, Any], key: str) -> None:
    raw = pub_preset(sources={"events": {"kind": "synthetic", "size": size}})
    assert only_fault(raw)[0] == f"bench.sources.events.size.{key}"


def test_replay_files(tmp_path: Path) -> None:
    write(tmp_path, "{}", "events.jsonl")
    replay = {"kind": "replay", "path": "events.jsonl", "load": {"shape": "recorded"}, "time_field": "t"}
    document = parse(pub_preset(sources={"events": replay}), "test", tmp_path)
    assert document.base_dir == tmp_path
    assert only_fault(pub_preset(sources={"events": replay | {"time_field": None}}), tmp_path) == (
        "bench.sources.events.time_field",
        "null",
        'the field with the recorded time of each event, which "recorded" needs',
    )
    for missing in ("none.jsonl", ".", "a\0b", "x" * 5000):
        raw = pub_preset(sources={"events": replay | {"path": missing}})
        assert only_fault(raw, tmp_path)[0] == "bench.sources.events.path"
    absolute = replay | {"path": str(tmp_path / "events.jsonl")}
    parse(pub_preset(sources={"events": absolute}), "test", tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("uri", "bench", "path"),
    [
        ("zmq://tcp://host", {}, "output.handlers.push.uri"),
        ("zmq://tcp://host:*", {"paired": False}, "output.handlers.push.uri"),
        ("zmq://tcp://*:5555", {"paired": False, "mode": "connect"}, "output.handlers.push.uri"),
        ("zmq://inproc://a", {"paired": False}, "bench.handlers.push.paired"),
    ],
)
def test_endpoints(uri: str, bench: dict[str, Any], path: str) -> None:
    raw = pub_preset(handlers={"push": bench})
    raw["output"]["handlers"]["push"]["uri"] = uri
    assert only_fault(raw)[0] == path


@pytest.mark.parametrize(
    ("uri", "bench"),
    [
        ("zmq://tcp://host:*", {}),
        ("zmq://tcp://*:*", {"paired": False}),
        ("zmq://tcp://host:*", {"paired": False, "mode": "bind"}),
        ("zmq://tcp://127.0.0.1:*", {"paired": False}),
        ("zmq://inproc://a", {}),
    ],
)
def test_endpoints_that_are_fine(uri: str, bench: dict[str, Any]) -> None:
    raw = pub_preset(handlers={"push": bench})
    raw["output"]["handlers"]["push"]["uri"] = uri
    parse(raw, "test")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:5599", "bind:tcp://*:5599", "tcp://127.0.0.1:*", "ipc:///tmp/r"])
def test_addresses_for_receipts_that_are_fine(address: str) -> None:
    document = parse(pub_preset(listeners={"pub": [{"name": "mine", "topics": ["a"], "receipts": address}]}), "test")
    assert document.preset.bench.listeners["pub"][0].receipts == address


@pytest.mark.parametrize("address", ["connect:tcp://127.0.0.1:5599", "inproc://receipts", "5599", "tcp://127.0.0.1"])
def test_addresses_for_receipts_that_other_processes_cannot_reach(address: str) -> None:
    raw = pub_preset(listeners={"pub": [{"receipts": address}]})
    assert only_fault(raw)[0] == "bench.listeners.pub[0].receipts"


def test_the_bench_cannot_slow_down_a_consumer_that_is_not_its_own() -> None:
    listener = {"receipts": "tcp://127.0.0.1:5599", "delay_ms": 2, "endpoint": "tcp://127.0.0.1:7000"}
    found = faults_of(pub_preset(listeners={"pub": [listener]}))
    assert [one[0] for one in found] == ["bench.listeners.pub[0].delay_ms", "bench.listeners.pub[0].endpoint"]


def test_a_receipt_needs_a_stamp() -> None:
    raw = pub_preset(listeners={"pub": [{"receipts": "tcp://127.0.0.1:5599"}]}, handlers={"pub": {"stamp": "off"}})
    assert only_fault(raw)[0] == "bench.listeners.pub[0].receipts"


def test_listener_endpoints() -> None:
    raw = pub_preset(listeners={"pub": [{"endpoint": "bind:tcp://*:7000"}, {"endpoint": "connect:tcp://*:7000"}]})
    assert only_fault(raw)[:2] == ("bench.listeners.pub[1].endpoint", '"connect:tcp://*:7000"')


def test_faults_of_every_kind_at_once_in_the_order_of_the_file() -> None:
    raw = pub_preset(
        duration_s="long",
        warmup_s=20,
        listeners={"push": [{"delay_ms": -1, "stall": [3, 2]}]},
        checks=["nothing", "push/pull-1: drops == 0", "push/other: drops == 0", 5],
    )
    raw["output"]["handlers"]["pub"] |= {"uri": "tcp://*:5555", "enabled": 1}
    raw["output"]["handlers"]["push"]["config"] = {"socket_type": "PULL", "linger": False}
    # No fault about warmup_s, PUSH metrics or names, because the values to compare them with are faulty.
    assert [fault[0] for fault in faults_of(raw)] == [
        "output.handlers.pub.uri",
        "output.handlers.pub.enabled",
        "output.handlers.push.config.socket_type",
        "output.handlers.push.config.linger",
        "bench.duration_s",
        "bench.listeners.push[0].delay_ms",
        "bench.listeners.push[0].stall",
        "bench.checks[3]",
    ]


def test_no_false_faults_beside_a_handler_that_cannot_be_read() -> None:
    raw = pub_preset(listeners={"push": [{"name": "w"}]}, handlers={"push": {}}, checks=["push/w: lost == 0"])
    del raw["output"]["handlers"]["push"]["uri"]
    assert [fault[0] for fault in faults_of(raw)] == ["output.handlers.push.uri"]


def test_the_bench_section_is_checked_even_without_an_output() -> None:
    raw = {"bench": {"warmup_s": 20, "listeners": {"pub": [{"stall": [2, 1]}]}}}
    paths = [fault[0] for fault in faults_of(raw)]
    assert paths == ["bench.warmup_s", "bench.listeners.pub[0].stall", "output"]


@pytest.mark.parametrize(
    "check",
    [
        "drops == 0",
        "retries == 0",
        "pub/sub-1: received > 0",
        "pub: received > 0",
        "req: latency.round_trip.p99_ms < 1",
        "before_join == 0",
    ],
)
def test_checks_that_are_fine(check: str) -> None:
    parse(pub_preset(checks=[check]), "test")


def test_a_check_of_a_metric_that_no_enabled_handler_has() -> None:
    raw = pub_preset(checks=["retries == 0"])
    raw["output"]["handlers"]["req"]["enabled"] = False
    assert only_fault(raw)[2] == "a metric of PUB or PUSH; retries is not one"


def test_names_with_colons_and_slashes_in_checks() -> None:
    raw = pub_preset(listeners={"a/b:c": [{"name": "d/e"}]}, checks=["a/b:c/d/e: drops == 0", "a/b:c: rate > 1"])
    raw["output"]["handlers"]["a/b:c"] = {"uri": "zmq://tcp://*:1", "config": {"socket_type": "PUB"}}
    parse(raw, "test")


def test_topics_of_listeners_match_every_event_where_each_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b"{}\n")
    raw = pub_preset(sources={"events": {"kind": "replay", "path": "events.jsonl", "topic_field": "t"}})
    name = "pub"
    raw["bench"]["listeners"] = {name: [{"topics": ["elsewhere.north"]}]}
    assert only_fault(raw, tmp_path)[0] == f"bench.listeners.{name}[0].topics"
