"""Texts for types, as faults and the documentation show them, and the types to which msgspec converts leaves."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, inspect

from bench_app.model import Load, SizeDistribution
from bench_app.model.type_text import describe_type, leaf_type

WORDS: list[tuple[Any, str]] = [
    (int, "an integer"),
    (Annotated[int, Meta(ge=0, le=65_535)], "an integer from 0 to 65535"),
    (Annotated[int, Meta(ge=1, le=1)], "an integer equal to 1"),
    (Annotated[float, Meta(gt=0, le=2.5)], "a number above 0 and at most 2.5"),
    (Annotated[float, Meta(ge=1, lt=5)], "a number at least 1 and below 5"),
    (str, "text"),
    (Annotated[str, Meta(max_length=5)], "text of at most 5 characters"),
    (Annotated[str, Meta(min_length=1)], "text of at least 1 character"),
    (Annotated[str, Meta(min_length=1, max_length=200)], "text of 1 to 200 characters"),
    (Literal["b", "a"], "one of a, b"),
    (bool, "true or false"),
    (bool | None, "true or false or null"),
    (tuple[int, int], "a list of 2 items"),
    (list[int], "a list"),
    (Annotated[tuple[int, ...], Meta(min_length=2)], "a list of at least 2 items"),
    (dict[str, int], "an object"),
    (Annotated[dict[str, int], Meta(min_length=1)], "an object with at least one key"),
    (Load, 'an object with "shape"'),
    (int | SizeDistribution, 'an integer or an object with "distribution"'),
    (Any, "anything"),
]


@pytest.mark.parametrize(("type_", "words"), WORDS, ids=[words for _, words in WORDS])
def test_the_text_for_a_type(type_: Any, words: str) -> None:
    assert describe_type(inspect.type_info(type_)) == words


def test_the_meaning_of_a_key_comes_after_its_type() -> None:
    described = inspect.type_info(Annotated[int, Meta(ge=0, description="Seed")])
    assert describe_type(described) == "an integer at least 0"
    assert describe_type(described, with_meaning=True) == "an integer at least 0 - Seed"


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (Annotated[int, Meta(ge=0, le=5)], 5, 6),
        (Annotated[float, Meta(gt=0)], 0.5, 0),
        (Annotated[str, Meta(min_length=1)], "a", ""),
        (Literal["a"], "a", "b"),
        (bool, True, 1),
        (None, None, 0),
    ],
)
def test_a_leaf_is_converted_within_its_limits(type_: Any, good: Any, bad: Any) -> None:
    leaf = leaf_type(inspect.type_info(type_))
    assert msgspec.convert(good, leaf) == good
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, leaf)


def test_a_list_is_not_a_leaf() -> None:
    with pytest.raises(TypeError, match="not a leaf of a preset"):
        leaf_type(inspect.type_info(list[int]))
