"""The oldest versions that the package declares, for the tests that prove them."""

from __future__ import annotations

import tomllib
from itertools import chain

import pytest

from tools.locked_versions import (
    ROOT,
    constraints,
    development_packages,
    locked_versions,
    oldest_packages,
    oldest_versions,
)

LOCK = """\
click==8.5.1 \\
    --hash=sha256:00
    # via zmq-bench (pyproject.toml)
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:11 \\
    --hash=sha256:22
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:33
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:44
"""


def test_the_lock_without_hashes() -> None:
    assert locked_versions(LOCK) == {
        "click": ["click==8.5.1"],
        "colorama": ["colorama==0.4.6 ; sys_platform == 'win32'"],
        "numpy": ["numpy==2.4.6 ; python_full_version < '3.12'", "numpy==2.5.5 ; python_full_version >= '3.12'"],
    }


def test_the_oldest_version_is_the_lower_bound() -> None:
    assert oldest_versions(["PySide6-Essentials>=6.8.3,!=6.12.0"]) == {
        "pyside6-essentials": "PySide6-Essentials==6.8.3"
    }
    with pytest.raises(ValueError, match="click: no lower bound"):
        oldest_versions(["click"])


def test_each_run_time_package_is_at_its_oldest_version_and_the_tools_are_as_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bounds = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    without_more = [bound.partition(";")[0].partition(",")[0].replace(">=", "==") for bound in bounds]
    assert list(oldest_packages().values()) == without_more
    names = {line.partition("==")[0] for line in constraints()}
    assert {"pytest", "hypothesis", "cython"} <= names
    assert names.isdisjoint({*oldest_packages(), "shiboken6"})


def test_a_tool_that_is_a_run_time_package_too_is_at_its_oldest_version() -> None:
    tools = development_packages()
    assert {"pytest", "mypy", "sphinx"} <= set(tools)
    assert {"mcap==1.6", "prometheus-client==0.21"} <= set(oldest_packages().values())
    assert "mcap" not in tools
