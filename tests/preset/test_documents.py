import copy
import json
import math
import os
import stat
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import BenchError, InputError, PresetError, SaveError
from bench_app.model import (
    BenchSpec,
    ConstantLoad,
    HandlerBench,
    HandlerConfig,
    ListenerSpec,
    MaxLoad,
    Preset,
    ReplaySource,
    SyntheticSource,
)
from bench_app.preset import documents, json_reader
from bench_app.preset.documents import Document, load, parse
from bench_app.system import files

# The JSON configurations of the specification of the handlers.
SEED_PRESETS = {
    "basic": """
{
  "output": {
    "handlers": {
      "zmq-publisher": {
        "uri": "zmq://tcp://*:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "analytics.events",
          "high_water_mark": 1000
        }
      }
    }
  }
}
""",
    "advanced": """
{
  "output": {
    "handlers": {
      "zmq-analytics": {
        "uri": "zmq://tcp://analytics-server:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUSH",
          "topic": "analytics.detections",
          "high_water_mark": 5000,
          "linger": 1000,
          "send_timeout": 100,
          "reconnect_interval": 5000,
          "max_reconnect_attempts": 10,
          "queue_size": 10000
        }
      }
    }
  }
}
""",
    "multi_pattern": """
{
  "output": {
    "handlers": {
      "zmq-publisher": {
        "uri": "zmq://tcp://*:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "analytics.events",
          "high_water_mark": 1000
        }
      },
      "zmq-worker": {
        "uri": "zmq://tcp://work-queue:5556",
        "sink": "processing_tasks",
        "enabled": true,
        "config": {
          "socket_type": "PUSH",
          "high_water_mark": 5000,
          "send_timeout": 50
        }
      },
      "zmq-request": {
        "uri": "zmq://tcp://service-endpoint:5557",
        "sink": "service_requests",
        "enabled": true,
        "config": {
          "socket_type": "REQ",
          "request_timeout": 5000,
          "retries": 3
        }
      }
    }
  }
}
""",
    "pipeline": """
{
  "output": {
    "handlers": {
      "raw-events": {
        "uri": "zmq://tcp://event-processor:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUSH",
          "high_water_mark": 10000,
          "send_timeout": 50
        }
      },
      "processed-alerts": {
        "uri": "zmq://tcp://*:5556",
        "sink": "alerts",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "alerts.security",
          "high_water_mark": 1000
        }
      }
    }
  }
}
""",
    "edge_to_cloud": """
{
  "output": {
    "handlers": {
      "cloud-uplink": {
        "uri": "zmq://tcp://cloud-gateway:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUSH",
          "high_water_mark": 5000,
          "send_timeout": 1000,
          "reconnect_interval": 10000,
          "max_reconnect_attempts": -1
        }
      }
    }
  }
}
""",
    "multi_consumer": """
{
  "output": {
    "handlers": {
      "analytics-broadcast": {
        "uri": "zmq://tcp://*:5555",
        "sink": "events",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "analytics",
          "high_water_mark": 2000,
          "linger": 5000
        }
      },
      "diagnostics-broadcast": {
        "uri": "zmq://tcp://*:5556",
        "sink": "diagnostics",
        "enabled": true,
        "config": {
          "socket_type": "PUB",
          "topic": "system",
          "high_water_mark": 500
        }
      }
    }
  }
}
""",
}
SEED_FRAGMENTS = [
    '{"config": {"socket_type": "PUB", "topic": "analytics.detections", "high_water_mark": 1000}}',
    '{"config": {"socket_type": "PUSH", "high_water_mark": 5000, "send_timeout": 100}}',
    '{"config": {"socket_type": "REQ", "request_timeout": 5000, "retries": 3}}',
]


def pub_preset(**bench: Any) -> dict[str, Any]:
    """A PUB, a PUSH and a REQ handler, and a bench section."""
    return {
        "output": {
            "handlers": {
                "pub": {"uri": "zmq://tcp://*:5555", "config": {"socket_type": "PUB", "topic": "a"}},
                "push": {"uri": "zmq://tcp://work-queue:5556", "sink": "tasks"},
                "req": {"uri": "zmq://ipc:///tmp/a.ipc", "sink": "requests", "config": {"socket_type": "REQ"}},
            }
        },
        "bench": bench,
    }


