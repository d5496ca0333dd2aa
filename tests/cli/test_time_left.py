"""Estimates in words."""

from __future__ import annotations

from bench_app.cli.time_left import format_left


def test_an_estimate_has_its_best_unit() -> None:
    assert format_left(0.2) == "about 1 s left"
    assert format_left(45.4) == "about 45 s left"
    assert format_left(600) == "about 10 min left"
