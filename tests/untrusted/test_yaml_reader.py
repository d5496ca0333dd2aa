"""The reader of YAML keeps its limits, also where aliases repeat values, before it makes any value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

yaml: Any = pytest.importorskip("yaml")

from bench_app.untrusted import yaml_reader  # noqa: E402
from bench_app.untrusted.json_depth import MAX_DEPTH  # noqa: E402
from bench_app.untrusted.yaml_reader import BadYamlError, read_yaml  # noqa: E402

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab: *&-"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
)


def chain(links: int, repeats: int) -> bytes:
    """A list, and after it lists that each repeat the one before so many times."""
    lines = ["- &a0 [x]"]
    lines += [f"- &a{at} [{', '.join([f'*a{at - 1}'] * repeats)}]" for at in range(1, links + 1)]
    return "\n".join(lines).encode()


@given(PLAIN)
def test_plain_data_is_read(value: Any) -> None:
    assert read_yaml(yaml.safe_dump(value).encode()) == value


def test_an_alias_repeats_its_value() -> None:
    assert read_yaml(b"a: &one {b: [1]}\nc: *one\nd: {<<: *one, e: 2}\nf: &two 3\ng: *two\n") == {
        "a": {"b": [1]},
        "c": {"b": [1]},
        "d": {"b": [1], "e": 2},
        "f": 3,
        "g": 3,
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b"{a: " * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b"\n".join(b" " * at + b"a:" for at in range(MAX_DEPTH + 1)) + b" 1", "nested too deeply"),
        (chain(MAX_DEPTH + 1, 1), "nested too deeply"),
        (chain(9, 9), "more than 1,000,000 values"),
        (b"&a [*a]", "within the value that it repeats"),
        (b"&a {b: {c: *a}}", "within the value that it repeats"),
        (b"*a", "the alias a is unknown"),
        (b"a: [", "no YAML"),
        (b"2026-02-30", "no YAML"),
        (b"\xff", "no YAML"),
    ],
)
def test_what_is_no_yaml_or_exceeds_a_limit_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(BadYamlError, match=reason):
        read_yaml(text)


@pytest.mark.parametrize("links", [MAX_DEPTH - 2, MAX_DEPTH - 1])
def test_the_depth_is_that_of_the_value(links: int) -> None:
    assert (links + 2 <= MAX_DEPTH) == _is_read(chain(links, 1))


def test_the_number_of_values_is_that_of_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    # The list of all, its four parts, and in each 1, 1 + 2 * 2, 1 + 2 * 5, 1 + 2 * 11 values.
    monkeypatch.setattr(yaml_reader, "MAX_VALUES", 1 + 2 + 5 + 11 + 23)
    assert _is_read(chain(3, 2))
    assert not _is_read(chain(3, 2) + b"\n- 1")


def _is_read(text: bytes) -> bool:
    try:
        read_yaml(text)
    except BadYamlError:
        return False
    return True
