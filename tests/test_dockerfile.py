"""The pip commands of the Dockerfile, which tools/check_installation.py runs in bare environments."""

from __future__ import annotations

from tools.check_installation import docker_commands


def test_a_wheel_is_built_and_installed() -> None:
    assert docker_commands() == ["pip wheel --no-deps --wheel-dir /wheels .", "pip install /wheels/*.whl"]
