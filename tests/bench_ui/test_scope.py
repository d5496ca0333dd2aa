"""The selection: which handlers it includes, and its label."""

from __future__ import annotations

import pytest
from bench_ui.scope import Scope

from bench_app.engine.unit_key import UnitKey


@pytest.mark.parametrize(
    ("scope", "included", "label"),
    [
        (Scope(), [], "0 handlers"),
        (Scope(("pub",)), ["pub"], "pub"),
        (Scope(("pub", "req")), ["pub", "req"], "2 handlers"),
        (Scope(("pub",), "left"), ["pub"], "pub/left"),
        (Scope(everything=True), ["pub", "req", "push"], "all handlers"),
    ],
)
def test_the_label_says_what_is_selected(scope: Scope, included: list[str], label: str) -> None:
    assert scope.label(included, total=3) == label


def test_a_scope_includes_its_handlers_and_their_listeners() -> None:
    scope = Scope(("pub",))
    assert scope.includes(UnitKey("pub")) and scope.includes_listener(UnitKey("pub", "left"))
    assert not scope.includes(UnitKey("pu")) and not scope.includes_listener(UnitKey("req", "rep-1"))
    assert not Scope().includes(UnitKey("pub"))


def test_a_single_listener_leaves_out_the_others_of_its_handler() -> None:
    scope = Scope(("pub",), "left")
    assert scope.includes_listener(UnitKey("pub", "left"))
    assert not scope.includes_listener(UnitKey("pub", "right"))


def test_a_handler_includes_its_predecessors_before_a_restart() -> None:
    before = UnitKey("pub").departed(12.3, ())
    assert Scope(("pub",)).includes(before)
    assert not Scope(("req",)).includes(before)


def test_everything_includes_handlers_that_left() -> None:
    scope = Scope(("pub",), everything=True)
    assert scope.includes(UnitKey("gone")) and scope.includes(UnitKey("req").departed(12.3, ()))
