"""Checks are parsed from text. A faulty check is refused with the column and the expected text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.engine.check_evaluation import CheckResult, evaluate
from bench_app.errors import CheckError, InputError
from bench_app.preset.checks import Check, parse_check

KNOWN = {
    "pub": ["fast", "slow"],
    "push": ["pull-1", "pull-2"],
    "req": ["rep-1"],
    "a/b": ["c"],
    "a": ["b", "b/c"],
    "x:y": ["z:1"],
}


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("drops == 0", (None, None, "drops", "==", 0)),
        ("latency.response.p99_ms < 5", (None, None, "latency.response.p99_ms", "<", 5)),
        ("  pub :rate>=1e3  ", ("pub", None, "rate", ">=", 1000.0)),
        ("pub/slow: lost != -2.5", ("pub", "slow", "lost", "!=", -2.5)),
        ("a/b: drops <= 1", ("a/b", None, "drops", "<=", 1)),
        ("a/b/c: received > 1", ("a/b", "c", "received", ">", 1)),
        ("x:y: drops == 0", ("x:y", None, "drops", "==", 0)),
        ("x:y/z:1: received == 0", ("x:y", "z:1", "received", "==", 0)),
    ],
)
def test_reads(text: str, check: tuple[Any, ...]) -> None:
    assert parse_check(text, KNOWN) == Check(text, *check)


def test_a_shorter_handler_name_is_taken_if_the_longer_one_does_not_have_the_listener() -> None:
    check = parse_check("a/b/c: received > 1", {"a": ["b/c"], "a/b": ["d"]})
    assert (check.handler, check.listener) == ("a", "b/c")


@pytest.mark.parametrize("text", ["pub/slow: rate_now > 5", "pub: new.offered > 5", "pub: new.received > 5"])
def test_only_a_step_reads_what_a_run_under_way_has(text: str) -> None:
    assert parse_check(text, KNOWN, in_run=True).text == text
    with pytest.raises(CheckError, match="only the steps of a timeline have"):
        parse_check(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("new.lost > 5", "a handler and a colon before new.lost"),
        ("pub/slow: new.offered > 5", "the handler alone"),
        ("pub: new.losst > 5", "did you mean new.lost?"),
    ],
)
def test_a_step_reads_one_unit(text: str, expected: str) -> None:
    with pytest.raises(CheckError) as caught:
        parse_check(text, KNOWN, in_run=True)
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("", 1, "a metric"),
        ("drop == 0", 1, "did you mean drops?"),
        ("pub: latency.response.p99 < 5", 6, "did you mean latency.response.p99_ms?"),
        ("latency.p99_ms < 5", 1, "a metric"),
        ("drops", 6, "one of < <="),
        ("drops = 0", 7, "one of < <="),
        ("drops =< 0", 7, "one of < <="),
        ("drops is 0", 7, "one of < <="),
        ("drops ==", 9, "a number"),
        ("drops == zero", 10, "a number"),
        ("drops == nan", 10, "a number"),
        ("drops == 1e999", 10, "a number"),
        ("drops == 0x10", 11, "the end of the check"),
        ("drops == 5 ms", 12, "the end of the check"),
        ("drops == 0 and lost == 0", 12, "the end of the check"),
        ("pib: drops == 0", 1, "did you mean pub?"),
        (": drops == 0", 1, "the name of a handler"),
        ("pub/slaw: drops == 0", 5, "did you mean slow?"),
        ("pub/slow: offered == 0", 1, "offered is a metric of pub"),
        ("__import__('os') == 0", 1, "a metric"),
    ],
)
def test_refuses_a_faulty_check_with_its_column(text: str, column: int, expected: str) -> None:
    with pytest.raises(CheckError) as caught:
        parse_check(text, KNOWN)
    assert caught.value.column == column
    assert expected in caught.value.expected
    assert isinstance(caught.value, InputError)


@given(st.text() | st.text(alphabet="drops<>=!: 0123456789./ape"))
def test_any_text_is_a_check_or_an_error(text: str) -> None:
    try:
        check = parse_check(text, KNOWN)
    except CheckError as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert isinstance(evaluate(check, {}), CheckResult)
