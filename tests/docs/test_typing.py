"""A strict type checker accepts programs that use the library as documented."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bench_app
from tests.docs.pages import DOCS, ROOT

PROGRAM = Path(__file__).parent / "typed_program.py"


@pytest.mark.timeout(600)
def test_documented_programs_pass_a_strict_type_checker() -> None:
    programs = [*(DOCS / "examples").glob("*.py"), *PROGRAM.parent.glob("programs/*.py"), PROGRAM]
    assert len(programs) >= 12
    environment = os.environ | {"MYPYPATH": f"{ROOT}{os.pathsep}{ROOT / 'ui'}"}
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml", *map(str, programs)]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.timeout(600)
@pytest.mark.skipif(not shutil.which("pyright"), reason="pyright is not installed; CONTRIBUTING.md says how")
def test_documented_programs_pass_pyright_too() -> None:
    command = ["pyright", "--pythonpath", sys.executable]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(bench_app.__file__).parent / "py.typed").is_file()
