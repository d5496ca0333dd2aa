"""Fixtures and settings for all tests."""

from __future__ import annotations

import socket

import pytest
from hypothesis import HealthCheck, settings

# On a busy machine an example may take any time, and no test asserts its duration.
settings.register_profile("bench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bench")


@pytest.fixture
def free_port() -> int:
    """A free tcp port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
