"""Commands and presets on the pages work; each page about a problem names a preset that shows the problem."""

from __future__ import annotations

import json
import re
import select
import subprocess
import sys
from pathlib import Path

import click
import pytest
from bench_reference.repository_links import with_files
from click.testing import CliRunner

import bench_app
from bench_app import OutputHandler, errors
from bench_app.cli.commands import cli
from bench_app.errors import PresetError
from bench_app.model import HandlerBench, HandlerConfig, HandlerSpec
from bench_app.model.json_path import parse_assignment
from bench_app.preset import documents
from tests.docs.pages import DOCS, PAGES, README, ROOT, commands, name_of
from tests.runs import assert_balanced, run

SHIPPED = [name for name, _ in documents.shipped()]
FILES = sorted((DOCS / "presets").glob("*.json"))
SEED = {
    "production-basic": "basic-publisher",
    "production-advanced": "advanced-push",
    "production-multi-pattern": "multi-pattern",
    "production-pipeline": "analytics-pipeline",
    "production-edge-to-cloud": "edge-to-cloud",
    "production-broadcast": "multi-consumer-broadcast",
}
PROBLEMS = [
    *("address-in-use", "connection-refused", "context-terminated"),
    *("not-sent", "high-latency", "message-loss"),
    *("creation-fails", "no-data", "performance", "debugging-tools"),
]
COMMANDS = [(name_of(page), words) for page in (README, *PAGES) for words in commands(page)]
FAULTY = "docs/snippets/faulty.json"


@pytest.mark.parametrize(("page", "words"), [(p, w) for p, w in COMMANDS if w[0] == "zmq-bench"], ids=str)
def test_a_command_can_be_typed(page: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    name, *arguments = words[1:]
    if name not in cli.commands:
        # The bare form, which opens the window, is a hidden command.
        name, arguments = next(name for name, command in cli.commands.items() if command.hidden), words[1:]
    command = cli.commands[name]
    with command.make_context(name, arguments) as context:
        params = dict(context.params)
    for preset in [params["preset"]] if "preset" in params else params.get("files", ()):
        # ``my`` files are those of the reader.
        if preset is None or preset == FAULTY or preset.startswith("my"):
            continue
        document = documents.load(preset)
        documents.replace_all(document, [parse_assignment(text) for text in params.get("assignments", ())])


@pytest.mark.parametrize(("page", "words"), [(p, w) for p, w in COMMANDS if w[0] == "python"], ids=str)
def test_a_program_in_a_command_exists(page: str, words: list[str]) -> None:
    assert words[1] == "-c" or (ROOT / words[1]).is_file()


def test_there_are_commands_on_most_pages() -> None:
    assert len([words for _, words in COMMANDS if words[0] == "zmq-bench"]) >= 25
    assert {words[1] for _, words in COMMANDS if words[0] == "zmq-bench"} >= {"run", "check", "presets"}


def test_a_wrong_command_would_be_found() -> None:
    with pytest.raises(click.UsageError):
        cli.commands["run"].make_context("run", ["basic-publisher", "--no-such-option"])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_presets_that_a_page_links_to_exist(page: Path) -> None:
    text = page.read_text()
    assert set(re.findall(r"\(../../presets/(.+?)\.json\)", text)) <= set(SHIPPED)
    # A link to the place in the built site would lead nowhere in the repository.
    assert "(#preset-" not in text


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_page_about_a_problem_names_the_preset_that_shows_it(name: str) -> None:
    text = (DOCS / "how-to" / f"{name}.md").read_text()
    assert re.search(r"^\*\*Presets?\.?\*\*", text, re.MULTILINE)
    assert "(../../presets/" in text or "None of those that ship" in text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_preset_of_the_documentation_loads_without_a_note(file: Path) -> None:
    assert documents.load(file).notes == []


def test_every_preset_is_shown_on_a_page() -> None:
    names = [name for page in PAGES for name in re.findall(r"literalinclude} (\S+)", with_files(page.read_text()))]
    shown = {Path(name).name for name in names}
    assert {file.name for file in FILES} - shown == {"size-hwm-tcp.json"}


@pytest.mark.parametrize(("file", "shipped"), SEED.items())
def test_the_production_examples_are_the_shipped_ones(file: str, shipped: str) -> None:
    raw = json.loads((DOCS / "presets" / f"{file}.json").read_text())
    assert raw == {"output": documents.load(shipped).raw["output"]}


def test_the_readme_names_every_preset_and_describes_it() -> None:
    section = (ROOT / "README.md").read_text().partition("## What the presets show")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"`([a-z-]+)`", section)) == sorted(SHIPPED)
    in_table = set(re.findall(r"^\| `([a-z-]+)` \| \S", section, re.MULTILINE))
    assert set(SHIPPED) - in_table == {*SEED.values(), "local-ipc"}


