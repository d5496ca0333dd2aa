"""Tests of the library on both data planes: a fixture that a test file imports."""

from __future__ import annotations

import pytest

from bench_app.data_plane import plane
from bench_app.data_plane.choice import PlaneName
from tests.compiled import compiled


@pytest.fixture(params=["compiled", "python"])
def each_plane(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PlaneName:
    """Handlers that are made in this test use this plane."""
    name: PlaneName = request.param
    if name == "compiled":
        compiled("sending")
    found = plane.find_plane(name)
    assert found.report.name == name
    monkeypatch.setattr(plane, "active", lambda: found)
    return name
