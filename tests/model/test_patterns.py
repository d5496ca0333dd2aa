"""The patterns: one entry for each socket type, and facts that agree with each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from bench_app.model import PATTERNS, Delivery, HandlerConfig, ListenerType, Pattern, SocketType, pattern_of

ROOT = Path(__file__).parents[2]
FILES = sorted(file for folder in ("bench_app", "ui") for file in (ROOT / folder).rglob("*.py"))
MODEL = ROOT / "bench_app" / "model"
NAMES = {*get_args(SocketType), *get_args(ListenerType)}

EVERY = pytest.mark.parametrize("pattern", PATTERNS.values(), ids=lambda pattern: pattern.socket_type)


def test_every_socket_type_that_a_preset_may_name_has_a_pattern() -> None:
    assert tuple(PATTERNS) == get_args(SocketType)
    assert tuple(pattern.listener_type for pattern in PATTERNS.values()) == get_args(ListenerType)


@EVERY
def test_a_pattern_is_found_by_the_type_of_either_end(pattern: Pattern) -> None:
    assert pattern_of(pattern.socket_type) is pattern
    assert pattern_of(pattern.listener_type) is pattern
    assert HandlerConfig(socket_type=pattern.socket_type).pattern is pattern


def test_an_unknown_type_has_no_pattern() -> None:
    with pytest.raises(KeyError):
        pattern_of("PAIR")


@EVERY
def test_the_flags_of_a_pattern_follow_from_its_delivery(pattern: Pattern) -> None:
    assert pattern.each_gets_all is (pattern.delivery is Delivery.EACH)
    assert pattern.gets_replies is (pattern.delivery is Delivery.REQUEST)
    assert not (pattern.each_gets_all and pattern.gets_replies)


def test_every_delivery_has_a_pattern() -> None:
    assert {pattern.delivery for pattern in PATTERNS.values()} == set(Delivery)


@EVERY
def test_a_handler_that_sends_topics_knows_its_subscribers(pattern: Pattern) -> None:
    assert pattern.knows_subscribers or not pattern.sends_topic


def names_in(*nodes: ast.AST | None) -> Iterator[ast.Constant]:
    """Pattern names that are one of the nodes, or an item of a tuple, list or set."""
    for node in nodes:
        if isinstance(node, ast.Constant) and node.value in NAMES:
            yield node
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield from names_in(*node.elts)


def compared_names(tree: ast.AST) -> Iterator[ast.Constant]:
    """Pattern names in comparisons and ``match`` statements."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from names_in(node.left, *node.comparators)
        elif isinstance(node, ast.MatchValue):
            yield from names_in(node.value)


def listed_names(tree: ast.AST) -> Iterator[ast.Constant]:
    """Pattern names that make a table: keys of a dict, subscripts, items of a list, tuple or set."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from names_in(*node.keys)
        elif isinstance(node, ast.Subscript):
            yield from names_in(node.slice)
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield from names_in(node)


def found(names: Iterator[ast.Constant]) -> list[str]:
    return [f"line {name.lineno}: {name.value}" for name in names]


def test_no_code_compares_names_of_patterns_and_none_outside_the_model_has_a_table_of_them() -> None:
    compared, listed = {}, {}
    for file in FILES:
        tree = ast.parse(file.read_text())
        compared[file] = found(compared_names(tree))
        listed[file] = found(listed_names(tree)) if MODEL not in file.parents else []
    assert {file: lines for file, lines in compared.items() if lines} == {}, "ask the pattern for the fact that matters"
    assert {file: lines for file, lines in listed.items() if lines} == {}, "add it to bench_app/model/patterns.py"


@pytest.mark.parametrize(
    "code", ['kind == "PUB"', 'kind not in ("PUB", "REQ")', 'match kind:\n    case "PUSH":\n        pass']
)
def test_a_comparison_is_found(code: str) -> None:
    assert found(compared_names(ast.parse(code)))


@pytest.mark.parametrize("code", ['{"PUB": 1}', 'kinds["REP"]', 'click.Choice(["SUB", "PULL"])', '{"SUB"}'])
def test_a_table_is_found(code: str) -> None:
    assert found(listed_names(ast.parse(code)))


@pytest.mark.parametrize("code", ['{"socket_type": "PUB"}', 'f(socket_type="REQ")', '"""PUB"""'])
def test_a_value_or_an_argument_is_not_a_table(code: str) -> None:
    tree = ast.parse(code)
    assert not found(compared_names(tree)) and not found(listed_names(tree))
