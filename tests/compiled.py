"""Compiled modules for tests: missing or outdated ones skip a test, or fail it where they must be there."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench_app import data_plane
from bench_app.data_plane.sources import are_modules_current

IS_REQUIRED = os.environ.get("ZMQ_BENCH_REQUIRE_COMPILED") == "1"


def compiled(name: str) -> Any:
    """A module of ``bench_app.data_plane``; skips the calling test, or the calling test file, if it is not compiled
    from the sources of today."""
    module = f"bench_app.data_plane.{name}"
    is_current = are_modules_current(Path(data_plane.__file__).parent)
    if IS_REQUIRED:
        assert is_current, "the compiled modules are outdated"
        return importlib.import_module(module)
    if not is_current:
        pytest.skip("the compiled modules are outdated", allow_module_level=True)
    found: ModuleType = pytest.importorskip(module, reason=f"{name} is not compiled")
    return found
