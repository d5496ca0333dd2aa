"""A request names one unit."""

from __future__ import annotations

from bench_ui.panels.unit_request import UnitAction, UnitRequest


def test_a_request_without_a_listener_is_for_the_handler() -> None:
    assert UnitRequest(UnitAction.STOP, "h").listener == ""
    assert UnitRequest(UnitAction.KILL, "h", "l") != UnitRequest(UnitAction.KILL, "h")
