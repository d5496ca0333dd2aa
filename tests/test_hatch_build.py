"""The build: compiled modules where there is a compiler, else a message and a package that runs its loops in Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.compiled import IS_REQUIRED, compiled

ROOT = Path(__file__).resolve().parent.parent
NO_COMPILER = {"CC": "/bin/false"}
MODULE = "stamp_digits"
"""One module is enough to see what the build does."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sources with one module to compile."""
    project = tmp_path / "project"
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "compiled_from.txt")
    shutil.copytree(ROOT / "bench_app", project / "bench_app", ignore=ignored)
    for file in (project / "bench_app" / "data_plane").glob("*.pyx"):
        if file.stem != MODULE:
            file.unlink()
    (project / "ui" / "bench_ui").mkdir(parents=True)
    (project / "ui" / "bench_ui" / "__init__.py").touch()
    (project / "presets").mkdir()
    shutil.copytree(ROOT / "packaging", project / "packaging")
    for name in ("hatch_build.py", "hatch_readme.py", "pyproject.toml", "README.md", "ui/bench_ui/zmq-bench.svg"):
        shutil.copy(ROOT / name, project / name)
    return project


def python(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name != "ZMQ_BENCH_REQUIRE_COMPILED"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=variables | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def build_wheel(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return python(project, "-m", "hatchling", "build", "-t", "wheel", **environment)


@pytest.mark.skipif(shutil.which(os.environ.get("CC", "cc")) is None and not IS_REQUIRED, reason="no C compiler")
def test_a_wheel_has_the_compiled_modules_and_names_its_platform(project: Path) -> None:
    finished = build_wheel(project)
    assert finished.returncode == 0, finished.stderr
    (wheel,) = (project / "dist").glob("*.whl")
    assert not wheel.stem.endswith("none-any")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(project / "installed")
    assert len([name for name in names if name.endswith(".so")]) == 1
    assert f"bench_app/data_plane/{MODULE}.pyx" in names
    assert {name.split("/")[0] for name in names if ".d" not in name.split("/")[0]} == {"bench_app", "bench_ui"}
    assert {name.partition(".data/data/")[2] for name in names if ".data/" in name} == {
        "share/applications/zmq-bench.desktop",
        "share/icons/hicolor/scalable/apps/zmq-bench.svg",
    }
    assert "bench_app/data_plane/compiled_from.txt" not in names, "all files of a wheel belong together"
    assert not list((project / "bench_app").rglob("*.so")), "only a compilation in place puts files into the sources"
    program = f"from bench_app.data_plane import {MODULE} as module; print(module.__file__)"
    loaded = python(project / "installed", "-c", program, PYTHONPATH=str(project / "installed"))
    assert loaded.stdout.startswith(str(project / "installed")), loaded.stderr
    in_place = python(project, "hatch_build.py")
    assert in_place.returncode == 0, in_place.stderr
    (file,) = (project / "bench_app" / "data_plane").glob("*.so")
    assert (file.parent / "compiled_from.txt").is_file()
    before = file.stat().st_mtime_ns
    assert python(project, "hatch_build.py").returncode == 0
    assert file.stat().st_mtime_ns == before, "a process may use the file, and nothing has changed"


def test_without_a_compiler_a_wheel_is_built_that_runs_its_loops_in_python(project: Path) -> None:
    for name in ("index.html", "_static/bench.css", ".doctrees/index.doctree"):
        file = project / "build" / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    finished = build_wheel(project, **NO_COMPILER)
    assert finished.returncode == 0
    assert "The data plane was not compiled, because the C compiler (/bin/false)" in finished.stdout + finished.stderr
    (wheel,) = (project / "dist").glob("*.whl")
    assert wheel.name.endswith("py3-none-any.whl")
    documentation = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("bench_app/site/")}
    assert documentation == {"bench_app/site/index.html", "bench_app/site/_static/bench.css"}


def test_a_failed_compilation_is_an_error_where_the_compiled_modules_are_required(project: Path) -> None:
    finished = build_wheel(project, **NO_COMPILER, ZMQ_BENCH_REQUIRE_COMPILED="1")
    assert finished.returncode == 1
    assert "The data plane was not compiled, because" in finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
    assert not list((project / "dist").glob("*.whl"))


def test_the_command_says_what_is_missing(project: Path) -> None:
    finished = python(project, "hatch_build.py", **NO_COMPILER)
    assert finished.returncode == 1
    assert "It needs a C compiler and the headers of Python" in finished.stderr


def test_the_modules_of_this_installation_are_compiled() -> None:
    for file in sorted((ROOT / "bench_app" / "data_plane").glob("*.pyx")):
        assert compiled(file.stem).__file__.endswith(".so")