def test_the_links_of_the_readme_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert len(links) >= 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_indexes_link_to_the_common_questions() -> None:
    """From the front page, or from the index of how-to pages, a link leads to the page."""
    for index in ("index.md", "how-to/index.md"):
        text = (DOCS / index).read_text()
        for page in ("size-hwm", "first-messages", "late-replies", "address-in-use", "watch-traffic"):
            assert re.search(rf"\]\((how-to/)?{page}\.md\)", text), (index, page)


def test_the_front_page_leads_to_every_explanation() -> None:
    text = (DOCS / "index.md").read_text()
    pages = sorted(page.name for page in (DOCS / "explanation").glob("*.md") if page.name != "index.md")
    assert [page for page in pages if f"](explanation/{page})" not in text] == []


def test_the_readme_says_how_to_get_the_command_before_it_uses_it() -> None:
    tour = (ROOT / "README.md").read_text().partition("## A tour")[2]
    assert tour.index("source .venv/bin/activate") < tour.index("zmq-bench run")


def test_the_faults_are_reported_as_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(PresetError) as caught:
        documents.load(FAULTY)
    assert f"{caught.value}\n" == (DOCS / "snippets" / "faulty.txt").read_text()


def test_a_misspelt_key_is_noted_as_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    finished = CliRunner().invoke(cli, ["check", "docs/snippets/misspelt.json"])
    assert finished.exit_code == 0
    assert finished.stdout == (DOCS / "snippets" / "misspelt.txt").read_text()


def test_every_public_name_of_the_library_is_on_its_page() -> None:
    text = (DOCS / "reference" / "library.md").read_text()
    raised = [one.__name__ for one in vars(errors).values() if getattr(one, "__module__", "") == errors.__name__]
    assert [name for name in [*bench_app.__all__, *raised] if name not in text] == []


def test_the_subscriber_receives() -> None:
    spec = HandlerSpec(uri="zmq://tcp://127.0.0.1:*", config=HandlerConfig(socket_type="PUB", topic="analytics.events"))
    handler = OutputHandler("h", spec, bench=HandlerBench(mode="bind"))
    command = [sys.executable, str(DOCS / "snippets" / "subscriber.py"), handler.endpoint, "analytics"]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                # Events that are published before the subscription are dropped.
                for _ in range(500):
                    handler.write({"id": 1})
                    if select.select([process.stdout], [], [], 0.02)[0]:
                        break
                assert process.stdout.readline() == 'analytics.events {"id":1}\n'
            finally:
                process.kill()
    finally:
        handler.close()


@pytest.mark.parametrize(("high_water_mark", "loses"), [(1000, True), (20_000, False)])
def test_the_high_water_mark_must_hold_the_events_of_a_stall(high_water_mark: int, loses: bool) -> None:
    document = documents.replace_all(
        documents.load(DOCS / "presets" / "size-hwm.json"),
        [
            ("bench.duration_s", 1.0),
            ("bench.listeners.camera-events[0].stall", [0.3, 0.6]),
            ("output.handlers.camera-events.config.high_water_mark", high_water_mark),
        ],
    )
    result = run(document).result
    assert_balanced(result)
    assert (result.handlers["camera-events"].lost > 0) is loses
