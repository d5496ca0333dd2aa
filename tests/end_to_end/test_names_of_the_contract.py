"""The names that scripts of users rely on: options, keys of results and of presets. None of them may go."""

from __future__ import annotations

from typing import Any, get_args

import click
import msgspec
import pytest

from bench_app.cli.commands import cli
from bench_app.comparison.comparison import Comparison, MetricComparison
from bench_app.engine.finding import Finding
from bench_app.engine.result import ListenerResult, Machine, RunResult, SourceResult, StallSummary, WorkerResult
from bench_app.lab.card import Card
from bench_app.lab.find import FindResult, FoundRate
from bench_app.lab.hwm import HalfProof, HwmResult, Proof
from bench_app.lab.reading import Reading
from bench_app.model import BenchSpec, ListenerSpec
from bench_app.model.source import ReplaySource, SchemaSource
from bench_app.model.timeline import Act, TimelineStep
from bench_app.sweeps.axes import Axis
from bench_app.sweeps.sweep import Cell, Repeat, SweepResult

OPTIONS = {
    "run": "--duration --rate --set --json --quiet --repeat --plane --libzmq --record --html --junit --csv --markdown "
    "--prometheus --perfetto",
    "find": "--loss --goal --max-time --json --html",
    "card": "--json",
    "hwm": "--json",
    "sweep": "--vary --repeat --metric --resume --json --html",
    "compare": "--json",
    "ab": "--a --b --pairs --json --html",
    "report": "-o",
    "account": "",
    "import": "-o",
    "demo": "--record-frames",
    "listen": "--record --sequence-field",
}
KEYS: list[tuple[type[msgspec.Struct], str]] = [
    (FindResult, "format goals trials"),
    (FoundRate, "loss check rate lower upper limited_by trials"),
    (Reading, "rate duration_s loss verdict"),
    (Card, "format loss_curve latency burst recovery_s restart_s harm fairness"),
    (HwmResult, "format recommended reason burst capacity memory_bytes proof"),
    (Proof, "runs lost half"),
    (HalfProof, "runs lost"),
    (SweepResult, "format axes cells"),
    (Axis, "path values"),
    (Cell, "values repeats"),
    (Repeat, "verdict metrics"),
    (Comparison, "format pairs metrics"),
    (MetricComparison, "a b shift low high shown spread_changed"),
    (RunResult, "format sources workers machine findings"),
    (ListenerResult, "rate received_in_drain service_us response_us"),
    (SourceResult, "offered skipped clamped not_reached ended_early"),
    (WorkerResult, "units cpu_s run_wait_s stall_us rss_mb switches_voluntary switches_involuntary"),
    (StallSummary, "p50 p99 max"),
    (Machine, "cpus python pyzmq libzmq data_plane libzmq_path cpu_pressure_pct steal_pct throttled_ms"),
    (Finding, "kind unit metric share message"),
    (BenchSpec, "timeline io_threads cpu_affinity"),
    (TimelineStep, "at_s set act unit show caption"),
    (ListenerSpec, "wait"),
    (ReplaySource, "time_format max_gap_s delimiter skip_rows topic_field sink_field"),
    (SchemaSource, "schema seed pool load"),
]


@pytest.mark.parametrize("command", OPTIONS)
def test_a_command_keeps_its_options(command: str) -> None:
    assert isinstance(cli, click.Group)
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    options = {option for parameter in found.params for option in parameter.opts}
    assert set(OPTIONS[command].split()) <= options


@pytest.mark.parametrize(("struct", "keys"), KEYS, ids=[struct.__name__ for struct, _ in KEYS])
def test_a_format_keeps_its_keys(struct: type[msgspec.Struct], keys: str) -> None:
    names = {field.encode_name for field in msgspec.structs.fields(struct)}
    assert set(keys.split()) <= names


@pytest.mark.parametrize(
    ("struct", "name"),
    [(FindResult, "find"), (Card, "card"), (HwmResult, "hwm"), (SweepResult, "sweep"), (Comparison, "ab")],
)
def test_a_format_keeps_its_name(struct: type[Any], name: str) -> None:
    field = next(field for field in msgspec.structs.fields(struct) if field.name == "format")
    assert field.default == f"zmq-bench-{name}/1"


def test_a_step_keeps_its_acts() -> None:
    assert {"kill", "pause", "resume", "stall", "send"} <= set(get_args(Act))
