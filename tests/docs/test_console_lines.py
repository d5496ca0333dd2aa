"""Every line that a reader is to type is in the table of ``console_lines``, and does what its page says."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest
import zmq

from bench_app.comparison.result_files import read_runs
from bench_app.engine.check_evaluation import evaluate
from bench_app.engine.result import RunResult
from bench_app.model.json_path import parse_assignment
from bench_app.preset import documents
from bench_app.preset.checks import parse_check
from benchmarks import against_libzmq, truth
from tests.cli.command import bench_inside
from tests.docs.console_lines import NOT_TRIED, RUN, TRIED, Run
from tests.docs.pages import DOCS, PAGES, README, ROOT, lines, words_of
from tests.runs import assert_balanced, doubts

LINES = {line: page for page in (README, *PAGES) for line in lines(page)}
TESTS = ROOT / "tests"


def test_each_line_is_in_the_table_once() -> None:
    table = [*RUN, *TRIED, *NOT_TRIED]
    assert [line for line in LINES if line not in table] == [], "say in console_lines.py how the line is tried"
    assert sorted(set(table)) == sorted(table)
    shipped = {line for line, test in TRIED.items() if test.startswith("end_to_end/test_shipped_presets")}
    assert [line for line in table if line not in LINES and line not in shipped] == []


def test_the_makefile_has_the_targets_of_the_pages() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    wanted = {line.split()[1] for line in LINES if line.startswith("make ")}
    assert wanted
    assert wanted - {*targets} == set()


def test_the_benchmarks_have_the_parts_of_the_pages() -> None:
    parts = {"truth": truth.PARTS, "against_libzmq": against_libzmq.PARTS}
    wanted = {name: [line for line in LINES if f" -m benchmarks.{name} " in line] for name in parts}
    assert all(wanted.values())
    for name, found in wanted.items():
        for line in found:
            words = re.sub(r" --\S+ \S+", "", line).split()[3:]
            assert [word for word in words if word not in parts[name]] == []


@pytest.mark.parametrize("test", sorted(set(TRIED.values())))
def test_the_test_of_a_line_exists(test: str) -> None:
    file, _, name = test.partition("::")
    assert f"def {name}" in (TESTS / file).read_text()


def result_of(folder: Path) -> RunResult:
    return msgspec.json.decode((folder / "result.json").read_bytes(), type=RunResult)


def elsewhere(document: documents.Document, folder: Path) -> Iterator[str]:
    """The values that move the handlers to ports and paths that nobody else uses."""
    bench = document.preset.bench.handlers
    for name, handler in document.preset.output.handlers.items():
        if "ipc://" in handler.uri:
            yield f"output.handlers.{name}.uri=zmq://ipc://{folder}/{name}.ipc"
        elif "tcp://" in handler.uri and (name not in bench or bench[name].paired):
            yield f"output.handlers.{name}.uri=zmq://tcp://127.0.0.1:*"


def holds(check: str, result: RunResult) -> bool:
    known = {name: list(handler.listeners) for name, handler in result.handlers.items()}
    return evaluate(parse_check(check, known), msgspec.to_builtins(result.handlers)).passed


def run_inside(line: str, how: Run, folder: Path) -> tuple[RunResult, str]:
    """Run the line in the process of the test; returns the result and what was printed."""
    words = words_of(line)[1:]
    values = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
    document = documents.replace_all(documents.load(words[1]), [*map(parse_assignment, values)])
    more = [f"--set={value}" for value in (*how.values, *elsewhere(document, folder))]
    written = ["--json", str(folder / "result.json")]
    finished = bench_inside(*words, "--duration", str(how.seconds), *more, *written)
    result = result_of(folder)
    assert_balanced(result)
    assert doubts(result) == []
    # A machine that is too busy makes the reading invalid. The counts are exact all the same.
    assert finished.returncode == {"pass": 0, "fail": 1, "invalid": 3}[result.verdict], finished.stderr
    return result, f"{finished.stdout}{finished.stderr}"


def flat(text: str) -> str:
    """Text on one line, as the terminal may break it anywhere."""
    return " ".join(text.split())


@pytest.mark.usefixtures("single_worker")
@pytest.mark.parametrize("line", RUN)
def test_a_run_does_what_its_page_says(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    how = RUN[line]
    result, printed = run_inside(line, how, tmp_path)
    assert [check for check in how.holds if not holds(check, result)] == []
    for check in how.fails:
        # The page names the check, or says that what it checks does not happen.
        assert [one.passed for one in result.checks if one.check == check] == [False]
        assert result.verdict in {"fail", "invalid"}
    for words in how.says:
        assert words in flat(LINES[line].read_text())
        assert words in flat(printed)


class Terminal:
    """The terminals of a reader, in a folder with the documentation, on ports that nobody else uses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: dict[str, str] = {}
        programs = folder / "bin"
        programs.mkdir()
        for name, module in (("zmq-bench", "-m bench_app.start"), ("python", "")):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
            program.chmod(0o755)
        (folder / "docs").symlink_to(DOCS)
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'ui'}"}

    def move(self, *ports: str) -> None:
        """Have other ports in place of these."""
        with ExitStack() as probes:
            for port in ports:
                # All are held until each is chosen, or the system could choose one twice.
                probe = probes.enter_context(socket.socket())
                probe.bind(("127.0.0.1", 0))
                self.ports[port] = str(probe.getsockname()[1])

    def moved(self, text: str) -> str:
        for port, other in self.ports.items():
            text = text.replace(f":{port}", f":{other}")
        return text

    def command(self, line: str, more: str = "") -> list[str]:
        """The line of a page, with its ports moved, ``listen`` for a second, and more arguments."""
        assert line in LINES
        short = re.sub(r"--for \d+", "--for 1", self.moved(line))
        before, redirection, after = short.partition(" > ")
        return ["bash", "-c", f"{before} {more}{redirection}{after}"]

    def type(self, line: str, more: str = "") -> subprocess.CompletedProcess[str]:
        """Type the line and wait for its end; a traceback fails the test."""
        command = self.command(line, more)
        finished = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in finished.stderr, finished.stderr
        return finished

    @contextmanager
    def typed(self, line: str, more: str = "") -> Iterator[subprocess.Popen[str]]:
        """Type the line in a terminal of its own; killed at the end, if it still runs."""
        with subprocess.Popen(
            self.command(line, more),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                press(process, signal.SIGKILL)

    def at_other_ports(self, preset: str) -> str:
        """The options that move the handlers of a preset to the other ports."""
        handlers = documents.load(preset).preset.output.handlers
        return " ".join(f"--set 'output.handlers.{name}.uri={self.moved(one.uri)}'" for name, one in handlers.items())


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def until_printed(process: subprocess.Popen[str], words: str) -> None:
    """Read what the process prints up to these words."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"{process.args} ended without {words!r}")


def press(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal as a terminal does: to the shell and to the program that it runs."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def interrupted(process: subprocess.Popen[str]) -> str:
    """Press Ctrl+C; returns what is printed then."""
    press(process, signal.SIGINT)
    return process.communicate(timeout=60)[0]


@pytest.mark.usefixtures("single_worker")
def test_a_file_of_ones_own_begins_with_a_preset_that_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listed = bench_inside("presets").stdout
    for preset in ("slow-joiner", "basic-publisher"):
        assert preset in listed
        Path("my.json").write_text(bench_inside("presets", preset).stdout)
        assert bench_inside("check", "my.json").stdout == "my.json: good, 1 enabled handler\n"
    result, _ = run_inside("zmq-bench run my.json", Run(), tmp_path)
    assert result.handlers["zmq-publisher"].offered > 0


@pytest.mark.parametrize("line", [line for line, test in TRIED.items() if test.endswith("_of_the_pages_good")])
def test_check_finds_the_presets_of_the_pages_good(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    finished = bench_inside(*words_of(line)[1:])
    assert finished.returncode == 0
    assert f"{line.split()[-1]}: good, " in finished.stdout


@pytest.mark.usefixtures("single_worker")
@pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq")
def test_the_checks_that_failed_are_printed(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    line = "zmq-bench run docs/presets/tutorial-own-file.json --quiet --json result.json"
    result, _ = run_inside(line, Run(values=('bench.checks=["drops == 0","rate > 1e9"]',)), tmp_path)
    printed = terminal.type("jq -r '.verdict, (.checks[] | select(.passed | not) | .check)' result.json").stdout
    assert printed == f"{result.verdict}\nrate > 1e9\n"


def with_a_sound_run(file: str, *series: str) -> subprocess.CompletedProcess[str]:
    """Run a series until one of its runs counts: a busy machine can make both of them invalid."""
    for _ in range(10):
        ended = bench_inside(*series, "--json", file)
        if any(run.verdict != "invalid" for run in read_runs(Path(file))):
            return ended
    pytest.fail(f"all runs of ten series were invalid: {ended.stdout}")


@pytest.mark.usefixtures("single_worker")
def test_two_series_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of the tutorial, with a preset whose losses differ at once. Their words are those of the page."""
    monkeypatch.chdir(tmp_path)
    page = (DOCS / "tutorial" / "comparing.md").read_text()
    series = ("run", "silent-pub-loss", "--duration", "0.2", "--repeat", "2", "--quiet")
    moved = ("--set", "output.handlers.zmq-publisher.uri=zmq://tcp://127.0.0.1:*")
    # Without latencies, a busy machine makes no run invalid.
    counts = ("--set", "bench.warmup_s=0.19")
    rate = ("--set", "bench.sources.events.load.rate=250")
    lost = ("--set", 'bench.checks=["zmq-publisher/slow: lost > 0"]')
    with_a_sound_run("before.json", *series, *moved, *counts)
    after = with_a_sound_run("after.json", *series, *moved, *counts, *lost, *rate)
    assert "ends with exit code 1" in page
    assert after.returncode in {1, 3}
    compared = bench_inside("compare", "before.json", "after.json")
    assert compared.returncode == 0, compared.stderr
    assert "| 0 | the files were compared, whatever changed |" in page
    shutil.copy("before.json", "base.json")
    shutil.copy("after.json", "new.json")
    worse = bench_inside("compare", "base.json", "new.json", "--fail-if-worse", "--history", "history.jsonl")
    assert worse.returncode in {0, 1}
    assert Path("history.jsonl").read_text().count("\n") == 1
    bench_inside("report", "before.json", "after.json", "-o", "comparison.html")
    assert "<html" in Path("comparison.html").read_text()


def test_a_run_is_watched_from_other_terminals(terminal: Terminal) -> None:
    terminal.move("5555", "5556", "5557")
    moved = terminal.at_other_ports("multi-pattern")
    # Another line of the table is the first one with a shorter time.
    lines_that_end = (
        "zmq-bench listen tcp://127.0.0.1:5555 --type SUB --topic analytics --for 10",
        "zmq-bench listen tcp://127.0.0.1:5555 --type SUB --for 5",
        "zmq-bench listen tcp://localhost:5555 --type SUB --record messages.jsonl --for 2",
    )
    with ExitStack() as terminals:
        bench = terminals.enter_context(terminal.typed("zmq-bench run multi-pattern --duration 120", moved))
        until_printed(bench, "offered")
        listening = [terminals.enter_context(terminal.typed(line)) for line in lines_that_end]
        debugged = terminals.enter_context(terminal.typed("zmq-bench listen tcp://127.0.0.1:5555 --type SUB --debug"))
        until_printed(debugged, "connected to tcp:")
        asked = terminal.type('zmq-bench send tcp://127.0.0.1:5557 --type REQ \'{"method": "status"}\'')
        assert (asked.returncode, "1 of 1 sent, 1 answered" in asked.stdout) == (0, True), asked
        for process in listening:
            printed, _ = process.communicate(timeout=60)
            assert process.returncode == 0
            assert re.search(r"^[\d,]+ messages in ", printed, re.MULTILINE), printed
            assert "topic analytics.events: " in printed
        recorded = re.search(r"^recorded ([\d,]+) messages in .*/messages.jsonl$", printed, re.MULTILINE)
        assert recorded is not None, printed
        kept = (terminal.folder / "messages.jsonl").read_text().count("\n")
        assert kept == int(recorded[1].replace(",", ""))
        assert "messages in " in interrupted(debugged)
        assert debugged.returncode == 0
        publisher = terminal.at_other_ports("basic-publisher")
        refused = terminal.type("zmq-bench run basic-publisher", f"--duration 0.2 {publisher}")
        assert refused.returncode == 3
        assert re.search(r"address already in use: .+ \(process \d+\) listens there", flat(refused.stdout))
        taken = terminal.type("zmq-bench listen bind:tcp://127.0.0.1:5555 --type PULL --for 5")
        assert taken.returncode == 3
        assert "address already in use" in flat(taken.stderr)
        if shutil.which("ss"):
            assert terminal.ports["5555"] in terminal.type("ss -tlnp | grep :5555").stdout
            assert "skmem" in terminal.type("ss -tnm dst 127.0.0.1:5555").stdout
        assert "the ledger balances" in flat(interrupted(bench))
        assert bench.returncode == 130


def test_an_event_goes_from_terminal_to_terminal(terminal: Terminal) -> None:
    terminal.move("5556")
    with terminal.typed("zmq-bench listen bind:tcp://127.0.0.1:5556 --type PULL") as listening:
        sent = terminal.type("zmq-bench send tcp://127.0.0.1:5556 --type PUSH '{\"task_id\": 1}'")
        assert sent.returncode == 0, sent.stderr
        until_printed(listening, '{"task_id": 1}')
        assert "1 message in " in interrupted(listening)
        assert listening.returncode == 0


@pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq")
def test_the_log_of_a_run_is_read(terminal: Terminal) -> None:
    terminal.move("5555", "5556", "5557")
    more = f"--duration 0.2 {terminal.at_other_ports('multi-pattern')}"
    terminal.type("zmq-bench run multi-pattern --debug --log-file run.jsonl", more)
    printed = terminal.type(
        'jq -r \'select(.unit == "zmq-publisher") | "\\(.time) \\(.event) \\(.message)"\' run.jsonl'
    ).stdout
    for event in ("opened", "bound", "accepted", "closed"):
        assert re.search(rf"^\S+ {event} ", printed, re.MULTILINE), event


def test_a_consumer_of_ones_own_counts_what_it_lost(terminal: Terminal) -> None:
    terminal.move("5572")
    more = f"--set bench.duration_s=1 {terminal.at_other_ports('docs/presets/tutorial-own-consumer.json')}"
    line = "zmq-bench run docs/presets/tutorial-own-consumer.json --duration 5 --json result.json"
    received = terminal.folder / "received.txt"
    with terminal.typed(
        "python docs/snippets/subscriber.py tcp://127.0.0.1:5572 analytics > received.txt"
    ) as subscriber:
        # The last value of an option counts.
        terminal.type(line, f"--duration 1 {more}")
        # What was sent before the end of the run is on its way to the subscriber, or there.
        accepted = result_of(terminal.folder).handlers["zmq-publisher"].accepted
        last = f"-{accepted:016x}-"
        for _ in range(600):
            if last in received.read_text() or subscriber.poll() is not None:
                break
            zmq.select([], [], [], 0.05)
        interrupted(subscriber)
    counted = terminal.type("python docs/snippets/losses.py < received.txt").stdout
    found = re.search(r"received (\d+), first (\d+), last (\d+), missing (\d+)", counted)
    if found is None:
        pytest.skip("the subscriber started after the run on this machine")
    arrived, first, last_number, missing = map(int, found.groups())
    assert (last_number, missing) == (accepted, 0)
    assert accepted == arrived + missing + (first - 1) + (accepted - last_number)
    account = terminal.type("zmq-bench account result.json received.txt")
    assert account.returncode == 0, account.stderr
    assert f"{accepted:,} accepted = {arrived:,} received + " in account.stdout
    assert "0 duplicates, 0 reordered, 0 of other runs" in account.stdout


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("zmq-bench card basic-publisher --json card.json", "/s for "),
        ("zmq-bench hwm basic-publisher --stall 0.3 --proof 5", "capacity now: "),
    ],
)
def test_a_measurement_of_minutes_begins_and_can_be_ended(terminal: Terminal, line: str, words: str) -> None:
    moved = "--set output.handlers.zmq-publisher.uri=zmq://tcp://127.0.0.1:*"
    with terminal.typed(line, moved) as measuring:
        until_printed(measuring, words)
        printed = interrupted(measuring)
    assert measuring.returncode == 130, printed
    assert "Traceback" not in printed
    if "--json" in line:
        assert json.loads((terminal.folder / "card.json").read_bytes())["handler"] == "zmq-publisher"


def test_the_entry_for_the_desktop_is_copied(terminal: Terminal) -> None:
    terminal.environment["HOME"] = str(terminal.folder / "home")
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for source, target in build["shared-data"].items():
        installed = terminal.folder / ".venv" / target
        installed.parent.mkdir(parents=True)
        shutil.copy(ROOT / source, installed)
    for line in [line for line, test in TRIED.items() if test.endswith("the_desktop_is_copied")]:
        assert terminal.type(line).returncode == 0
    for source, target in build["shared-data"].items():
        assert (terminal.folder / "home" / ".local" / target).read_bytes() == (ROOT / source).read_bytes()


def test_the_versions_are_printed(terminal: Terminal) -> None:
    printed = terminal.type('python -c "import zmq; print(zmq.pyzmq_version(), zmq.zmq_version())"').stdout
    assert printed == f"{zmq.pyzmq_version()} {zmq.zmq_version()}\n"
