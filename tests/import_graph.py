"""The import graph of the sources, read from their text: of modules and of packages, and its cycles."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = {"bench_app": ROOT / "bench_app", "bench_ui": ROOT / "ui" / "bench_ui"}
NESTED_PACKAGES = {("bench_app", "engine", "control"), ("bench_app", "engine", "worker")}
"""Packages inside a package that count as packages of their own."""


@cache
def modules() -> dict[str, Path]:
    """Every module by its dotted name; a package by its ``__init__``."""
    found = {}
    for package, folder in SOURCES.items():
        for file in folder.rglob("*.py"):
            parts = (package, *file.relative_to(folder).with_suffix("").parts)
            found[".".join(parts).removesuffix(".__init__")] = file
    return found


def imports(tree: ast.Module, known: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """(module, name) of every import of a known module, imports in functions and for type checking included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in known:
                    yield inner, ""
                elif node.module in known:
                    yield node.module, alias.name


@cache
def module_graph() -> dict[str, set[str]]:
    """Module -> the modules it imports."""
    known = modules()
    trees = ((name, ast.parse(file.read_text())) for name, file in known.items())
    return {name: {target for target, _ in imports(tree, known)} - {name} for name, tree in trees}


def package_of(module: str) -> str:
    """The package of the second level that contains a module; the module itself if no such package contains it."""
    parts = tuple(module.split("."))
    return ".".join(parts[:3] if parts[:3] in NESTED_PACKAGES else parts[:2])


def package_graph() -> dict[str, set[str]]:
    """Package -> the packages that it imports from."""
    graph: dict[str, set[str]] = {}
    for module, targets in module_graph().items():
        graph.setdefault(package_of(module), set()).update(package_of(target) for target in targets)
    return {package: targets - {package} for package, targets in graph.items()}


def cycles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The strongly connected components with two or more members."""
    reach = {node: _reachable(graph, node) for node in graph}
    found = {tuple(sorted({node, *(other for other in reach[node] if node in reach.get(other, ()))})) for node in graph}
    return sorted(list(cycle) for cycle in found if len(cycle) > 1)


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
