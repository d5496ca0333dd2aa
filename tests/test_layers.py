"""Which module may import which: no cycles, no Qt in the engine, no sockets in pure modules."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.import_graph import ROOT, SOURCES, cycles, imports, module_graph, modules, package_graph, package_of

QT = {"PySide6", "shiboken6", "qasync", "pyqtgraph", "bench_ui"}
PURE = ["model", "errors.py", "transport/stamp.py", "preset/checks.py", "measure", "engine/plan.py"]
PURE += ["capacity/places.py", "capacity/figures.py", "comparison"]
BESIDE_THE_PACKAGES = {"__init__", "__main__", "start", "errors", "aio", "schemes", "receipts", "former_names"}
"""The modules that a newcomer expects in ``bench_app`` itself: the start, the errors, the library's public modules."""
WORKER = "bench_app.engine.worker"
SHARED_WITH_WORKERS = {"bench_app.engine.limits"}
"""Modules of the session's package that a worker may import: constants and types without state."""

MODULES = modules()


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """The syntax tree of every module, by its dotted name."""
    return {name: ast.parse(file.read_text()) for name, file in MODULES.items()}


@cache
def top_level_imports_of(file: Path) -> frozenset[str]:
    """The top-level name of every import in a file, imports in functions included."""
    return frozenset(_top_level_imports(ast.parse(file.read_text())))


def _top_level_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.split(".")[0]


def importing(files: list[Path], forbidden: set[str]) -> list[str]:
    """Each of the files that imports something forbidden, with what it imports."""
    found = {file.relative_to(ROOT): forbidden & top_level_imports_of(file) for file in files}
    return [f"{file} imports {', '.join(sorted(names))}" for file, names in found.items() if names]


def files_of(*parts: str) -> list[Path]:
    paths = [ROOT / "bench_app" / part for part in parts]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
    assert files
    return files


# A test looks at all modules at once: two thousand tests of one module each took longer than the looking itself.


def test_the_engine_never_imports_qt() -> None:
    assert importing(files_of("."), QT) == []


def test_pure_logic_imports_no_sockets_and_no_loop() -> None:
    assert importing(files_of(*PURE), {"zmq", "socket", "asyncio", "subprocess", "threading"}) == []


def test_every_module_has_a_docstring(trees: dict[str, ast.Module]) -> None:
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_the_window_never_touches_a_data_socket() -> None:
    files = list(SOURCES["bench_ui"].rglob("*.py"))
    assert files
    assert importing(files, {"zmq", "socket"}) == []


def test_a_forbidden_import_would_be_found() -> None:
    assert list(_top_level_imports(ast.parse("def f():\n    import zmq.asyncio\nfrom socket import socket")))
    assert importing([ROOT / "bench_app" / "transport" / "open_socket.py"], {"zmq"})


def test_modules_have_no_import_cycle() -> None:
    assert cycles(module_graph()) == []


def test_packages_have_no_import_cycle() -> None:
    assert cycles(package_graph()) == []


def test_a_cycle_would_be_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"e2"}, "e2": set()}) == [["a", "b", "c"]]


def test_the_session_and_its_workers_share_only_messages() -> None:
    graph = module_graph()
    session_side = [name for name in graph if name.startswith("bench_app.engine") and package_of(name) != WORKER]
    assert {name for name in session_side for target in graph[name] if package_of(target) == WORKER} == set()
    from_workers = {target for name, targets in graph.items() if package_of(name) == WORKER for target in targets}
    assert {name for name in from_workers if package_of(name) == "bench_app.engine"} <= SHARED_WITH_WORKERS
    assert "bench_app.engine.control.server" not in from_workers
    assert "bench_app.engine.control.client" not in {target for name in session_side for target in graph[name]}


def test_a_worker_starts_without_loading_the_session() -> None:
    not_needed = {"asyncio", "ssl", "subprocess", "tempfile", "shutil", "difflib", "ijson", "importlib.metadata"}
    not_needed |= {
        "bench_app.engine.session",
        "bench_app.preset",
        "bench_app.library",
        "bench_app.cli",
        "bench_app.archive",
    }
    program = f"import sys, bench_app.engine.worker.process; print({not_needed} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"


def test_a_program_uses_the_library_without_loading_numpy() -> None:
    not_needed = {"numpy", "asyncio", "importlib.metadata", "ijson", "shutil", "difflib"}
    not_needed |= {"bench_app.engine", "bench_app.cli", "bench_app.preset"}
    program = f"import sys, bench_app; bench_app.Output; print({not_needed} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"


def test_a_command_starts_without_loading_the_others() -> None:
    not_needed = {"numpy", "rich", "zmq", "asyncio", "bench_app.preset", "bench_app.engine", "bench_app.library"}
    program = (
        f"import sys; from bench_app.cli.commands import cli; print({not_needed} & set(sys.modules))\n"
        # Commands are loaded without what only their run needs.
        "list(cli.commands.values()); print({'numpy', 'asyncio', 'bench_app.engine.session'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\nset()\n"


def private_names_in(tree: ast.Module) -> list[str]:
    """Every use of a private name of another module."""
    private = [f"{target}.{name}" for target, name in imports(tree, MODULES) if _is_private(name.split(".")[-1])]
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    private += [
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported
        if _is_private(node.attr)
    ]
    return private


def test_no_module_uses_a_private_name_of_another(trees: dict[str, ast.Module]) -> None:
    found = {module: private_names_in(tree) for module, tree in trees.items()}
    assert {module: names for module, names in found.items() if names} == {}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


DECODERS = {"load", "loads", "decode", "Decoder", "JSONDecoder"}
READERS_OF_JSON = {
    "bench_app.untrusted.json_reader": "the reader of everything from outside",
    "bench_app.preset.json_reader": "presets: names line and column; limits size and depth itself",
}


def json_decoders_in(tree: ast.Module) -> list[str]:
    """Every use of a JSON decoder in a module, as ``json.loads`` or ``msgspec.json.decode``."""
    names = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in DECODERS]
    imported = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in ("json", "msgspec.json", "json.decoder")
        for alias in node.names
        if alias.name in DECODERS
    ]
    return imported + [name for name in names if name.rpartition(".")[0] in ("json", "msgspec.json")]


def test_json_is_decoded_only_by_the_readers_with_limits(trees: dict[str, ast.Module]) -> None:
    found = {module: json_decoders_in(tree) for module, tree in trees.items()}
    assert {module: names for module, names in found.items() if names and module not in READERS_OF_JSON} == {}
    assert [module for module in READERS_OF_JSON if not found[module]] == []


def test_only_the_expected_modules_are_beside_the_packages() -> None:
    assert {file.stem for file in SOURCES["bench_app"].glob("*.py")} == BESIDE_THE_PACKAGES
