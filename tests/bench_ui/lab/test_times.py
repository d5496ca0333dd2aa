"""Estimates of time."""

from __future__ import annotations

import pytest
from bench_ui.lab.times import about


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "about 1 s"), (89, "about 89 s"), (240, "about 4 min"), (9000, "about 2.5 h")]
)
def test_an_estimate_has_few_digits(seconds: float, text: str) -> None:
    assert about(seconds) == text