def faults_of(raw: Any, base_dir: Path | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(PresetError) as caught:
        parse(raw, "test", base_dir)
    return [(fault.path, fault.value, fault.expected) for fault in caught.value.faults]


def only_fault(raw: Any, base_dir: Path | None = None) -> tuple[str, str, str]:
    faults = faults_of(raw, base_dir)
    assert len(faults) == 1, faults
    return faults[0]


def write(folder: Path, content: str | bytes, name: str = "preset.json") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


class TestSpecification:
    @pytest.mark.parametrize("name", SEED_PRESETS)
    def test_every_configuration_loads_and_is_saved_unchanged(self, tmp_path: Path, name: str) -> None:
        path = write(tmp_path, SEED_PRESETS[name].lstrip())
        document = load(path)
        assert document.name == "preset"
        assert document.path == path
        assert document.notes == []
        assert document.preset == msgspec.json.decode(SEED_PRESETS[name], type=Preset)
        assert documents.dump(document) == path.read_bytes()

    @pytest.mark.parametrize("text", SEED_FRAGMENTS)
    def test_fragments_are_configs(self, tmp_path: Path, text: str) -> None:
        raw = json.loads(SEED_PRESETS["basic"])
        raw["output"]["handlers"]["zmq-publisher"] |= json.loads(text)
        config = parse(raw, "fragment").preset.output.handlers["zmq-publisher"].config
        assert config == msgspec.convert(json.loads(text)["config"], HandlerConfig)
        with pytest.raises(PresetError, match=r"belongs at output\.handlers\.NAME"):
            load(write(tmp_path, text))

    def test_all_thirteen_parameters_have_the_defaults_of_production(self) -> None:
        handler = parse({"output": {"handlers": {"x": {"uri": "zmq://tcp://h:1"}}}}, "x").preset.output.handlers["x"]
        assert msgspec.to_builtins(handler) == {
            "uri": "zmq://tcp://h:1",
            "sink": "events",
            "enabled": True,
            "config": {
                "socket_type": "PUSH",
                "topic": "",
                "high_water_mark": 1000,
                "linger": 1000,
                "send_timeout": 100,
                "reconnect_interval": 5000,
                "max_reconnect_attempts": -1,
                "queue_size": 1000,
                "request_timeout": 5000,
                "retries": 3,
            },
        }


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("content", "place", "expected"),
        [
            ('{"a": 1,\n "é": NaN}', "line 2, column 7", "a number that JSON has"),
            ('{"a": 1,\n "NaN": [1,\n  -Infinity]}', "line 3, column 3", "a number that JSON has"),
            ('{"é": "é", "a": 1e400}', "line 1, column 17", "a number that JSON has"),
            ("1" * 5000, "line 1, column 1", "a number that JSON has"),
            ('{"a": 1\n "b": 2}', "line 2, column 2", "a comma"),
            ('{"a" 1}', "line 1, column 6", "a colon"),
            ('{"a": tru}', "line 1, column 7", "a value"),
            ("{'a': 1}", "line 1, column 2", "a key in double quotes"),
            ('{"a": "b\n"}', "line 1, column 9", "no line break"),
            ('{"a": "\\x"}', "line 1, column 8", "a valid escape"),
            ('{"a": "b', "line 1, column 7", "a closing double quote"),
            ('{"a": {', "line 1, column 8", "a key in double quotes"),
            ('{"a": [1, 2', "line 1, column 12", "a comma"),
            ("", "line 1, column 1", "a value"),
            ("{}\n\n{}", "line 3, column 1", "the end of the file"),
            (b'{"a":\n "\xff"}', "line 2, column 3", "text in UTF-8"),
            ("{}".encode("utf-16"), "line 1, column 1", "text in UTF-8"),
        ],
    )
    def test_names_the_line_and_the_column(
        self, tmp_path: Path, content: str | bytes, place: str, expected: str
    ) -> None:
        with pytest.raises(PresetError) as caught:
            load(write(tmp_path, content))
        [fault] = caught.value.faults
        assert fault.path == place
        assert expected in fault.expected

    def test_keys_given_twice(self, tmp_path: Path) -> None:
        text = '{"output": {"handlers": {"a": {"uri": "x"}, "a": {"uri": "y", "uri": "z", "uri": "z"}}}}'
        with pytest.raises(PresetError) as caught:
            load(write(tmp_path, text))
        assert [fault.path for fault in caught.value.faults] == ["output.handlers.a", "output.handlers.a.uri"]

    @pytest.mark.parametrize("content", ["[" * 200_000, '{"a":' * 200_000, "[" * 300 + "]" * 300])
    def test_nesting_without_end(self, tmp_path: Path, content: str) -> None:
        with pytest.raises(PresetError, match="nested at most 100 deep"):
            load(write(tmp_path, content))

    def test_nesting_without_end_is_seen_before_anything_is_built(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(json_reader.json, "loads", lambda *_, **__: pytest.fail("parsed"))
        with pytest.raises(PresetError, match=r"line 2, column 102: .*nested at most 100 deep"):
            json_reader.decode(b'{"a":\n [[[' + b"[" * 100_000 + b"]" * 100_003 + b"}", "deep")

    def test_brackets_in_text_are_no_nesting(self) -> None:
        raw = {"a": "[{" * 300 + '\\"' + "[" * 300, "b": [[]] * 300, '\\"[[': ["\\"] * 200}
        assert json_reader.decode(json.dumps(raw).encode(), "flat") == raw

    def test_half_a_surrogate_pair(self, tmp_path: Path) -> None:
        with pytest.raises(PresetError, match="surrogate"):
            load(write(tmp_path, '{"x": "\\ud800"}'))

    def test_a_byte_order_mark_is_no_fault(self, tmp_path: Path) -> None:
        assert load(write(tmp_path, b"\xef\xbb\xbf" + SEED_PRESETS["basic"].encode())).notes == []

    def test_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "SIZE_MAX", 100)
        with pytest.raises(InputError, match="too large for a preset"):
            load(write(tmp_path, " " * 101))

    def test_no_file(self, tmp_path: Path) -> None:
        for name, sentence in [
            (tmp_path, "is a folder"),
            (tmp_path / "none.json", "neither a file nor the name of a preset"),
            ("a" * 5000, "neither a file"),
            ("a\0b", "neither a file"),
            ("", "is a folder"),
        ]:
            with pytest.raises(InputError, match=sentence):
                load(name)

    @pytest.mark.skipif(sys.platform == "win32", reason="no pipes in the file system")
    def test_a_pipe_does_not_hang(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(InputError, match="not a regular file"):
            load(tmp_path / "pipe")

    @pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
    def test_not_readable(self, tmp_path: Path) -> None:
        path = write(tmp_path, "{}")
        path.chmod(0)
        with pytest.raises(InputError, match="cannot be read: Permission denied"):
            load(path)


class TestCrossChecks:
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
                ("bench.listeners.pub[1].name", "", 'a name of its own: "sub-2" is the name of [0] too'),
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
                ("bench.checks[0]", '"push: replied == 0"', "a metric of PUSH: replied is none"),
            ),
        ],
    )
    def test_names_and_times(self, bench: dict[str, Any], fault: tuple[str, str, str]) -> None:
        assert only_fault(pub_preset(**bench)) == fault

    @pytest.mark.parametrize(
        ("load_", "key", "expected"),
        [
            ({"shape": "burst", "rate": 10, "events": 100, "every_s": 5}, "every_s", "at least 10"),
            ({"shape": "ramp", "start": 0, "end": 0, "over_s": 5}, "end", "above 0"),
            ({"shape": "steps", "rates": [0, 0], "each_s": 5}, "rates", "above 0"),
            ({"shape": "sine", "mean": 5, "amplitude": 6, "period_s": 1}, "amplitude", "at most the mean, which is 5"),
            ({"shape": "recorded"}, "shape", "no recorded timing"),
        ],
    )
    def test_loads_that_cannot_be(self, load_: dict[str, Any], key: str, expected: str) -> None:
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
    def test_loads_that_just_can(self, load_: dict[str, Any]) -> None:
        parse(pub_preset(sources={"events": {"kind": "synthetic", "load": load_}}), "test")

    @pytest.mark.parametrize(
        ("size", "key"),
        [
            ({"distribution": "uniform", "min": 5, "max": 4}, "min"),
            ({"distribution": "choice", "sizes": [1, 2], "weights": [1]}, "weights"),
        ],
    )
    def test_sizes(self, size: dict[str, Any], key: str) -> None:
        raw = pub_preset(sources={"events": {"kind": "synthetic", "size": size}})
        assert only_fault(raw)[0] == f"bench.sources.events.size.{key}"

    def test_replay_files(self, tmp_path: Path) -> None:
        write(tmp_path, "{}", "events.jsonl")
        replay = {"kind": "replay", "path": "events.jsonl", "load": {"shape": "recorded"}, "time_field": "t"}
        document = parse(pub_preset(sources={"events": replay}), "test", tmp_path)
        assert document.base_dir == tmp_path
        assert only_fault(pub_preset(sources={"events": replay | {"time_field": None}}), tmp_path) == (
            "bench.sources.events.time_field",
            "null",
            "the field that has the recorded time, which the load needs",
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
    def test_endpoints(self, uri: str, bench: dict[str, Any], path: str) -> None:
        raw = pub_preset(handlers={"push": bench})
        raw["output"]["handlers"]["push"]["uri"] = uri
        assert only_fault(raw)[0] == path

    @pytest.mark.parametrize(
        ("uri", "bench"),
        [
            ("zmq://tcp://host:*", {}),
            ("zmq://tcp://*:*", {"paired": False}),
            ("zmq://tcp://host:*", {"paired": False, "mode": "bind"}),
            ("zmq://inproc://a", {}),
        ],
    )
    def test_endpoints_that_are_fine(self, uri: str, bench: dict[str, Any]) -> None:
        raw = pub_preset(handlers={"push": bench})
        raw["output"]["handlers"]["push"]["uri"] = uri
        parse(raw, "test")

    def test_listener_endpoints(self) -> None:
        raw = pub_preset(listeners={"pub": [{"endpoint": "bind:tcp://*:7000"}, {"endpoint": "connect:tcp://*:7000"}]})
        assert only_fault(raw)[:2] == ("bench.listeners.pub[1].endpoint", '"connect:tcp://*:7000"')

    def test_faults_of_every_kind_at_once_in_the_order_of_the_file(self) -> None:
        raw = pub_preset(
            duration_s="long",
            warmup_s=20,
            listeners={"push": [{"delay_ms": -1, "stall": [3, 2]}]},
            checks=["nothing", "push/pull-1: drops == 0", "push/other: drops == 0", 5],
        )
        raw["output"]["handlers"]["pub"] |= {"uri": "tcp://*:5555", "enabled": 1}
        raw["output"]["handlers"]["push"]["config"] = {"socket_type": "PULL", "linger": False}
        # No fault about warmup_s, PUSH metrics or names: what they would be compared with is itself at fault.
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

    def test_no_false_faults_beside_a_handler_that_cannot_be_read(self) -> None:
        raw = pub_preset(listeners={"push": [{"name": "w"}]}, handlers={"push": {}}, checks=["push/w: lost == 0"])
        del raw["output"]["handlers"]["push"]["uri"]
        assert [fault[0] for fault in faults_of(raw)] == ["output.handlers.push.uri"]

    def test_without_an_output_the_bench_section_is_checked_all_the_same(self) -> None:
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
    def test_checks_that_are_fine(self, check: str) -> None:
        parse(pub_preset(checks=[check]), "test")

    def test_a_check_on_a_metric_no_enabled_handler_has(self) -> None:
        raw = pub_preset(checks=["retries == 0"])
        raw["output"]["handlers"]["req"]["enabled"] = False
        assert only_fault(raw)[2] == "a metric of PUB or PUSH: retries is none"

    def test_names_with_colons_and_slashes_in_checks(self) -> None:
        raw = pub_preset(listeners={"a/b:c": [{"name": "d/e"}]}, checks=["a/b:c/d/e: drops == 0", "a/b:c: rate > 1"])
        raw["output"]["handlers"]["a/b:c"] = {"uri": "zmq://tcp://*:1", "config": {"socket_type": "PUB"}}
        parse(raw, "test")


class TestNotes:
    def test_what_has_no_effect(self) -> None:
        raw = pub_preset(
            listners={},
            handlers={"pub": {"paired": False}},
            listeners={"pub": [{"drop_replies": 0.5}], "push": [{"topics": ["a"]}], "req": [{"reply": {}}]},
            checks=["req: drops == 0"],
        )
        raw["output"]["handlers"]["req"]["enabled"] = False
        raw["output"]["handlers"]["push"]["config"] = {"retires": 5}
        raw["output"]["other"] = raw["inference"] = {"kept": True}
        raw["bnech"] = {}
        document = parse(raw, "test")
        assert document.notes == [
            "output.handlers.push.config.retires: unknown key, kept but not used; did you mean retries?",
            "bench.listners: unknown key, kept but not used; did you mean listeners?",
            "bnech: unknown key, kept but not used; did you mean bench?",
            "bench.listeners.pub[0].drop_replies: has no effect on the listener of a PUB, only of a REQ",
            "bench.listeners.pub[0]: does not run, because its handler is not paired and it names no endpoint",
            "bench.listeners.push[0].topics: has no effect on the listener of a PUSH, only of a PUB",
            "bench.checks[0]: req is not enabled, so nothing is measured and the check will fail",
        ]

    def test_nothing_enabled(self) -> None:
        raw = json.loads(SEED_PRESETS["basic"])
        raw["output"]["handlers"]["zmq-publisher"]["enabled"] = False
        assert parse(raw, "test").notes == ["output.handlers: no handler is enabled, so nothing will run"]

    def test_two_handlers_at_one_place(self) -> None:
        def notes(*uris: str, mode: str = "bind") -> list[str]:
            handlers = {f"h{n}": {"uri": uri, "config": {"socket_type": "PUSH"}} for n, uri in enumerate(uris)}
            bench = {"version": 1, "handlers": {name: {"mode": mode} for name in handlers}}
            return parse({"output": {"handlers": handlers}, "bench": bench}, "test").notes

        assert notes("zmq://tcp://*:5555", "zmq://tcp://10.0.0.7:5555", "zmq://tcp://*:5556") == [
            "output.handlers.h1.uri: tcp://127.0.0.1:5555 is bound by h0 already, so only one of the two will run"
        ]
        assert len(notes("zmq://ipc:///tmp/a", "zmq://ipc:///tmp/a", "zmq://ipc:///tmp/b")) == 1
        assert not notes("zmq://tcp://*:*", "zmq://tcp://*:*", "zmq://tcp://127.0.0.2:5555", "zmq://tcp://*:5555")
        assert not notes("zmq://tcp://10.0.0.7:5555", "zmq://tcp://10.0.0.8:5555", mode="connect")


class TestDefaults:
    def test_sources(self) -> None:
        given_source = {"kind": "synthetic", "load": {"shape": "max"}}
        raw = pub_preset(sources={"events": given_source})
        raw["output"]["handlers"]["req"]["enabled"] = False
        sources = documents.sources_of(parse(raw, "test").preset)
        assert list(sources) == ["events", "tasks"]
        assert sources["events"] == SyntheticSource(load=MaxLoad())
        assert sources["tasks"].load == ConstantLoad(rate=1000)

    def test_listeners(self) -> None:
        preset = parse(pub_preset(listeners={"push": [{}, {"name": "w", "topics": []}, {}]}), "test").preset
        assert documents.listeners_of(preset, "pub") == (ListenerSpec(name="sub-1", topics=("a",)),)
        assert [one.name for one in documents.listeners_of(preset, "push")] == ["pull-1", "w", "pull-3"]
        assert documents.listeners_of(preset, "push")[1].topics == ()
        assert [one.name for one in documents.listeners_of(preset, "req")] == ["rep-1"]

    def test_listeners_of_a_handler_that_is_not_paired(self) -> None:
        raw = pub_preset(
            handlers={"pub": {"paired": False}, "req": {"paired": False}},
            listeners={"pub": [{}, {"endpoint": "tcp://127.0.0.1:7000"}], "push": []},
        )
        preset = parse(raw, "test").preset
        assert [one.name for one in documents.listeners_of(preset, "pub")] == ["sub-2"]
        assert documents.listeners_of(preset, "push") == ()
        assert documents.listeners_of(preset, "req") == ()

    def test_handler_bench(self) -> None:
        preset = parse(pub_preset(handlers={"pub": {"stamp": "off"}}), "test").preset
        assert documents.handler_bench(preset, "pub") == HandlerBench(stamp="off")
        assert documents.handler_bench(preset, "push") == HandlerBench()


class TestReplace:
    def test_sets_one_value_and_keeps_the_rest(self) -> None:
        document = parse(pub_preset(unknown=1), "test")
        before = copy.deepcopy(document.raw)
        changed = documents.replace(document, "output.handlers.pub.config.high_water_mark", 5)
        assert changed.preset.output.handlers["pub"].config.high_water_mark == 5
        assert changed.raw["bench"] == {"unknown": 1}
        assert document.raw == before
        assert (changed.name, changed.path, changed.base_dir) == (document.name, document.path, document.base_dir)

    def test_refuses_what_makes_no_preset(self) -> None:
        document = parse(pub_preset(), "test")
        with pytest.raises(PresetError, match=r"bench\.duration_s"):
            documents.replace(document, "bench.duration_s", math.nan)
        with pytest.raises(InputError, match="column 1"):
            documents.replace(document, "", 5)

    def test_several_values_are_checked_together(self) -> None:
        document = parse(pub_preset(warmup_s=5), "test")
        changed = documents.replace_all(document, [("bench.duration_s", 2), ("bench.warmup_s", 1)])
        assert changed.preset.bench.duration_s == 2

    @pytest.mark.parametrize("path", ["bench.sources.events.load.rate", ("bench", "sources", "events", "load", "rate")])
    def test_a_default_source_is_written_out_first(self, path: Any) -> None:
        document = parse(pub_preset(), "test")
        changed = documents.replace(document, path, 500)
        assert documents.sources_of(changed.preset)["events"].load == ConstantLoad(rate=500)

    def test_listeners_left_to_the_default(self) -> None:
        changed = documents.replace(parse(pub_preset(), "test"), "bench.listeners.pub[0].delay_ms", 2)
        assert documents.listeners_of(changed.preset, "pub") == (ListenerSpec(name="sub-1", topics=("a",), delay_ms=2),)

    def test_values_of_the_model(self) -> None:
        document = parse(pub_preset(), "test")
        changed = documents.replace(document, "bench", BenchSpec(checks=("drops == 0",)))
        assert changed.raw["bench"]["checks"] == ["drops == 0"]
        assert documents.with_load(document, "tasks", MaxLoad()).preset.bench.sources["tasks"].load == MaxLoad()

    def test_a_sink_with_dots(self) -> None:
        raw = pub_preset()
        raw["output"]["handlers"]["pub"]["sink"] = "a.b"
        document = parse(raw, "test")
        for path in ("bench.sources.a.b.load.rate", 'bench.sources["a.b"].load.rate'):
            assert documents.replace(document, path, 5).preset.bench.sources["a.b"].load == ConstantLoad(rate=5)


class TestSave:
    def test_keeps_unknown_keys_their_order_and_big_numbers(self, tmp_path: Path) -> None:
        text = '{\n  "zebra": 123456789012345678901234567890,\n  "output": {"handlers": {"x": '
        text += '{"uri": "zmq://tcp://h:1", "extra": {"é": [1.0, 1e-7]}}}},\n  "a": null\n}'
        document = load(write(tmp_path, text))
        saved = documents.save(document, tmp_path / "copy.json")
        written = (tmp_path / "copy.json").read_bytes()
        assert written.endswith(b"}\n") and "é".encode() in written
        assert json.loads(written) == json.loads(text)
        assert list(json.loads(written)) == ["zebra", "output", "a"]
        assert (saved.name, saved.path) == ("copy", tmp_path / "copy.json")
        assert load(tmp_path / "copy.json") == saved

    def test_leaves_nothing_else_and_keeps_permissions_and_links(self, tmp_path: Path) -> None:
        target = write(tmp_path, "old", "real.json")
        target.chmod(0o640)
        link = tmp_path / "link.json"
        link.symlink_to(target)
        documents.save(parse(pub_preset(), "test"), link)
        assert link.is_symlink()
        assert json.loads(target.read_bytes()) == pub_preset()
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "real.json"]

    def test_relative_replay_files_are_still_found(self, tmp_path: Path) -> None:
        write(tmp_path, "{}", "events.jsonl")
        (tmp_path / "deeper").mkdir()
        document = parse(pub_preset(sources={"events": {"kind": "replay", "path": "events.jsonl"}}), "test", tmp_path)
        saved = documents.save(document, tmp_path / "deeper" / "copy.json")
        assert saved.preset.bench.sources["events"] == ReplaySource(path="../events.jsonl")
        assert load(tmp_path / "deeper" / "copy.json") == saved

    @pytest.mark.parametrize("name", ["missing/preset.json", "folder", "a\0b", "x" * 300])
    def test_says_why_it_cannot(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()
        with pytest.raises(SaveError, match="cannot be written: "):
            documents.save(parse(pub_preset(), "test"), tmp_path / name)
        assert [path.name for path in tmp_path.iterdir()] == ["folder"]

    def test_replaces_no_pipe_and_no_device(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(SaveError, match="not a regular file"):
            documents.save(parse(pub_preset(), "test"), tmp_path / "pipe")
        assert (tmp_path / "pipe").is_fifo()

    def test_a_full_disk_leaves_the_old_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        target = write(tmp_path, "old")
        monkeypatch.setattr(files.os, "fsync", full)
        with pytest.raises(SaveError, match="No space left on device") as caught:
            documents.save(parse(pub_preset(), "test"), target)
        assert isinstance(caught.value, BenchError)
        assert target.read_text() == "old"
        assert list(tmp_path.iterdir()) == [target]


class TestShipped:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "shipped"
        folder.mkdir()
        monkeypatch.setattr(documents, "_PACKAGE", tmp_path)
        return folder

    def test_every_shipped_preset_loads_without_a_note(self) -> None:
        for document in documents.shipped_documents():
            assert document.preset.bench.title, document.name
            assert document.notes == [], document.name

    def test_none(self, folder: Path) -> None:
        assert documents.shipped() == []
        with pytest.raises(InputError, match="neither a file"):
            load("slow-joiner")

    def test_no_folder_at_all(self, folder: Path) -> None:
        folder.rmdir()
        assert documents.shipped() == []

    def test_by_bare_name(self, folder: Path) -> None:
        write(folder, json.dumps(pub_preset(title="Slow")), "slow-joiner.json")
        write(folder, SEED_PRESETS["basic"], "basic.json")
        assert documents.shipped() == [("basic", ""), ("slow-joiner", "Slow")]
        document = load("slow-joiner")
        assert (document.name, document.path, document.base_dir) == ("slow-joiner", None, folder)
        with pytest.raises(InputError, match=r"did you mean slow-joiner\?"):
            load("slow-joinr")

    def test_a_file_goes_before_a_shipped_name_and_a_folder_does_not(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(folder, SEED_PRESETS["basic"], "basic.json")
        monkeypatch.chdir(tmp_path)
        (tmp_path / "basic").mkdir()
        assert load("basic").path is None
        (tmp_path / "basic").rmdir()
        write(tmp_path, SEED_PRESETS["basic"], "basic")
        assert load("basic").path == Path("basic")


class TestSchema:
    def test_lists_every_key_with_its_unit(self) -> None:
        schema = documents.schema()
        assert schema["$schema"].startswith("https://json-schema.org/")
        assert schema["title"]
        text = json.dumps(schema)
        assert '"additionalProperties": false' not in text
        structs = _structs(Preset)
        assert set(schema["$defs"]) == {struct.__name__ for struct in structs}
        for struct in structs:
            described = schema["$defs"][struct.__name__]["properties"]
            assert set(struct.__struct_encode_fields__) <= set(described)
        linger = schema["$defs"]["HandlerConfig"]["properties"]["linger"]
        assert linger["x-unit"] == "ms"
        assert linger["description"].endswith("[ms]")
        assert (linger["type"], linger["minimum"], linger["default"]) == ("integer", -1, 1000)

    def test_does_not_change_from_call_to_call(self) -> None:
        assert documents.schema() == documents.schema()


def _structs(type_: Any) -> set[type[msgspec.Struct]]:
    """Every Struct a type is made of, found through its annotations."""
    found: set[type[msgspec.Struct]] = set()
    waiting = [type_]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            if one not in found:
                found.add(one)
                waiting.extend(field.type for field in msgspec.structs.fields(one))
        else:
            waiting.extend(getattr(one, "__args__", ()))
    return found


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)
known_keys = st.sampled_from(
    ["output", "handlers", "pub", "bench", "sources", "events", "listeners", "load", "shape", "kind", "checks", "uri"]
)
shaped_values: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["synthetic", "replay", "sine", "zmq://tcp://*:1", "pub: drops == 0", 0, 1, None, True, []]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(known_keys, inner, max_size=5),
)


class TestAnything:
    @given(json_values | shaped_values)
    def test_json_is_a_document_or_faults(self, raw: Any) -> None:
        self._one_or_the_other(raw)

    @given(json_values | shaped_values, known_keys)
    def test_a_bench_section_is_a_document_or_faults(self, value: Any, key: str) -> None:
        self._one_or_the_other(pub_preset(**{key: value}))
        self._one_or_the_other(pub_preset(**{key: {"pub": value, "events": value}}))
        self._one_or_the_other({"output": {"handlers": {"pub": value}}, "bench": value})

    @given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
    def test_bytes_are_a_document_or_a_sentence(self, tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
        path = tmp_path_factory.getbasetemp() / "anything.json"
        path.write_bytes(data)
        try:
            document = load(path)
        except InputError as error:
            assert str(error)
        else:
            assert json.loads(documents.dump(document)) == document.raw

    @given(st.integers(0, len(SEED_PRESETS["multi_pattern"])), st.binary(max_size=3))
    def test_damaged_files(self, tmp_path_factory: pytest.TempPathFactory, place: int, patch: bytes) -> None:
        data = SEED_PRESETS["multi_pattern"].encode()
        self_made = tmp_path_factory.getbasetemp() / "damaged.json"
        for damaged in (data[:place], data[:place] + patch + data[place + len(patch) :]):
            self_made.write_bytes(damaged)
            try:
                load(self_made)
            except PresetError as error:
                assert error.faults

    def _one_or_the_other(self, raw: Any) -> None:
        try:
            document = parse(raw, "anything")
        except PresetError as error:
            assert error.faults
            assert str(error)
        else:
            assert isinstance(document, Document)
            assert parse(json.loads(documents.dump(document)), "anything").preset == document.preset


MIXED = {
    "output": {
        "handlers": {
            "archive": {"uri": "file:///var/events", "config": {"rotate": "daily"}},
            "push": {"uri": "zmq://tcp://work-queue:5556"},
            "bus": {"uri": "kafka+tls://broker:9092", "sink": "elsewhere"},
        }
    }
}


def test_handlers_of_other_schemes_take_no_part_and_stay_in_the_file() -> None:
    document = parse(MIXED, "mixed")
    assert list(document.preset.output.handlers) == ["push"]
    assert document.raw == MIXED
    assert document.notes == [
        "output.handlers.archive: file:// is not ZeroMQ, so this handler takes no part",
        "output.handlers.bus: kafka+tls:// is not ZeroMQ, so this handler takes no part",
    ]
    edited = documents.replace(document, "output.handlers.push.config.linger", 5)
    assert list(edited.raw["output"]["handlers"]) == ["archive", "push", "bus"]


@pytest.mark.parametrize("uri", ["tcp://host:5555", "zqm://tcp://host:5555", "ZMQ://tcp://host:5555", "zmq//tcp", 7])
def test_a_uri_that_only_lacks_its_scheme_is_a_mistake_and_no_other_scheme(uri: Any) -> None:
    raw = {"output": {"handlers": {**MIXED["output"]["handlers"], "bad": {"uri": uri}}}}
    with pytest.raises(PresetError) as caught:
        parse(raw, "mixed")
    assert [fault.path for fault in caught.value.faults] == ["output.handlers.bad.uri"]


def test_a_file_with_nothing_for_zeromq_says_so() -> None:
    with pytest.raises(PresetError, match="a URI that begins with zmq://"):
        parse({"output": {"handlers": {"archive": {"uri": "file:///var/events"}}}}, "none")


def test_an_edit_looks_only_at_what_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = pub_preset()
    raw["other"] = [{"key": number} for number in range(1000)]
    document = parse(raw, "test")
    seen: list[Any] = []
    walk = json_reader._walk
    monkeypatch.setattr(json_reader, "_walk", lambda *args: (seen.append(each) or each for each in walk(*args)))
    edited = documents.replace(document, "bench.duration_s", 3)
    assert edited.preset.bench.duration_s == 3 and len(seen) < 20
    with pytest.raises(PresetError, match="finite"):
        documents.replace(document, "bench.duration_s", math.inf)
    with pytest.raises(PresetError, match="surrogate"):
        documents.replace(document, "other", [*raw["other"], {"key": "\ud800"}])
