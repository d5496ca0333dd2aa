"""The key of a trial says what the trial changed."""

from __future__ import annotations

import msgspec
from bench_ui.lab.trial_key import duration_of, load_of, trial_values

from bench_app.lab.find import find_values
from bench_app.lab.laboratory import _key_of
from bench_app.lab.rate_search import Goal
from tests.bench_ui.lab.entries import document


def test_the_values_of_a_trial_are_found_in_its_key() -> None:
    values = trial_values(_key_of(find_values(document(), [Goal(0.0)], 5000.0, 0.8)))
    assert load_of(values) == {"shape": "constant", "rate": 5000.0}
    assert duration_of(values) == 0.8


def test_other_keys_have_no_values() -> None:
    assert trial_values("capacity") == {} and trial_values('"text"') == {} and trial_values("3") == {}
    assert load_of({}) == {} and duration_of({}) == 0
    assert trial_values(msgspec.json.encode([["a", 1]]).decode()) == {"a": 1}
