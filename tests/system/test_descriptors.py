"""The limit of file descriptors: raised where the system allows it, else named in a message."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench_app.system.descriptors import shortage


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_enough_descriptors_change_nothing(limits: tuple[int, int]) -> None:
    assert shortage(1) is None
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == limits


def test_the_soft_limit_is_raised(limits: tuple[int, int]) -> None:
    hard = limits[1]
    opened = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 5, hard))
    assert shortage(50) is None
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= opened + 49


def test_a_hard_limit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (64, 64))
    message = shortage(1000)
    assert message is not None and "the limit is 64 (see ulimit -n)" in message
