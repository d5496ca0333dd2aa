from __future__ import annotations

from bench_app.engine.control.messages import unit_identity


def test_each_incarnation_of_a_unit_has_an_identity_of_its_own() -> None:
    identities = {unit_identity(unit, number) for unit in ("handler-1", "handler-1/listener-1") for number in range(3)}
    assert len(identities) == 6
