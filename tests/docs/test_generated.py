"""Generated pages are complete: no key, metric, option or exit code is missing from its page."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from bench_reference import MAKERS, changing, filled, preset_keys, renewed, results
from bench_reference.commands import commands, exit_code_table
from bench_reference.examples import library_examples
from bench_reference.loss_causes import loss_causes
from bench_reference.metrics import metrics
from bench_reference.results import result_keys
from bench_reference.shipped import shipped_presets

from bench_app import model
from bench_app.cli.commands import cli
from bench_app.cli.exit_codes import EXIT_CODES, EXIT_FAILED, EXIT_INPUT, EXIT_INTERRUPTED
from bench_app.engine.result import HandlerResult, RunResult
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_app.model.keys import keys_of
from bench_app.preset import checks, documents
from bench_app.sources.record import SkipReason
from tests.docs.pages import DOCS, PAGES, name_of

SPECS = [spec for spec in model.Spec.__subclasses__() if spec.__module__.startswith(model.__name__)]
EFFECTS = {*changing.EFFECT_OF.values()} - {""}


def rows(markdown: str, anchor: str) -> dict[str, list[str]]:
    """The cells of each key in the section of a label."""
    section = re.split(r"^\([a-z-]+\)=$", markdown.partition(f"({anchor})=\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [re.split(r"(?<!\\)\|", line) for line in section.splitlines() if line.startswith("| `")]
    return {cells[1].strip().strip("`"): [cell.strip() for cell in cells[2:-1]] for cells in lines}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_every_key_of_every_spec_is_in_the_reference(spec: type[msgspec.Struct]) -> None:
    found = rows(preset_keys.preset_keys(), f"spec-{spec.__name__.lower()}")
    tag = spec.__struct_config__.tag_field
    assert list(found) == [*([tag] if tag else []), *spec.__struct_fields__]
    for key in spec.__struct_fields__:
        meaning, kind, default, _, effect = found[key]
        assert meaning
        assert kind
        assert default
        assert effect in EFFECTS or "#spec-" in meaning


def test_the_reference_has_every_spec() -> None:
    assert {section.name for section in preset_keys.sections()} == {spec.__name__ for spec in SPECS}


def test_the_model_describes_every_key() -> None:
    described = {
        (section.name, key.name): key.description
        for section in preset_keys.sections()
        for key in keys_of(section.struct.cls)
    }
    assert [key for key, description in described.items() if not description] == []


@pytest.mark.parametrize(
    ("spec", "key", "effect"),
    [
        (model.HandlerConfig, "linger", changing.LIVE),
        (model.HandlerConfig, "topic", changing.LIVE),
        (model.HandlerConfig, "high_water_mark", changing.RECREATES),
        (model.HandlerConfig, "socket_type", changing.RESTARTS),
        (model.HandlerSpec, "uri", changing.RECREATES),
        (model.HandlerSpec, "sink", changing.RESTARTS),
        (model.ListenerSpec, "delay_ms", changing.LIVE),
        (model.ListenerSpec, "high_water_mark", changing.RECREATES),
        (model.ListenerSpec, "topics", changing.RESTARTS),
        (model.ConstantLoad, "rate", changing.LIVE),
        (model.StepsLoad, "rates", changing.LIVE),
        (model.SyntheticSource, "load", changing.LIVE),
        (model.SyntheticSource, "size", changing.RESTARTS),
        (model.UniformSize, "max", changing.RESTARTS),
        (model.ReplaySource, "loop", changing.RESTARTS),
        (model.BenchSpec, "duration_s", changing.NEXT_START),
        (model.BenchSpec, "title", changing.NO_PART),
    ],
)
def test_the_effect_of_a_change_is_that_of_a_run(spec: type[msgspec.Struct], key: str, effect: str) -> None:
    assert changing.effect(spec, key) == effect


def test_range_default_and_unit_come_from_the_model() -> None:
    found = rows(preset_keys.preset_keys(), "spec-handlerconfig")
    assert found["request_timeout"][1:4] == ["an integer from 1 to 2147483647", "`5000`", "ms"]


def test_every_key_of_a_result_is_in_the_reference() -> None:
    page = result_keys()
    keys = {field.encode_name for _, struct in results.objects() for field in struct.fields}
    assert keys == set(results.MEANINGS)
    assert [key for key in keys if f"| `{key}` |" not in page] == []
    assert {struct.cls.__name__ for _, struct in results.objects()} >= {
        "ListenerResult",
        "LatencySummary",
        "GuiFigures",
    }


def test_the_example_of_a_result_is_valid() -> None:
    written = (DOCS / "reference" / "result-example.json").read_bytes()
    decoded = msgspec.json.decode(written, type=RunResult)
    # Every key is known and none is missing, because writing the result again gives the same.
    assert msgspec.json.decode(msgspec.json.encode(decoded)) == msgspec.json.decode(written)


def test_every_metric_and_operator_is_in_the_reference() -> None:
    page = metrics()
    for metric in checks.METRICS:
        parts = metric.split(".")
        shown = metric if len(parts) == 1 else f"latency.{parts[1]}.QUANTITY"
        assert f"| `{shown}` |" in page, metric
        assert f"`{parts[-1]}`" in page
    assert all(f"`{operator}`" in page for operator in checks.OPS)


def test_every_command_and_option_is_in_the_reference() -> None:
    page = commands()
    for name, command in cli.commands.items():
        assert f"## `zmq-bench{'' if command.hidden else ' ' + name}`" in page
        options = [option for param in command.params for option in param.opts if option.startswith("--")]
        assert [option for option in options if f"`{option}" not in page] == []


def test_every_exit_code_is_in_the_reference() -> None:
    codes = {
        *EXIT_CODES.values(),
        EXIT_INPUT,
        EXIT_FAILED,
        EXIT_INTERRUPTED,
    }
    assert re.findall(r"^\| `(\d+)` \|", exit_code_table(), re.MULTILINE) == [str(code) for code in sorted(codes)]


def test_every_shipped_preset_is_in_the_reference() -> None:
    assert re.findall(r"^\(preset-(.+)\)=$", shipped_presets(), re.MULTILINE) == [
        name for name, _ in documents.shipped()
    ]


def test_the_page_includes_the_files_of_the_examples(tmp_path: Path) -> None:
    assert library_examples(tmp_path) == ""
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "one.py").write_text('"""Send one event.\n\nMore of it."""\n')
    assert library_examples(tmp_path).startswith("## Send one event\n\n```{literalinclude} /examples/one.py")


def test_every_maker_is_used_on_a_page() -> None:
    used = {name for page in PAGES for name in re.findall(r"^<!-- generated: ([a-z-]+) -->$", page.read_text(), re.M)}
    assert used == set(MAKERS)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_tables_that_a_page_keeps_are_those_of_the_code(page: Path) -> None:
    text = page.read_text()
    assert renewed(text) == text, "make tables renews them"
    kept = re.findall(r"^<!-- end: ([a-z-]+) -->$", text, re.MULTILINE)
    assert [name for name in kept if MAKERS[name]().strip() not in filled(text)] == []
    assert "<!-- end:" not in filled(text)


def test_a_reader_in_the_repository_finds_every_example() -> None:
    page = (DOCS / "reference" / "examples.md").read_text()
    programs = [program.name for program in (DOCS / "examples").glob("*.py")]
    assert [name for name in programs if f"(../examples/{name})" not in page] == []


def test_an_unknown_maker_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("<!-- generated: nothing -->")


def test_every_cause_of_loss_is_in_the_table() -> None:
    table = loss_causes()
    for cause in LOSS_CAUSES:
        assert f"| {cause.label} | `{cause.key}` |" in table
    assert table.count("\n") == len(LOSS_CAUSES) + 2


@pytest.mark.parametrize("page", ["README.md", "docs/reference/glossary.md", "docs/reference/checks.md"])
def test_a_page_that_lists_the_causes_of_loss_has_all_of_them(page: str) -> None:
    text = (DOCS.parent / page).read_text()
    assert [cause.key for cause in LOSS_CAUSES if f"`{cause.key}`" not in text] == []


def test_every_reason_to_skip_a_record_is_in_the_reference() -> None:
    skipped = (DOCS / "reference" / "result-format.md").read_text().split("## Records that were skipped")[1]
    assert re.findall(r"^\| `(\w+)` \|", skipped, re.MULTILINE) == [str(reason) for reason in SkipReason]


def test_every_key_that_may_be_missing_is_in_the_reference() -> None:
    introduction = (DOCS / "reference" / "result-format.md").read_text().split("<!-- generated")[0]
    unset = {key.name for key in msgspec.structs.fields(RunResult) if key.default is msgspec.UNSET}
    # A handler leaves its defaults out. Its number is never 0.
    left_out = {key.name for key in msgspec.structs.fields(HandlerResult) if not key.required} - {"number", "seconds"}
    assert set(re.findall(r"^\| `(\w+)` \|", introduction, re.MULTILINE)) == unset | left_out


def test_the_page_about_message_loss_has_every_column() -> None:
    text = (DOCS / "how-to" / "message-loss.md").read_text()
    assert [cause.label for cause in LOSS_CAUSES if f"*{cause.label}*" not in text] == []
