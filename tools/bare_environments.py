"""Bare virtual environments of the Pythons of this machine, for checks of what users install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST = (3, 11)
"""``requires-python`` of the package."""
_MINORS = range(OLDEST[1], 30)
_PROBE = """
import ensurepip, os, sys, sysconfig, venv
headers = os.path.join(sysconfig.get_path("include"), "Python.h")
usable = os.path.exists(headers) and not sysconfig.get_config_var("Py_GIL_DISABLED")
print(*sys.version_info[:2] if usable else "")
"""
"""Without headers nothing can be compiled. PySide6 has no wheel for Python without the GIL."""


class CheckError(Exception):
    """A check failed; the message says which one and how."""


@dataclass(frozen=True, order=True)
class Python:
    """A Python of this machine that can make environments and compile."""

    version: tuple[int, ...]
    path: str

    def __str__(self) -> str:
        return ".".join(map(str, self.version))


def pythons() -> list[Python]:
    """One usable Python of each version on the path and below pyenv, the oldest first. Raises CheckError if none is."""
    names = [shutil.which(f"python3.{minor}") for minor in _MINORS]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [sys.executable, *filter(None, names), *map(str, sorted(pyenv.glob("3.*/bin/python3")))]
    found: dict[tuple[int, ...], Python] = {}
    for path in candidates:
        probe = subprocess.run([path, "-c", _PROBE], capture_output=True, text=True, check=False)
        version = tuple(map(int, probe.stdout.split()))
        if probe.returncode == 0 and version >= OLDEST:
            found.setdefault(version, Python(version, path))
    if not found:
        raise CheckError("no Python here has venv, ensurepip and the headers for compiling")
    return sorted(found.values())


class Environment:
    """A virtual environment in ``folder``.

    Attributes:
        folder: the environment.
        variables: the environment variables of its commands: those of this process, without what would lead a Python to
            other modules.
    """

    def __init__(self, python: Python, folder: Path) -> None:
        self.folder = folder
        dropped = ("PYTHON", "QT_", "ZMQ_BENCH_", "DISPLAY", "WAYLAND_DISPLAY", "VIRTUAL_ENV")
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        self.variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        # venv links to the Python behind a virtual environment, so a Python in an environment is as good.
        subprocess.run([python.path, "-m", "venv", "--clear", str(folder)], check=True)
        self.variables["PATH"] = f"{folder / 'bin'}{os.pathsep}{self.variables.get('PATH', '')}"

    def run(
        self, command: list[str] | str, folder: Path, allowed: tuple[int, ...] = (0,), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in ``folder`` with the environment's programs. Raises CheckError for another exit code.

        A command in one string is one of a shell.
        """
        finished = subprocess.run(
            command,
            shell=isinstance(command, str),
            cwd=folder,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode not in allowed:
            text = f"{finished.stdout[-4000:]}\n{finished.stderr[-4000:]}"
            raise CheckError(f"{command} in {folder} ended with {finished.returncode}:\n{text}")
        return finished

    def python(self, program: str, folder: Path) -> str:
        """Run a program of Python; returns its output."""
        return self.run([str(self.folder / "bin" / "python"), "-c", program], folder).stdout.strip()
