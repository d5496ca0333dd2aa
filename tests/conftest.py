"""Fixtures and settings for all tests."""

from __future__ import annotations

import os
import socket
import sys

import pytest
from hypothesis import HealthCheck, settings

# On a busy machine an example may take any time, and no test asserts its duration.
settings.register_profile("bench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For make oldest: the question there is whether a version of a package works at all.
settings.register_profile("few", settings.get_profile("bench"), max_examples=10)
settings.load_profile("bench")

# Tests start hundreds of processes. Each of them would compile the bench again if none could keep its bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture
def free_port() -> int:
    """A free tcp port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
