"""Tests mirror the sources: each module has a test file of its name, in the folder of its name."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SOURCES = {"bench_app": ROOT / "bench_app", "bench_ui": ROOT / "ui" / "bench_ui"}

FREE_FOLDERS = ("end_to_end", "bench_ui/end_to_end", "docs")
"""Tests of several modules at once, and of the documentation."""
FREE_FILES = (
    *("test_mirror.py", "test_layers.py", "test_hatch_build.py", "test_hatch_readme.py", "test_dockerfile.py"),
    "test_locked_versions.py",
)
"""Tests of the source tree as a whole, and of its build."""

WITHOUT_TEST_FILE = {
    "bench_app": "loads its public names at their first use; tests/library uses them",
    "bench_app/__main__": "calls start.main; tests/cli/test_commands.py runs it",
    "bench_app/cli/exit_codes": "constants",
    "bench_app/data_plane/needs": "constants",
    "bench_app/engine/control/fork_messages": "declares messages; tests/engine/worker/test_template.py sends them",
    "bench_app/engine/limits": "constants",
    "bench_app/engine/worker/__main__": "loads the worker; tests/engine/worker/test_process.py runs it",
    "bench_app/errors": "error classes; the tests of their users check the messages",
    "bench_app/handlers/request_end": "declares data; tests/handlers/test_req.py checks the end of each request",
    "bench_app/measure/arrays": "type aliases",
    "bench_app/measure/clock": "constants",
    "bench_app/measure/latency_measures": "constants",
    "bench_app/measure/packed_numbers": "the type of a message; tests/measure/test_sequence.py sends and merges it",
    "bench_app/model/handler": "declares keys; tests/model/test_keys.py checks every key of a preset",
    "bench_app/model/listener": "declares keys; tests/model/test_keys.py checks every key of a preset",
    "bench_app/model/load": "declares keys; tests/model/test_keys.py checks every key of a preset",
    "bench_app/model/preset": "declares keys; tests/model/test_keys.py checks every key of a preset",
    "bench_app/model/timeline": "declares keys; tests/model/test_keys.py checks every key of a preset",
    "bench_app/model/socket_options": "declares keys; tests/model/test_keys.py checks every key of a preset",
    "bench_app/sources/clock_counts": "declares counts; tests/sources/test_clock_correction.py checks each of them",
    "bench_app/model/source": "declares keys; tests/model/test_keys.py checks every key of a preset",
    "bench_app/model/spec": "the base class and the types of values; tests/model/test_validation.py checks values",
    "bench_ui/lab/trial_request": "declares data; tests/bench_ui/lab/test_sweep_tab.py checks each request",
    "bench_app/schemes": "names of library/schemes for programs; tests/docs/typed_program.py uses them",
}
"""Modules without a test file of their own, and why they need none."""


def defines_something(file: Path) -> bool:
    """Whether a module has a function or a class; an ``__init__`` that only imports needs no test."""
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.parse(file.read_text()).body)


def modules() -> dict[str, Path]:
    """Every module that needs a test, as ``bench_app/cli/logs``; a package with code in its ``__init__`` counts."""
    found = {}
    for name, folder in SOURCES.items():
        for file in sorted(folder.rglob("*.py")):
            path = name / file.relative_to(folder).with_suffix("")
            if file.stem != "__init__":
                found[path.as_posix()] = file
            elif defines_something(file):
                found[path.parent.as_posix()] = file
        for file in sorted(folder.rglob("*.pyx")):
            found[(name / file.relative_to(folder).with_suffix("")).as_posix()] = file
    return found


def mirroring_files() -> list[str]:
    """Every test file outside the free folders, as ``cli/test_logs.py``."""
    files = [file.relative_to(TESTS).as_posix() for file in sorted(TESTS.rglob("test_*.py"))]
    return [file for file in files if file not in FREE_FILES and not file.startswith(FREE_FOLDERS)]


def module_of(test_file: str) -> str:
    """The module that a test file mirrors: ``cli/test_logs.py`` -> ``bench_app/cli/logs``."""
    path = Path(test_file)
    module = path.parent / path.stem.removeprefix("test_")
    return (module if module.parts[0] == "bench_ui" else "bench_app" / module).as_posix()


def is_module(name: str) -> bool:
    """Whether there is a module or a package of this name."""
    top, *rest = name.split("/")
    path = SOURCES[top].joinpath(*rest)
    return any(path.with_suffix(ending).is_file() for ending in (".py", ".pyx")) or (path / "__init__.py").is_file()


MODULES = modules()
TESTED = {module_of(file) for file in mirroring_files()}


def test_every_test_file_mirrors_a_module() -> None:
    without = [file for file in mirroring_files() if not is_module(module_of(file))]
    assert without == [], "there is no module of this name: name the test after the module that it tests"


def test_a_module_has_a_test_file_of_its_name() -> None:
    untested = [module for module in MODULES if module not in TESTED and module not in WITHOUT_TEST_FILE]
    assert untested == [], "write its test file, or give in WITHOUT_TEST_FILE the reason why it needs none"


def test_the_list_names_only_modules_without_a_test_file() -> None:
    missing = [name for name in WITHOUT_TEST_FILE if name not in MODULES]
    assert missing == [], "the module does not exist: remove it from the list"
    tested = [name for name in WITHOUT_TEST_FILE if name in TESTED]
    assert tested == [], "the module has a test file: remove it from the list"
