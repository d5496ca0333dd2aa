"""Requirements from the lock file, for environments that cannot take its hashes."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_LOCKED = re.compile(r"^(?P<name>[a-z0-9-]+)==[^\\\n]*?(?=\s*\\?$)", re.MULTILINE)
_BOUND = re.compile(r"^(?P<name>[A-Za-z0-9-]+)>=(?P<version>[0-9.]+)")


def locked_versions(lock: str) -> dict[str, list[str]]:
    """The lines of the lock file without hashes, by package. Some packages have a line for each Python."""
    lines: dict[str, list[str]] = {}
    for found in _LOCKED.finditer(lock):
        lines.setdefault(found["name"], []).append(found[0])
    return lines


def oldest_versions(requirements: list[str]) -> dict[str, str]:
    """Each requirement at its lower bound, by the name of the package. Raises ValueError for one without a bound."""
    oldest = {}
    for requirement in requirements:
        found = _BOUND.match(requirement)
        if found is None:
            raise ValueError(f"{requirement}: no lower bound")
        oldest[found["name"].lower()] = f"{found['name']}=={found['version']}"
    return oldest


def constraints(root: Path = ROOT) -> list[str]:
    """The locked versions of all packages except those of the package itself."""
    oldest = oldest_packages(root)
    locked = locked_versions((root / "requirements.lock").read_text())
    # PySide6 demands the shiboken6 of its own version.
    return [line for name, lines in locked.items() if name not in oldest and name != "shiboken6" for line in lines]


def oldest_packages(root: Path = ROOT) -> dict[str, str]:
    """The run-time packages at their oldest versions, by name, those of the extras included."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    return oldest_versions([*project["dependencies"], *extras])


def development_packages(root: Path = ROOT) -> list[str]:
    """The names of the packages for development that are not run-time packages, too."""
    groups = tomllib.loads((root / "pyproject.toml").read_text())["dependency-groups"]
    names = [requirement.partition(">=")[0] for requirement in groups["dev"]]
    return [name for name in names if name.lower() not in oldest_packages(root)]
