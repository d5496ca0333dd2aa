"""``zmq-bench run --repeat N``: what it prints and writes, its exit code, and how it is ended."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
from pathlib import Path

import msgspec
import pytest

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.exit_codes import EXIT_CODES
from bench_app.cli.repeat_run import RepeatedRuns, RepeatResult, format_whole, numbered, print_runs, repeat_json
from bench_app.engine.result import Outcome, RunResult, Verdict
from bench_app.engine.spread import QUANTITIES, spread_of
from tests.cli.command import COMMAND, bench, bench_inside, write
from tests.cli.results import handler, listener, result
from tests.runs import assert_balanced, preset


def repeated(*verdicts: Verdict, planned: int | None = None, interrupted: bool = False) -> RepeatedRuns:
    results = [
        msgspec.structs.replace(
            result(handler({"one": listener()}), notes=("a note",)), verdict=verdict, reasons=["a reason"]
        )
        for verdict in verdicts
    ]
    outcomes = [Outcome(verdict) for verdict in verdicts]
    return RepeatedRuns(planned or len(verdicts), results, outcomes, interrupted)


def shown(runs: RepeatedRuns, quiet: bool) -> list[str]:
    out = io.StringIO()
    print_runs(CommandConsole(file=out, width=80), runs, spread_of(runs.results), quiet)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["pass", "pass"], 0),
        (["pass", "fail", "pass"], 1),
        (["fail", "invalid", "pass"], 3),
        (["invalid", "fail"], 3),
    ],
)
def test_the_exit_code_is_that_of_the_worst_run(verdicts: list[Verdict], code: int) -> None:
    assert repeated(*verdicts).exit_code == code


def test_an_interruption_has_its_own_exit_code() -> None:
    assert repeated("pass", "fail", planned=5, interrupted=True).exit_code == 130
    assert repeated(planned=5, interrupted=True).exit_code == 130


def test_quiet_output_has_a_line_for_each_run_and_one_for_all() -> None:
    lines = shown(repeated("pass", "fail"), quiet=True)
    assert lines == [
        "run 1  pass  p, 1.0 s, the ledger balances",
        "run 2  fail  p, 1.0 s, the ledger balances",
        "2 runs: 1 passed, 1 failed",
    ]


def test_output_has_reasons_notes_and_the_spread() -> None:
    lines = shown(repeated("pass", "fail"), quiet=False)
    assert lines[:3] == ["run 1  pass  p, 1.0 s, the ledger balances", "  a reason", "note  a note"]
    assert any("Spread of 2 runs" in line for line in lines)
    assert lines[-1] == "2 runs: 1 passed, 1 failed"


def test_the_last_line_counts_runs_and_doubtful_figures() -> None:
    assert format_whole(repeated("pass", planned=1), []) == "1 run: 1 passed"
    assert format_whole(repeated("pass", "invalid", planned=5), []) == "2 of 5 runs: 1 passed, 1 invalid"
    assert format_whole(repeated(planned=5), []) == "0 of 5 runs"
    spread = spread_of(repeated("pass", "pass").results)
    spread[0] = msgspec.structs.replace(spread[0], is_doubtful=True)
    text = format_whole(repeated("pass", "pass"), spread)
    assert text == f"2 runs: 2 passed; 1 of {len(spread)} figures differ by more than themselves (~)"


def test_the_file_has_whole_results_and_the_spread() -> None:
    runs = repeated("pass", "fail")
    written = msgspec.json.decode(repeat_json(runs.results, spread_of(runs.results)), type=RepeatResult)
    assert written == RepeatResult(runs=runs.results, spread=spread_of(runs.results))


def test_a_preset_runs_twice(tmp_path: Path) -> None:
    out = tmp_path / "two.json"
    file = write(tmp_path, preset({"socket_type": "PUSH"}, duration_s=0.3))
    finished = bench("run", file, "--repeat", "2", "--json", str(out))
    raw = json.loads(out.read_text())
    assert list(raw) == ["format", "runs", "spread"]
    assert raw["format"] == "zmq-bench-repeat/1"
    runs = msgspec.convert(raw["runs"], type=list[RunResult])
    assert len(runs) == 2
    for run in runs:
        assert_balanced(run)
        assert run.handlers["h"].offered == 600
    assert finished.returncode == max(EXIT_CODES[run.verdict] for run in runs), finished.stderr
    assert [line for line in finished.stdout.splitlines() if re.match(r"run [12] of 2$", line)]
    shown_verdicts = re.findall(r"^run [12]  (\w+)  p(?:\.json)?, \d\.\d s, the ledger", finished.stdout, re.MULTILINE)
    assert shown_verdicts == [run.verdict for run in runs]
    assert "Spread of 2 runs" in finished.stdout
    key = ("h/pull-1", "service_us", "p99")
    (service,) = [one for one in raw["spread"] if (one["unit"], one["measure"], one["quantity"]) == key]
    values = [run.handlers["h"].listeners["pull-1"].service_us.p99 for run in runs]
    assert (service["min"], service["max"], service["runs"]) == (min(values), max(values), 2)
    assert service["is_doubtful"] is (max(values) - min(values) > sum(values) / 2)
    assert len(raw["spread"]) == 3 * len(QUANTITIES)


def test_each_run_has_its_own_recording_trace_and_histograms(tmp_path: Path) -> None:
    file = write(tmp_path, preset({"socket_type": "PUSH"}, duration_s=0.2))
    options = {"--record": "r.jsonl", "--perfetto": "t.json", "--hdr": "h.hlog"}
    given = [text for option, name in options.items() for text in (option, str(tmp_path / name))]
    finished = bench("run", file, "--repeat", "2", "--quiet", "--prometheus", "0", *given)
    assert finished.stderr.count("metrics at ") == 1, finished.stderr
    for number in (1, 2):
        for name in options.values():
            stem, _, ending = name.partition(".")
            assert (tmp_path / f"{stem}-{number}.{ending}").stat().st_size > 0
    assert not (tmp_path / "t.json").exists()
    first, second = (json.loads((tmp_path / f"t-{number}.json").read_text()) for number in (1, 2))
    assert first["traceEvents"] and first != second


def test_the_number_of_a_run_stands_before_the_ending() -> None:
    assert numbered(Path("a/trace.json"), 2) == Path("a/trace-2.json")
    assert numbered(Path("trace"), 12) == Path("trace-12")


def test_the_file_can_be_standard_output(tmp_path: Path) -> None:
    file = write(tmp_path, preset(duration_s=0.1))
    finished = bench("run", file, "--repeat", "1", "--json", "-", "--quiet")
    assert len(json.loads(finished.stdout)["runs"]) == 1
    assert len(finished.stderr.splitlines()) == 2


def test_ctrl_c_ends_the_repetition_and_shows_the_runs_so_far(tmp_path: Path) -> None:
    out = tmp_path / "some.json"
    file = write(tmp_path, preset({"socket_type": "PUSH"}, duration_s=0.3))
    command = [*COMMAND, "run", file, "--repeat", "1000", "--json", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("run 3 of"):
                break
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    runs = json.loads(out.read_text())["runs"]
    assert 2 <= len(runs) <= 4
    assert re.search(rf"^{len(runs)} of 1,000 runs: ", output, re.MULTILINE)


@pytest.mark.parametrize("count", ["0", "1001", "two"])
def test_a_count_out_of_range_is_refused(tmp_path: Path, count: str) -> None:
    assert bench_inside("run", write(tmp_path, preset()), "--repeat", count).returncode == 2
