"""Random texts match their pattern."""

from __future__ import annotations

import re
from random import Random

import pytest

from bench_app.sources.regex_text import UnreadPatternError, maker_of

PATTERNS = (
    *(
        "",
        "abc",
        "^abc$",
        "a|b|cd",
        "(a|b)+c?",
        "[a-z]{3}",
        "[a-z]{2,}",
        "[a-z]{0,3}",
        "[^a-z]",
        r"[\w.-]+@[\w-]+\.\w{2,3}",
    ),
    *(
        r"\d{4}-\d\d-\d\d",
        r"^\+?[1-9]\d{6,14}$",
        "(?:x(?<name>y))*",
        r"[\]\\-]",
        r"\x41\u0042\.",
        "a+?b*?",
        r"\s\S\D\W",
        "[]a]",
    ),
    *("^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$", "^#([0-9a-fA-F]{6})$", ".{5}", r"a\/b"),
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_text_matches(pattern: str) -> None:
    make = maker_of(pattern)
    compiled = re.compile(pattern.replace("(?<", "(?P<"))
    for seed in range(100):
        assert compiled.fullmatch(make(Random(seed)))


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)", "(?!a)", "(?<=a)b", r"\1", r"\p{L}", "(a", "a)", "[a", "*a", "a{x}", "a\\", r"\bword", "[^ -~]"],
)
def test_a_pattern_that_is_not_read_is_refused(pattern: str) -> None:
    with pytest.raises(UnreadPatternError):
        maker_of(pattern)
