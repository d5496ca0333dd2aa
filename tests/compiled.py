"""Compiled modules for tests: missing ones skip a test, or fail it where they must be there."""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import Any

import pytest

IS_REQUIRED = os.environ.get("ZMQ_BENCH_REQUIRE_COMPILED") == "1"


def compiled(name: str) -> Any:
    """A module of ``bench_app.data_plane``; skips the calling test, or the calling test file, if it is not compiled."""
    module = f"bench_app.data_plane.{name}"
    if IS_REQUIRED:
        return importlib.import_module(module)
    found: ModuleType = pytest.importorskip(module, reason=f"{name} is not compiled")
    return found
