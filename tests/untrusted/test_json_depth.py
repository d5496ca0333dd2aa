"""The depth of JSON text in pieces: it equals the depth of the parsed value, and deep values are cut out."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from bench_app.untrusted.json_depth import MAX_DEPTH, DepthMeter, is_too_deep

TEXTS = ["", "a", "[", "]}", '"', '\\"', "\\", "\\\\", '[{"', '\\"]', "é日", "\n", "{[", '"":']


def value_of(rng: random.Random, depth: int) -> Any:
    kind = rng.randrange(6) if depth else rng.randrange(2)
    if kind < 2:
        return rng.choice([rng.choice(TEXTS) + rng.choice(TEXTS), 1.5, None, True])
    if kind < 4:
        return [value_of(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice(TEXTS) + str(number): value_of(rng, depth - 1) for number in range(rng.randrange(4))}


def depth_of(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


def cut(value: Any, limit: int) -> Any:
    """The value with "cut" in place of each object and list deeper than ``limit``."""
    if isinstance(value, dict | list) and not limit:
        return "cut"
    if isinstance(value, dict):
        return {key: cut(inner, limit - 1) for key, inner in value.items()}
    return [cut(inner, limit - 1) for inner in value] if isinstance(value, list) else value


def pieces_of(rng: random.Random, data: bytes) -> list[bytes]:
    marks = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(6)))
    return [data[a:b] for a, b in zip([0, *marks], [*marks, len(data)], strict=True)]


def test_the_depth_in_pieces_is_that_of_the_value() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        value = value_of(rng, 7)
        data = json.dumps(value, ensure_ascii=rng.random() < 0.5).encode()
        meter = DepthMeter()
        assert max(meter.feed(piece) for piece in pieces_of(rng, data)) == depth_of(value), seed
        assert meter.depth == 0, seed


def test_only_values_beyond_the_limit_are_cut() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        value, limit = value_of(rng, 7), rng.randrange(1, 6)
        data = json.dumps(value).encode()
        meter = DepthMeter()
        kept = b"".join(meter.feed_and_cut(piece, limit, b'"cut"') for piece in pieces_of(rng, data))
        assert json.loads(kept) == cut(value, limit), seed
        assert kept == data or depth_of(value) > limit, seed


@pytest.mark.parametrize("open_, close, depth", [(b"[", b"]", 1), (b'{"a":', b"}", 1), (b'[{"[":', b"}]", 2)])
def test_the_limit_itself_is_allowed(open_: bytes, close: bytes, depth: int) -> None:
    levels = MAX_DEPTH // depth
    assert not is_too_deep(open_ * levels + b"1" + close * levels)
    assert is_too_deep(open_ * (levels + 1) + b"1" + close * (levels + 1))


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert not is_too_deep(b"[" + b",".join([b"[[]]"] * 10_000) + b"]")
    assert not is_too_deep(b'["' + b"[" * 10_000 + b'"]')
