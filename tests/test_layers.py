"""Who may import whom: the engine knows no Qt, and the pure parts know no sockets."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
QT = {"PySide6", "shiboken6", "qasync", "pyqtgraph", "bench_ui"}
PURE = ["model", "errors.py", "transport/stamp.py", "preset/checks.py", "measure", "engine/plan.py"]
PURE += ["capacity/places.py", "capacity/figures.py"]


def imports_of(file: Path) -> Iterator[str]:
    """The top-level names a file imports anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.split(".")[0]


def files_of(*parts: str) -> list[Path]:
    paths = [ROOT / "bench_app" / part for part in parts]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
    assert files
    return files


@pytest.mark.parametrize("file", files_of("."), ids=lambda file: str(file.relative_to(ROOT)))
def test_the_engine_never_imports_qt(file: Path) -> None:
    assert not QT & set(imports_of(file))


@pytest.mark.parametrize("file", files_of(*PURE), ids=lambda file: str(file.relative_to(ROOT)))
def test_pure_logic_imports_no_sockets_and_no_loop(file: Path) -> None:
    assert not {"zmq", "socket", "asyncio", "subprocess", "threading"} & set(imports_of(file))


@pytest.mark.parametrize("file", files_of("."), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_module_says_where_it_stands(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text()))


@pytest.mark.parametrize("file", sorted((ROOT / "ui").rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_the_window_never_touches_a_data_socket_and_every_module_says_where_it_stands(file: Path) -> None:
    assert not {"zmq", "socket"} & set(imports_of(file))
    assert ast.get_docstring(ast.parse(file.read_text()))


def test_a_worker_loads_nothing_of_the_session_and_need_not_wait_for_it() -> None:
    not_needed = {"asyncio", "ssl", "bench_app.engine.session"}
    asks = f"import sys, bench_app.engine.worker.process; print({not_needed} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", asks], text=True) == "set()\n"


def modules_of(folder: Path) -> dict[str, Path]:
    """The modules below a folder of the repository, by dotted name."""
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in folder.rglob("*.py")}
    return {name.removesuffix(".__init__"): file for name, file in names.items()}


def modules_imported(file: Path, known: Collection[str]) -> set[str]:
    """The known modules that a file imports anywhere in it, also for type checks alone."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            # `from package import module` does not depend on what else the package imports.
            found |= members if members <= set(known) else {node.module, *members}
    return found & set(known)


def test_no_module_of_the_bench_imports_itself_by_a_detour() -> None:
    modules = modules_of(ROOT / "bench_app")
    TopologicalSorter({name: modules_imported(file, modules) - {name} for name, file in modules.items()}).prepare()


def test_session_and_worker_share_the_messages_and_limits_alone() -> None:
    modules = modules_of(ROOT / "bench_app")
    engine, worker = "bench_app.engine.", "bench_app.engine.worker"
    shared = {f"{engine}control.client", f"{engine}control.messages", f"{engine}limits"}
    of_worker = {name for name in modules if name == worker or name.startswith(f"{worker}.")}
    for name, file in modules.items():
        imported = {one for one in modules_imported(file, modules) if one.startswith(engine)}
        if name in of_worker:
            assert imported <= of_worker | shared, name
        else:
            assert not imported & of_worker, name
