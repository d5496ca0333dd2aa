"""Fixtures for the commands."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from bench_app.system.signals import ENDING_SIGNALS


@pytest.fixture
def restored_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
