"""The pip commands of the Dockerfile, which tools/check_installation.py runs in bare environments; its container."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bare_environments import CheckError
from tools.check_installation import check_container, docker_commands


def test_a_wheel_is_built_and_installed() -> None:
    assert docker_commands() == ["pip wheel --no-deps --wheel-dir /wheels .", "pip install /wheels/*.whl"]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in place of Docker, which fails for the words of the file ``fails`` and writes down what it is told."""
    program = tmp_path / "docker"
    lines = ["#!/bin/sh", f'echo "$1" >> {tmp_path}/told', f'! grep -qx "$1" {tmp_path}/fails']
    program.write_text("\n".join(lines))
    program.chmod(0o755)
    (tmp_path / "fails").touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_the_container_is_built_where_docker_has_the_base_images(docker: Path) -> None:
    assert check_container() == "the container was built and runs"
    assert (docker / "told").read_text().split() == ["pull", "build", "run"]


def test_without_a_daemon_it_is_not_built(docker: Path) -> None:
    (docker / "fails").write_text("pull\n")
    assert check_container().startswith("no Docker here")


@pytest.mark.parametrize("step", ["build", "run"])
def test_a_container_that_is_not_built_or_does_not_run_is_a_failure(docker: Path, step: str) -> None:
    (docker / "fails").write_text(f"{step}\n")
    with pytest.raises(CheckError, match=f"docker {step} .*ended with 1"):
        check_container()
