"""The snippets and commands of the pages do what the pages say they do."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import io
import json
import re
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import yaml
import zmq
from click.testing import CliRunner

from bench_app.cli.commands import cli
from bench_app.errors import BenchError
from bench_app.model import ReplaySource
from bench_app.preset import documents
from bench_app.schemes import unregister
from tests.docs.pages import DOCS, PAGES, README, ROOT
from tests.runs import assert_balanced, run

SNIPPETS = DOCS / "snippets"
SHIPPED = [name for name, _ in documents.shipped()]


def blocks(language: str) -> list[tuple[str, str]]:
    """Each block of code in this language, with its page and number."""
    found = []
    for page in (README, *PAGES):
        pattern = rf"^( *)```{language}\n(.*?)^\1```"
        codes = [found[2] for found in re.finditer(pattern, page.read_text(), re.MULTILINE | re.DOTALL)]
        found += [(f"{page.relative_to(ROOT)}-{number}", code) for number, code in enumerate(codes)]
    return found


def ids(found: list[tuple[str, str]]) -> list[str]:
    return [name for name, _ in found]


PYTHON, JSON, YAML = blocks("python"), blocks("json"), blocks("yaml")


@pytest.mark.parametrize(("name", "code"), PYTHON, ids=ids(PYTHON))
def test_a_snippet_of_python_runs(name: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = f"ipc://{tmp_path}/a.ipc"
    real_run = asyncio.run

    def run_shortly(main: Coroutine[Any, Any, None]) -> None:
        # A snippet that reads until it is stopped is stopped.
        with contextlib.suppress(TimeoutError):
            real_run(asyncio.wait_for(main, 0.2))

    monkeypatch.setattr(asyncio, "run", run_shortly)
    moved = re.sub(r"zmq://tcp://[^\"]+", f"zmq://{endpoint}", code)
    shortened = moved.replace("wait_for_subscriber(5)", "wait_for_subscriber(0)")
    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        if "PUSH" in code or "high_watermark" in code:
            # A PUSH whose messages are taken closes at once, not after its linger.
            pull.bind(endpoint)
        try:
            exec(compile(shortened, name, "exec"), {"__name__": "__main__"})
        finally:
            unregister("print")


@pytest.mark.parametrize(("name", "code"), JSON, ids=ids(JSON))
def test_a_part_of_a_preset_loads_without_a_note(name: str, code: str, tmp_path: Path) -> None:
    # Paths lead to files of the clone from its folder, or from the folder of the presets.
    folder = tmp_path / "docs" / "presets"
    folder.mkdir(parents=True)
    (folder / "docs").symlink_to(DOCS)
    (tmp_path / "docs" / "snippets").symlink_to(SNIPPETS)
    part = json.loads(code if code.startswith("{") else f"{{{code}}}")
    if "output" not in part:
        output = json.loads((DOCS / "presets" / "production-basic.json").read_text())["output"]
        part = {"output": output, "bench": part.get("bench", part)}
    preset = folder / "preset.json"
    preset.write_text(json.dumps(part))
    document = documents.load(preset)
    replays = [one for one in document.preset.bench.sources.values() if isinstance(one, ReplaySource)]
    assert [one.path for one in replays if not (document.base_dir / one.path).is_file()] == []
    notes = [str(note) for note in document.notes]
    assert [note for note in notes if "is not ZeroMQ, so this handler takes no part" not in note] == []


@pytest.mark.parametrize(("name", "code"), YAML, ids=ids(YAML))
def test_the_commands_of_a_pipeline_can_be_typed(name: str, code: str) -> None:
    assert yaml.safe_load(code)
    lines = re.findall(r"zmq-bench (\w+) ([^|;\n]*)", code)
    assert len(lines) >= 2
    for command, arguments in lines:
        with cli.commands[command].make_context(command, arguments.split()) as context:
            assert context.params


def shown(command: str) -> list[tuple[str, str, str]]:
    """Page, command and output of each terminal session that shows the whole output of such a command."""
    found = []
    for page in PAGES:
        for session in re.findall(r"^```console\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            for line, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE):
                if line.startswith(command) and output and "\n..." not in f"\n{output}":
                    found.append((page.name, line, output))
    return found


@pytest.mark.parametrize(("page", "line", "output"), shown("zmq-bench check"))
def test_check_prints_what_the_page_shows(page: str, line: str, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert CliRunner().invoke(cli, line.split()[1:]).stdout == output


def test_an_example_prints_what_its_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [(_, line, output)] = shown("python docs/examples")
    monkeypatch.chdir(tmp_path)
    program = ROOT / line.split()[1]
    found = importlib.util.spec_from_file_location(program.stem, program)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            module.main()
    finally:
        unregister("lines")
    assert printed.getvalue() == output


def test_a_listener_behind_a_consumer_of_your_own_counts(tmp_path: Path) -> None:
    """The recipe of the tutorial: without the start gate, the run is not invalid because of it."""
    ends = [f"ipc://{tmp_path}/{name}.ipc" for name in ("handler", "forwarder")]
    document = documents.replace_all(
        documents.load(DOCS / "presets" / "behind-my-consumer.json"),
        [
            ("bench.duration_s", 0.5),
            ("output.handlers.zmq-publisher.uri", f"zmq://{ends[0]}"),
            ("bench.listeners.zmq-publisher[0].endpoint", f"connect:{ends[1]}"),
        ],
    )
    command = [sys.executable, str(SNIPPETS / "forwarder.py"), ends[0], "analytics", ends[1]]
    with subprocess.Popen(command) as forwarder:
        try:
            result = run(document).result
        finally:
            forwarder.kill()
    assert_balanced(result)
    assert [reason for reason in result.reasons if "started without them" in reason] == []


def test_what_is_wrong_would_be_found() -> None:
    assert len(PYTHON) >= 8
    assert len(JSON) >= 3
    assert shown("zmq-bench check") != []
    with pytest.raises(BenchError):
        documents.parse({"output": {}}, "empty")
